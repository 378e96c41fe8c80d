package htpasswd_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/form"
)

// What Apache's htpasswd wrote for two passwords.
const (
	horse     = "correct horse battery staple"
	horseBcr  = "$2y$05$u.oW8o9Zq1NICU1LkyXHzutBf/gjdCSr.T98bYnblc0K4C/2XPZ2K"
	horseAPR1 = "$apr1$yleqDZUQ$YHjfkhCYPrgYB5jc0swQU."
	horseDES  = "4Ln5b65a85DE2"
	horse256  = "$5$MYjZREH8sjZ5.Y/1$rFxFSbyLR61kQjd3AB1cOcR0vM4zKY08kfrDKy9sQvA"
	sesame    = "open sesame"
	sesameBcr = "$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg."
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bed is a password file with a connector that reads it.
type bed struct {
	t     testing.TB
	file  string
	clock *clock
	log   *syncBuffer
	*htpasswd.Connector
}

// newBed writes the lines and opens them, with a clock of its own.
func newBed(t testing.TB, config htpasswd.Config, lines ...string) *bed {
	t.Helper()
	b := &bed{t: t, file: filepath.Join(t.TempDir(), "users.htpasswd"), clock: newClock(), log: &syncBuffer{}}
	b.write(lines...)
	config.File, config.Now = b.file, b.clock.Now
	config.Logger = slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := htpasswd.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.Connector = c
	return b
}

// write replaces the text of the file in place, at the time of the clock.
func (b *bed) write(lines ...string) { b.raw(strings.Join(lines, "\n") + "\n") }

func (b *bed) raw(text string) {
	b.t.Helper()
	if err := os.WriteFile(b.file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.touch()
}

func (b *bed) touch() {
	b.t.Helper()
	if err := os.Chtimes(b.file, b.clock.Now(), b.clock.Now()); err != nil {
		b.t.Fatal(err)
	}
}

// try signs in and tells how it ended in one line.
func (b *bed) try(name, password string) string {
	b.t.Helper()
	return verdict(b.Authorize(b.t.Context(), credentials(b.t, name, password), nil))
}

// says compares how a sign-in ends.
func (b *bed) says(name, password, want string) {
	b.t.Helper()
	if got := b.try(name, password); got != want {
		b.t.Errorf("%s: got %s, want %s", name, got, want)
	}
}

// logged compares how often the log has a text.
func (b *bed) logged(text string, want int) {
	b.t.Helper()
	if got := strings.Count(b.log.String(), text); got != want {
		b.t.Errorf("the log has %q %d times, want %d:\n%s", text, got, want, b.log)
	}
}

// credentials are what somebody typed. Both fields are those of passwords, which
// take any UTF-8.
func credentials(t testing.TB, username, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(form.Form{
		{Name: "username", Type: "password", AllowEmptyPassword: true, MaxBytes: 65536},
		{Name: "password", Type: "password", AllowEmptyPassword: true, MaxBytes: 65536},
	})
	if err != nil {
		t.Fatal(err)
	}
	values, err := compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func verdict(u *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	switch {
	case u != nil && err != nil:
		return "both a user and an error"
	case u != nil:
		return "user " + u.ID
	case err == nil:
		return "refused"
	case errors.As(err, &refusal):
		return "refused " + refusal.Code
	case errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return "an error that is none of ours: " + err.Error()
}

// syncBuffer is a log that many write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// open opens the file once more, with the same log.
func open(b *bed) {
	b.t.Helper()
	_, err := htpasswd.New(htpasswd.Config{File: b.file, Logger: slog.New(slog.NewJSONHandler(b.log, nil)), Now: b.clock.Now})
	if err != nil {
		b.t.Fatal(err)
	}
}
