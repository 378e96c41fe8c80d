package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/pages"
)

// Options say how Serve runs. Config is required.
type Options struct {
	// Config is what to start with.
	Config *Config
	// Load reads the configuration anew when a Reload arrives. A fault leaves
	// the running one in place. Nil: there is no reloading.
	Load func() (*Config, error)
	// Reload tells when to read the configuration anew. Nil means never.
	Reload <-chan os.Signal
	// Log is where log lines go. Nil means nowhere.
	Log io.Writer
	// Ready, if not nil, is told the address once connections are accepted.
	Ready func(net.Addr)
	// Idle, if not nil, is called soon after the start and whenever a minute has
	// passed without a request after there were some: the moments at which memory
	// can be given back. It delays nobody.
	Idle func()

	// listener replaces the one for Config.Listen, and panels follow on the
	// page of signed-in people: the demonstration brings both.
	listener net.Listener
	panels   []pages.Panel
	around   func(http.Handler) http.Handler
}

// drainTime is how long requests in flight may take to end once the server is
// asked to stop.
const drainTime = 10 * time.Second

// Serve runs the service until ctx ends, then stops accepting, lets the
// requests in flight finish for at most ten seconds, and returns nil. What
// keeps it from starting is the error; a Faults where the configuration is at
// fault.
func Serve(ctx context.Context, o Options) error {
	if o.Log == nil {
		o.Log = io.Discard
	}
	store, err := o.Config.openStore(ctx, o.Config.Log.logger(o.Log))
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // the process ends; there is nobody to tell
	s := &running{options: o, store: store}
	if err := s.install(o.Config); err != nil {
		return err
	}
	defer func() { _ = s.now.Load().instance.Close() }()

	public := o.listener
	if public == nil {
		var err error
		if public, err = listen(ctx, o.Config.Listen, "change listen or give --listen"); err != nil {
			return err
		}
	}
	ctx, fail := context.WithCancelCause(ctx)
	s.fail = fail
	handler := guarded(http.HandlerFunc(s.serveHTTP), s.logger)
	servers := []*http.Server{s.start(limit(public, o.Config.Connections), handler)}
	if o.Config.AdminListen != "" {
		admin, err := listen(ctx, o.Config.AdminListen, "change admin.listen")
		if err != nil {
			return errors.Join(err, servers[0].Close())
		}
		servers = append(servers, s.start(limit(admin, 64), guarded(http.HandlerFunc(s.serveAdmin), s.logger)))
	}
	if o.Config.store.memory != nil && len(o.Config.Service.Factors.Kinds) > 0 && o.listener == nil {
		s.logger().Warn("the store is memory: enrolled factors are gone when this process ends")
	}
	s.logger().Info("serving", "address", public.Addr().String(), "url", o.Config.Service.URL)
	if o.Ready != nil {
		o.Ready(public.Addr())
	}
	if o.Idle != nil {
		go s.rest(ctx)
	}
	s.reload(ctx)
	return errors.Join(s.drain(servers), failure(ctx))
}

// running is a server and the configuration that it runs at the moment.
type running struct {
	options  Options
	store    ostiary.Store // outlives reloads
	now      atomic.Pointer[installed]
	requests atomic.Uint64 // that have come to the public address
	health   healthMemo
	fail     context.CancelCauseFunc // ends Serve with an error
}

// listenerError ends Serve when connections are accepted no longer.
type listenerError struct{ cause error }

func (e listenerError) Error() string { return "the listener failed: " + e.cause.Error() }
func (e listenerError) Unwrap() error { return e.cause }

// failure returns what ended ctx, nil when that was somebody's wish, such as a
// signal.
func failure(ctx context.Context) error {
	var failed listenerError
	if errors.As(context.Cause(ctx), &failed) {
		return failed
	}
	return nil
}

// installed is a configuration in use.
type installed struct {
	config   *Config
	instance *Instance
	handler  http.Handler
	logger   *slog.Logger
}

func (s *running) logger() *slog.Logger { return s.now.Load().logger }

func (s *running) serveHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	s.now.Load().handler.ServeHTTP(w, r)
}

// install builds a configuration and puts it in the place of the running one,
// which is left alone when that fails.
func (s *running) install(c *Config) error {
	logger := c.Log.logger(s.options.Log)
	instance, err := c.Build(logger, s.store)
	if err != nil {
		return err
	}
	home := newWelcome(c, instance.Service, s.options.panels)
	next := &installed{config: c, instance: instance, logger: logger, handler: front(c.base(), c.secure(), instance.Service, home)}
	if s.options.around != nil {
		next.handler = s.options.around(next.handler)
	}
	if before := s.now.Swap(next); before != nil {
		// Requests that began before may still ask through the old connectors,
		// so these are let go only when the last of them must have ended.
		time.AfterFunc(writeTimeout, func() { _ = before.instance.Close() })
	}
	return nil
}

// reload waits for ctx to end and reads the configuration anew when told to.
func (s *running) reload(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.options.Reload:
			s.reloadOnce()
		}
	}
}

func (s *running) reloadOnce() {
	if s.options.Load == nil {
		return
	}
	before := s.now.Load()
	c, err := s.options.Load()
	if err == nil {
		err = s.install(c)
	}
	if err != nil {
		before.logger.Error("configuration not reloaded, the running one stays", "faults", messages(err))
		return
	}
	logger := s.logger()
	for _, fixed := range []struct {
		key      string
		was, now any
	}{
		{"listen", before.config.Listen, c.Listen},
		{"admin.listen", before.config.AdminListen, c.AdminListen},
		{"limits.connections", before.config.Connections, c.Connections},
		{"store", before.config.store.name(), c.store.name()},
	} {
		if fixed.was != fixed.now {
			logger.Warn("this key takes effect at a restart only", "key", fixed.key)
		}
	}
	logger.Info("configuration reloaded", "providers", len(c.providers))
}

// Timeouts and sizes of FAL-4. A request has ten seconds to arrive; an answer,
// with the question to the user system in it, thirty.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
)

func (s *running) start(l net.Listener, handler http.Handler) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader - 4096, // net/http adds these 4096 itself
		ErrorLog:          slog.NewLogLogger(s.logger().Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.fail(listenerError{err})
		}
	}()
	return server
}

// drain stops accepting and waits for what is in flight.
func (s *running) drain(servers []*http.Server) error {
	s.logger().Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var errs []error
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			s.logger().Warn("requests were cut off", "cause", err)
			errs = append(errs, server.Close())
		}
	}
	s.logger().Info("stopped")
	return errors.Join(errs...)
}

// listen opens a port. Its error says what to do about it.
func listen(ctx context.Context, address, mend string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	if inUse(err) {
		return nil, fmt.Errorf("%s is taken by another program; stop that one, or %s", address, mend)
	}
	return nil, fmt.Errorf("can't listen at %s: %w; %s", address, err, mend)
}

func (c *Config) base() string {
	base := c.Service.BasePath
	if base == "" {
		base = "/api/auth"
	}
	for base != "" && base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	if base != "" && base[0] != '/' {
		base = "/" + base
	}
	return base
}

func (l LogConfig) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level, ReplaceAttr: utc}
	if l.Text {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// utc writes the time of each line in UTC (LOG-3).
func utc(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
