package htpasswd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// Config says which file, and how it is read.
type Config struct {
	// File is the path of the file. It is required, must be a regular file of at
	// most 16 MiB (or a link to one), and may not be writable by everybody.
	File string
	// AllowMD5AndSHA1 also accepts $apr1$, $1$ and {SHA}, of which the first is
	// what htpasswd writes unless told otherwise. Whoever gets hold of the file
	// tries millions to billions of passwords a second against them; "htpasswd
	// -B" writes better ones.
	AllowMD5AndSHA1 bool
	// AllowDES also accepts what "htpasswd -d" writes, and what Apache wrote long
	// ago: only the first eight characters of such a password count.
	AllowDES bool
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string
	// Reveal lists the states that a person may learn of. The only one that a
	// password file has is ostiary.Locked: a hash that begins with ! or *, or none.
	Reveal ostiary.Reveal
	// Pool bounds how many hashes run at once. Nil means a pool of its own; who
	// has several connectors gives them the same.
	Pool *passhash.Pool
	// Logger hears of changes and faults. Nil is silent.
	Logger *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Connector is an authorizer with a lookup. It is safe for concurrent use and
// returns when a context ends, but for the one hash that it may be at.
type Connector struct {
	usernameField, passwordField string
	reveal                       ostiary.Reveal
	pool                         *passhash.Pool
	source                       *source
}

// New reads the file. Its error names every line that is not in order, and how
// to mend it; what it joins are single faults that begin with "File: ".
func New(config Config) (*Connector, error) {
	if config.File == "" {
		return nil, errors.New("File: is missing")
	}
	c := &Connector{
		usernameField: or(config.UsernameField, "username"),
		passwordField: or(config.PasswordField, "password"),
		reveal:        config.Reveal,
		pool:          config.Pool,
		source: &source{
			file:   config.File,
			reader: read,
			limits: limits(config),
			logger: config.Logger,
			now:    config.Now,
		},
	}
	if c.pool == nil {
		c.pool = passhash.NewPool(0)
	}
	if c.source.logger == nil {
		c.source.logger = slog.New(slog.DiscardHandler)
	}
	if c.source.now == nil {
		c.source.now = time.Now
	}
	if err := c.source.open(); err != nil {
		return nil, err
	}
	return c, nil
}

// limits are those of a configuration. A password that bcrypt would cut off
// never matches, although Apache lets it in: two passwords would (PWD-3).
func limits(config Config) passhash.Limits {
	return passhash.Limits{
		AllowMD5AndSHA1: config.AllowMD5AndSHA1,
		AllowDES:        config.AllowDES,
		WholePassword:   true,
	}
}

// Authorize verifies name and password, in constant time for all who share
// family and cost of their hash. An unknown name, and one that can't sign in,
// takes as long as a wrong password for most people: a hash of the family and
// cost that is commonest in the file is verified in its place (PWD-6). The error
// is ostiary.ErrUnavailable when too many passwords are to be verified, or when
// ctx ends before it is this one's turn; a *ostiary.Refusal for a state that
// Reveal lists.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	name, password := credentials.Get(c.usernameField), credentials.Get(c.passwordField)
	if name == "" || password == "" { // PWD-8
		return nil, nil
	}
	now := c.source.current(ctx)
	p, listed := now.find(name)
	ostiary.Trace(ctx, "name looked up", slog.String("file", c.source.file), slog.Int("people", len(now.all)), slog.Bool("found", listed))
	if p.cause != nil {
		ostiary.Trace(ctx, "hash not usable", slog.Int("line", p.line), slog.Any("cause", p.cause))
	}
	hash := p.hash
	if !p.usable() {
		hash = now.dummy
	}
	match, err := c.pool.Match(ctx, hash, password)
	ostiary.Trace(ctx, "password verified", slog.String("family", string(hash.Family())), slog.Int("cost", hash.Cost().Factor),
		slog.Bool("dummy", !p.usable()), slog.Bool("match", match && p.usable()))
	switch {
	case err != nil:
		return nil, ostiary.Unavailable(fmt.Errorf("verifying a password: %w", err))
	case p.locked():
		return nil, c.reveal.Refuse(ostiary.Locked, nil)
	case !match || !p.usable():
		return nil, nil
	}
	return user(name), nil
}

// Lookup finds a person by id, which is the name, without a password. It is nil
// for whoever is not in the file or can't sign in.
func (c *Connector) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	p, listed := c.source.current(ctx).find(userID)
	ostiary.Trace(ctx, "name looked up", slog.String("file", c.source.file), slog.Bool("found", listed), slog.Bool("usable", p.usable()))
	if !p.usable() {
		return nil, nil
	}
	return user(userID), nil
}

// Check reads the file as New does and returns what is wrong with it now. It
// waits for a file system that hangs until ctx ends.
func (c *Connector) Check(ctx context.Context) error {
	found := make(chan error, 1)
	go func() { found <- c.source.check() }()
	select {
	case err := <-found:
		return err
	case <-ctx.Done():
		return fmt.Errorf("File: %s: the file system does not answer: %w", c.source.file, ctx.Err())
	}
}

func user(name string) *ostiary.User { return &ostiary.User{ID: name, Name: name} }

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
