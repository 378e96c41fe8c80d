package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Connector runs one program. Make it with New; it is safe for concurrent use.
// Authorize, Lookup and Check return as soon as their context ends.
type Connector struct {
	config func() Config // behind a function: the environment may hold secrets, and fmt prints fields

	slots   chan struct{} // one for each program that runs
	waiting atomic.Int64

	closing chan struct{}
	mu      sync.Mutex // over closed and what adds to running
	closed  bool
	running sync.WaitGroup
}

var _ ostiary.Authorizer = new(Connector).Authorize

// New checks the configuration and the program's file. Its error joins every
// fault; each begins with the name of a field of Config.
func New(config Config) (*Connector, error) {
	config = config.settled()
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Connector{
		config:  func() Config { return config },
		slots:   make(chan struct{}, config.MaxProcesses),
		closing: make(chan struct{}),
	}, nil
}

// Authorize runs the program with the credentials. It is an [ostiary.Authorizer]:
// a user, nil and nil or a *ostiary.Refusal for exit 1, a *ostiary.NextStep for
// exit 2, or an error that is ostiary.ErrUnavailable. Of the request only what the
// context says of it is used: address, reference, step.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	if name := c.config().PasswordField; credentials.Has(name) && credentials.Get(name) == "" { // PWD-8
		return nil, nil
	}
	request, err := authorizeRequest(ctx, credentials)
	if errors.Is(err, errNotText) {
		ostiary.Trace(ctx, "program not run", slog.Any("cause", err))
		return nil, nil
	}
	if err != nil {
		return nil, c.unavailable(err)
	}
	done, err := c.run(ctx, request, secretsOf(ctx, credentials, c.config().Env))
	if err != nil {
		return nil, c.unavailable(err)
	}
	return c.settle(judge(done.status, done.output))
}

// CanLookup reports whether the program is asked for users without a password.
func (c *Connector) CanLookup() bool { return c.config().Lookup }

// Lookup finds a user by id, nil without error when there is none any more. Every
// error is ostiary.ErrUnavailable; a user with another id than the one asked for
// is one.
func (c *Connector) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	if !c.CanLookup() {
		return nil, c.unavailable(errors.New("no lookup is configured"))
	}
	request, err := lookupRequest(ctx, userID)
	if err != nil {
		return nil, nil // we never gave out such an id
	}
	done, err := c.run(ctx, request, secretsOf(ctx, form.Values{}, c.config().Env))
	if err != nil {
		return nil, c.unavailable(err)
	}
	return c.settle(judgeLookup(done.status, done.output, userID))
}

// settle makes unavailable of an answer that is none.
func (c *Connector) settle(user *ostiary.User, err error) (*ostiary.User, error) {
	var fault *nonsense
	if errors.As(err, &fault) {
		return nil, c.unavailable(err)
	}
	return user, err
}

// Close ends the programs that run, as at the end of their time, and returns when
// they are gone. What is asked afterwards is unavailable. It never fails.
func (c *Connector) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	c.running.Wait()
	return nil
}

func (c *Connector) unavailable(err error) error {
	return ostiary.Unavailable(fmt.Errorf("%s: %w", c.config().Argv[0], err))
}

// String names the program. No way of printing a Connector shows more.
func (c *Connector) String() string {
	if c == nil || c.config == nil {
		return "command"
	}
	return "command " + c.config().Argv[0]
}

// GoString is String.
func (c *Connector) GoString() string { return c.String() }

// Format prints String for every verb.
func (c *Connector) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Connector) LogValue() slog.Value { return slog.StringValue(c.String()) }
