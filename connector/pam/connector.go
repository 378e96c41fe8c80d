package pam

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Connector asks one PAM service. It is safe for concurrent use, and its methods
// return when their context ends.
type Connector struct {
	config  Config
	open    opener
	slots   chan struct{} // one for each call of PAM that is under way
	waiting atomic.Int64
}

var _ ostiary.Authorizer = new(Connector).Authorize

// New checks the configuration. Its error joins every fault, each beginning with
// the name of a field of Config; in a build without PAM it is ErrNotBuilt.
func New(config Config) (*Connector, error) {
	if !built {
		return nil, ErrNotBuilt
	}
	return newConnector(config, openStack)
}

func newConnector(config Config, open opener) (*Connector, error) {
	config = config.settled()
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Connector{config: config, open: open, slots: make(chan struct{}, config.MaxConcurrent)}, nil
}

// Authorize asks PAM about name and password. It is an [ostiary.Authorizer]: a user,
// nil and nil for a refusal, a *ostiary.Refusal for a state that Config.Reveal
// lists, or an error that is ostiary.ErrUnavailable.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	name, password := credentials.Get(c.config.UsernameField), credentials.Get(c.config.PasswordField)
	if password == "" { // PWD-8
		return nil, nil
	}
	if !isName(name) || !isPassword(password) {
		ostiary.Trace(ctx, "PAM not asked: no module could tell this name or password from another")
		return nil, nil
	}
	talk := &conversation{password: password}
	to := c.target(ctx, name)
	to.answer = talk.answer
	began := time.Now()
	r := c.ask(ctx, func() result { return c.signIn(to, talk) })
	var no *denial
	if errors.As(r.err, &no) && !c.holdBack(ctx, time.Since(began)) {
		r = result{err: context.Cause(ctx)}
	}
	return c.settle(ctx, r)
}

// holdBack waits until a whole number of steps has passed; it is false when ctx
// ends before.
func (c *Connector) holdBack(ctx context.Context, passed time.Duration) bool {
	step := c.config.RefusalStep
	if step < 0 {
		return true
	}
	rest := time.NewTimer(step - passed%step)
	defer rest.Stop()
	select {
	case <-rest.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Lookup asks the account lines about a user without a password: nil when they
// don't know the name, or when account or access ended. A password that has to be
// changed changes nothing about who somebody is. Every error is
// ostiary.ErrUnavailable.
func (c *Connector) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	if !isName(userID) {
		return nil, nil // we never gave out such an id
	}
	to := c.target(ctx, userID)
	to.answer = new(conversation).refuse
	r := c.ask(ctx, func() result { return c.lookUp(to) })
	var no *denial
	if errors.As(r.err, &no) {
		ostiary.Trace(ctx, "PAM denied", slog.Any("cause", no))
		return nil, nil
	}
	return c.settle(ctx, r)
}

func (c *Connector) target(ctx context.Context, name string) target {
	to := target{service: c.config.Service, confDir: c.config.ConfDir, name: name}
	if addr := ostiary.ClientAddr(ctx); addr.IsValid() {
		to.host = addr.WithZone("").String()
	}
	return to
}

func (c *conversation) refuse(bool) (string, error) {
	c.refused = true
	return "", errAskedMore
}

// result is what came of one call.
type result struct {
	user *ostiary.User
	err  error
}

// signIn goes through auth and account lines.
func (c *Connector) signIn(to target, talk *conversation) result {
	s, err := c.open(to)
	if err != nil {
		return result{err: err}
	}
	defer s.end()
	if err := s.authenticate(); err != nil {
		if talk.refused {
			// Whatever the modules made of it: nobody gets in this way, and it
			// must not look different from a wrong password.
			err = &denial{cause: errAskedMore}
		}
		return result{err: err}
	}
	if !talk.given {
		// A stack that lets people in without looking at the password.
		return result{err: errors.New("the auth lines succeeded without asking for the password")}
	}
	if err := s.account(); err != nil {
		return result{err: err}
	}
	return c.found(s)
}

func (c *Connector) lookUp(to target) result {
	s, err := c.open(to)
	if err != nil {
		return result{err: err}
	}
	defer s.end()
	var no *denial
	if err := s.account(); err != nil && (!errors.As(err, &no) || no.state != ostiary.MustChange) {
		return result{err: err}
	}
	r := c.found(s)
	if r.err == nil && r.user.ID != to.name {
		return result{err: errors.New("the account lines made another name of it")}
	}
	return r
}

func (c *Connector) found(s stack) result {
	name, err := s.user()
	switch {
	case err != nil:
		return result{err: err}
	case !isName(name):
		return result{err: errors.New("the modules left no name that can be an id")}
	}
	u := &ostiary.User{ID: name, Name: name}
	if c.config.Groups {
		if err := addGroups(u); err != nil {
			return result{err: err}
		}
	}
	return result{user: u}
}

// settle turns a result into what an authorizer returns.
func (c *Connector) settle(ctx context.Context, r result) (*ostiary.User, error) {
	var no *denial
	switch {
	case errors.As(r.err, &no):
		ostiary.Trace(ctx, "PAM denied", slog.String("state", string(no.state)), slog.Any("cause", no.cause))
		if errors.Is(no, errAskedMore) {
			c.config.Logger.LogAttrs(ctx, slog.LevelWarn, "PAM service asks for more than a password: nobody can sign in this way",
				slog.String("service", c.config.Service))
		}
		return nil, c.config.Reveal.Refuse(no.state, no.cause)
	case r.err != nil:
		return nil, ostiary.Unavailable(fmt.Errorf("PAM service %s: %w", c.config.Service, r.err))
	}
	ostiary.Trace(ctx, "PAM agreed", slog.String("user", r.user.ID), slog.Int("groups", len(r.user.Groups)))
	return r.user, nil
}

var errBusy = errors.New("as many calls of PAM are under way and wait as may")

// ask runs call in a goroutine of its own, on a thread of its own, which is waited
// for until ctx ends. The place is given back when the call ends.
func (c *Connector) ask(ctx context.Context, call func() result) result {
	if err := c.acquire(ctx); err != nil {
		return result{err: err}
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-c.slots }()
		// Modules may keep things per thread between the calls of a transaction.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- call()
	}()
	select {
	case r := <-done:
		return r
	case <-ctx.Done():
		return result{err: context.Cause(ctx)}
	}
}

func (c *Connector) acquire(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	defer c.waiting.Add(-1)
	if c.waiting.Add(1) > int64(cap(c.slots)) {
		return errBusy
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errBusy, context.Cause(ctx))
	}
}

const (
	maxName = 256
	// maxPassword is what the helper of pam_unix reads; it cuts off the rest, and
	// then more than one password would match (PWD-3).
	maxPassword = 511
)

// isName refuses what modules have taken for something else: a path to a file of
// their own, an option, two fields of a record. In C a NUL byte ends a text.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && s != "." && s != ".." &&
		!strings.ContainsAny(s, "/:") && !strings.ContainsFunc(s, unicode.IsControl) &&
		s[0] != '-' && s[0] != '+' && s[0] != '~' && strings.TrimSpace(s) == s
}

func isPassword(s string) bool {
	return len(s) <= maxPassword && strings.IndexByte(s, 0) < 0
}
