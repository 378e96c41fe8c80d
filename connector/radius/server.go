package radius

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
)

// maxInFlight is how many requests one server may have before it at once: over
// TLS that is how many ids there are.
const maxInFlight = 256

// errUnsent marks a fault before the server can have got anything: another one may
// be asked then. Otherwise the password was perhaps counted already (CON-2).
var errUnsent = errors.New("not asked")

// server is one of Config.Servers with what is known of it.
type server struct {
	address string
	secret  []byte
	tls     *TLS
	config  Config
	slots   chan struct{} // one for each request that is out

	mu      sync.Mutex
	silent  bool      // gave no valid answer when it was last asked
	until   time.Time // a silent one is left out until then
	trusted *tls.Config

	dialing chan struct{} // held by who makes a connection
	link    *link         // over TLS; nil before the first one
	closed  bool

	life    context.Context // until Close
	end     context.CancelFunc
	probing sync.WaitGroup
}

func newServer(s Server, config Config) *server {
	life, end := context.WithCancel(context.Background())
	return &server{
		life: life, end: end,
		address: s.Address, secret: []byte(s.Secret.Reveal()), tls: s.TLS, config: config,
		slots: make(chan struct{}, maxInFlight), dialing: make(chan struct{}, 1),
	}
}

// due reports whether people's passwords go to the server. One that gave no valid
// answer is asked without them first, in the background, when its pause is over.
func (s *server) due() bool {
	now := s.config.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent && !s.closed && !now.Before(s.until) {
		s.until = now.Add(s.config.Pause)
		s.probing.Go(func() {
			ctx, cancel := context.WithTimeout(s.life, 2*s.patience())
			defer cancel()
			_ = s.check(ctx) // an answer ends the silence
		})
	}
	return !s.silent
}

// failed is when the server was last found silent, or will be asked again.
func (s *server) failed() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.until
}

// note remembers how it went and logs what changed.
func (s *server) note(err error) {
	s.mu.Lock()
	before := s.silent
	s.silent = err != nil
	s.until = s.config.Now().Add(s.config.Pause)
	s.mu.Unlock()
	switch {
	case err != nil && !before:
		s.config.Logger.Warn("radius: a server gives no valid answer", slog.String("server", s.address), slog.Any("cause", err))
	case err == nil && before:
		s.config.Logger.Info("radius: a server answers again", slog.String("server", s.address))
	}
}

// patience is how long one server is waited for.
func (s *server) patience() time.Duration {
	return s.config.Timeout * time.Duration(1+s.config.Retries)
}

// ask sends the question and returns the reply that was verified. It takes no
// longer than patience and ctx. The error says why there was none; nobody is let
// in or kept out by it.
func (s *server) ask(ctx context.Context, q question, patience time.Duration) (packet, error) {
	within, cancel := context.WithTimeout(ctx, min(patience, s.patience()))
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-within.Done():
		return packet{}, fmt.Errorf("%s: %w: %d requests wait for an answer already", s.address, errUnsent, maxInFlight)
	}
	exchange, transport := s.overUDP, "udp"
	if s.tls != nil {
		exchange, transport = s.overTLS, "tls"
	}
	ostiary.Trace(ctx, "request sent", slog.String("server", s.address), slog.String("over", transport), slog.Bool("answers_challenge", len(q.state) > 0))
	reply, err := exchange(within, q)
	switch {
	case err == nil:
		s.note(nil)
		return reply, nil
	case ctx.Err() != nil: // the caller left; that says nothing of the server
		return packet{}, fmt.Errorf("%s: %w: %w", s.address, ctx.Err(), err)
	case q.code == statusServer: // not every server knows it
	case within.Err() == nil || patience >= s.config.Timeout:
		s.note(err)
	}
	ostiary.Trace(ctx, "no valid answer", slog.String("server", s.address), slog.Any("cause", err))
	return packet{}, fmt.Errorf("%s: %w", s.address, err)
}

// silence is the error when the time is over. ignored is why the last reply did
// not count, nil if there was none.
func silence(ignored error) error {
	if ignored != nil {
		return fmt.Errorf("no valid answer; one was ignored: %w", ignored)
	}
	return errors.New("no answer: does it listen there, is this machine among its clients, is the secret the same?")
}

// overUDP asks from a socket of its own: its port is one of chance, and the system
// hands on nothing that comes from elsewhere than the server's address and port
// (RAD-1). What is sent again is the same packet, so that the server takes it for
// the same attempt (RFC 5080, section 2.2.2).
func (s *server) overUDP(ctx context.Context, q question) (packet, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", s.address)
	if err != nil {
		return packet{}, fmt.Errorf("%w: %w", errUnsent, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r := q.request(randomID(), s.secret)
	r.lenient = s.config.InsecureAllowMissingMessageAuthenticator
	var ignored error
	buffer := make([]byte, maxPacket)
	for try := range 1 + s.config.Retries {
		_ = conn.SetReadDeadline(time.Now().Add(s.config.Timeout))
		if ctx.Err() != nil {
			break
		}
		if _, err := conn.Write(r.wire); err != nil {
			return packet{}, s.unreachable(try, err)
		}
		reply, err := s.listen(ctx, conn, r, buffer, &ignored)
		if err == nil {
			return reply, nil
		}
		if fault, ok := errors.AsType[net.Error](err); !ok || !fault.Timeout() {
			return packet{}, s.unreachable(try, err)
		}
	}
	return packet{}, silence(ignored)
}

// unreachable is what the network says of a packet that it could not deliver. Of
// several, the first one may have arrived.
func (*server) unreachable(try int, err error) error {
	err = fmt.Errorf("nothing listens there: %w", err)
	if try == 0 {
		return fmt.Errorf("%w: %w", errUnsent, err)
	}
	return err
}

// listen reads until a reply is valid or the connection's deadline has come. What
// is not valid is passed over: it may come from anybody, and the true one may yet
// arrive.
func (s *server) listen(ctx context.Context, conn net.Conn, r request, buffer []byte, ignored *error) (packet, error) {
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return packet{}, err
		}
		reply, err := r.verify(buffer[:n])
		if err == nil {
			return reply, nil
		}
		*ignored = err
		ostiary.Trace(ctx, "reply ignored", slog.String("server", s.address), slog.Any("cause", err))
	}
}
