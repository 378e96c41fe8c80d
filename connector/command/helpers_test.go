//go:build unix

package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/form"
)

// canary is a password that must never be seen where it does not belong.
const canary = `c4n"ary & pass'wörd`

// TestMain is also the program that the connector runs: the test binary itself,
// when its first argument is -program.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-program" {
		syscall.Exit(program(os.Args[2], os.Args[3:])) // at once: the race detector would wait a second
	}
	os.Exit(m.Run())
}

// program is one way to behave.
func program(how string, args []string) int {
	switch how {
	case "says": // status, output
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Print(args[1])
		return int(args[0][0] - '0')
	case "echo": // the request, as a claim
		request, _ := io.ReadAll(os.Stdin)
		fmt.Printf(`{"id":"1","claims":{"request":%s}}`, request)
	case "flood":
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
				return 3
			}
		}
	case "hang":
		signal.Ignore(syscall.SIGTERM, syscall.SIGPIPE)
		note(args[0])
		select {}
	case "polite":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		note(args[0])
		<-asked
		_ = os.WriteFile(args[1], []byte("asked"), 0o600)
	case "environment":
		dir, _ := os.Getwd()
		tty, err := os.Open("/dev/tty")
		if err == nil {
			_ = tty.Close()
		}
		fmt.Printf(`{"id":"1","claims":{"environ":%q,"argv":%q,"dir":%q,"terminal":%t}}`,
			strings.Join(os.Environ(), "\n"), strings.Join(os.Args, "\n"), dir, err == nil)
	}
	return 0
}

// note writes our own number, all at once.
func note(file string) {
	_ = os.WriteFile(file+".tmp", fmt.Append(nil, os.Getpid()), 0o600)
	_ = os.Rename(file+".tmp", file)
}

// ourselves are the arguments for one way to behave.
func ourselves(t testing.TB, how string, args ...string) []string {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{file, "-program", how}, args...)
}

// script is a program for sh.
func script(t testing.TB, text string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "check")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"/bin/sh", file}
}

func connect(t testing.TB, config command.Config) *command.Connector {
	t.Helper()
	c, err := command.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// values are what somebody typed into a form of two fields.
func values(t testing.TB, username, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(form.Form{
		{Name: "username", MaxBytes: 1 << 16},
		{Name: "password", Type: "password", MaxBytes: 1 << 16, AllowEmptyPassword: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// ask signs somebody in.
func ask(t testing.TB, config command.Config) (*ostiary.User, error) {
	t.Helper()
	return connect(t, config).Authorize(t.Context(), values(t, "jsmith", canary), nil)
}

// outcome names what came of it, as the contract of an authorizer has it.
func outcome(user *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	var step *ostiary.NextStep
	switch {
	case user != nil && err == nil:
		return "user " + user.ID
	case user != nil:
		return "both a user and an error"
	case err == nil:
		return "refused"
	case errors.As(err, &refusal):
		return "refused: " + refusal.Code
	case errors.As(err, &step):
		return "next: " + step.Code
	case errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return "an error of no kind: " + err.Error()
}

// record is a log in memory.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *record) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// until waits for something that happens in another process.
func until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // also after the end of a test
	defer cancel()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !happened() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("it never happened: %s", what)
		}
	}
}
