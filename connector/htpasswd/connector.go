package htpasswd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// Config says which file, and how it is read.
type Config struct {
	// File is the path of the file. It is required, must be a regular file of at
	// most 16 MiB, and may not be writable by everybody.
	File string
	// AllowMD5AndSHA1 also accepts $apr1$ and {SHA}, which htpasswd writes unless
	// told otherwise. Whoever gets hold of the file tries them at billions a
	// second; "htpasswd -B" writes better ones.
	AllowMD5AndSHA1 bool
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string
	// Pool bounds how many hashes run at once. Nil means a pool of its own.
	Pool *passhash.Pool
	// Logger hears of changes and faults. Nil is silent.
	Logger *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Connector is an authorizer. It is safe for concurrent use.
type Connector struct {
	config Config

	mu     sync.Mutex
	people *people
	looked time.Time // when the file was last looked at
}

// lookEvery is how often the file is looked at, at most: once in a sign-in.
const lookEvery = time.Second

// New reads the file. Its error names the line and the mend.
func New(config Config) (*Connector, error) {
	if config.File == "" {
		return nil, errors.New("the file is missing")
	}
	if config.UsernameField == "" {
		config.UsernameField = "username"
	}
	if config.PasswordField == "" {
		config.PasswordField = "password"
	}
	if config.Pool == nil {
		config.Pool = passhash.NewPool(0)
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Connector{config: config, looked: config.Now()}
	var err error
	c.people, err = read(config.File, c.limits())
	return c, err
}

func (c *Connector) limits() passhash.Limits {
	return passhash.Limits{AllowMD5AndSHA1: c.config.AllowMD5AndSHA1}
}

// Authorize verifies name and password. The user's id and name are the name in
// the file; names are compared byte for byte. An unknown name takes as long as a
// wrong password: a hash of the family and cost that most people have is verified
// in its place.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	name, password := credentials.Get(c.config.UsernameField), credentials.Get(c.config.PasswordField)
	if name == "" || password == "" { // PWD-8
		return nil, nil
	}
	people := c.current()
	hash, known := people.hashes[name]
	if !known {
		hash = people.dummy
	}
	ok, err := c.config.Pool.Match(ctx, hash, password)
	switch {
	case err != nil:
		return nil, ostiary.Unavailable(fmt.Errorf("waiting for a place to hash: %w", err))
	case !ok || !known:
		return nil, nil
	}
	return user(name), nil
}

// Lookup finds a person without a password, nil when the file has none of the name.
func (c *Connector) Lookup(_ context.Context, userID string) (*ostiary.User, error) {
	if _, known := c.current().hashes[userID]; !known {
		return nil, nil
	}
	return user(userID), nil
}

// Check reads the file as New does and returns what is wrong with it now.
func (c *Connector) Check(context.Context) error {
	_, err := read(c.config.File, c.limits())
	return err
}

func user(name string) *ostiary.User { return &ostiary.User{ID: name, Name: name} }

// current returns the people, read anew if the file changed since it was last
// looked at. A file that can't be read leaves them as they were: somebody may be
// writing it at this moment.
func (c *Connector) current() *people {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.config.Now()
	if now.Sub(c.looked) < lookEvery && !now.Before(c.looked) {
		return c.people
	}
	c.looked = now
	if c.people.unchanged(c.config.File) {
		return c.people
	}
	next, err := read(c.config.File, c.limits())
	if err != nil {
		c.config.Logger.Error("htpasswd file not read; the people of the last good one count", slog.String("file", c.config.File), slog.Any("cause", err))
		return c.people
	}
	c.config.Logger.Info("htpasswd file read", slog.String("file", c.config.File), slog.Int("people", len(next.hashes)))
	c.people = next
	return next
}
