package radius_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// right is the password of most people.
const right = "open sesame"

func connect(t testing.TB, config radius.Config) *radius.Connector {
	t.Helper()
	c, err := radius.New(config)
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

// over is a configuration that asks addresses over UDP.
func over(addresses ...string) (config radius.Config) {
	for _, address := range addresses {
		config.Servers = append(config.Servers, radius.Server{Address: address, Secret: ostiary.NewSecret(freeradius.Secret)})
	}
	return config
}

// fields are what somebody typed.
func fields(t testing.TB, pairs ...string) form.Values {
	t.Helper()
	var declared form.Form
	values := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		declared = append(declared, form.Field{Name: pairs[i], MaxBytes: 1 << 14, Type: "password", AllowEmptyPassword: true})
		values[pairs[i]] = []string{pairs[i+1]}
	}
	compiled, err := form.Compile(declared)
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// signIn is one attempt with name and password; patience bounds it.
func signIn(t testing.TB, c *radius.Connector, name, password string, patience time.Duration) (*ostiary.User, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	user, err := c.Authorize(ctx, fields(t, "username", name, "password", password), nil)
	if ctx.Err() != nil {
		t.Errorf("CON-2: the answer for %q came after the deadline", name)
	}
	return user, err
}

// answer is the answer to a challenge.
func answer(t testing.TB, c *radius.Connector, state []byte, text string) (*ostiary.User, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ostiary.WithStepState(t.Context(), state), 5*time.Second)
	defer cancel()
	return c.Authorize(ctx, fields(t, "answer", text), nil)
}

// outcome names what came of it, as the contract of an authorizer has it (CON-1).
func outcome(user *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	var next *ostiary.NextStep
	switch {
	case err == nil && user == nil:
		return "refused"
	case err == nil && user.ID != "":
		return "user " + user.ID
	case user != nil:
		return fmt.Sprintf("user %+v and error %v", user, err)
	case errors.As(err, &refusal):
		return "refused " + refusal.Code
	case errors.As(err, &next):
		return "next " + next.Sentence
	case errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return fmt.Sprintf("error %v", err)
}

// step is the next step of an answer.
func step(t testing.TB, err error) *ostiary.NextStep {
	t.Helper()
	var next *ostiary.NextStep
	if !errors.As(err, &next) {
		t.Fatalf("got %v, want a next step", err)
	}
	if _, err := form.Compile(next.Form); err != nil {
		t.Error(err)
	}
	return next
}

func expect(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

// mentions expects an error that says something.
func mentions(t testing.TB, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want something with %q", err, words)
	}
}

// record keeps what was logged.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *record) logger() *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }
