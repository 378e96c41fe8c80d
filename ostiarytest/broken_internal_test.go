package ostiarytest

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// system is a user system in memory, in order until a flaw is put in.
type system struct {
	stalled, down atomic.Bool
	people        map[string]string // name to password
	flaw          string
	bad           sync.Map      // what a flaw remembers
	end           chan struct{} // of the test
	crowd         chan struct{} // closed when many ask at once
	asking        atomic.Int64
}

var errDown = errors.New("connection refused")

func newSystem(flaw string) *system {
	return &system{flaw: flaw, end: make(chan struct{}), crowd: make(chan struct{}), people: map[string]string{"ada": "open sesame", "ürsula": "schön"}}
}

func (s *system) target() Target {
	return Target{
		Authorize: s.authorize, Lookup: s.lookup, Patience: 3 * time.Second,
		Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "id-ada",
		Unicode: map[string]string{"username": "ürsula", "password": "schön"},
		Stall: func() func() {
			s.stalled.Store(true)
			return func() { s.stalled.Store(false) }
		},
		Stop: func() func() {
			s.down.Store(true)
			return func() { s.down.Store(false) }
		},
	}
}

func (s *system) authorize(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	name, password := c.Get("username"), c.Get("password")
	ctx = context.WithValue(ctx, sent{}, c.Names())
	if user, err, done := s.spoil(ctx, name, password); done {
		return user, err
	}
	if name == "" || password == "" {
		return nil, nil
	}
	if s.stalled.Load() {
		<-ctx.Done()
	}
	if s.down.Load() {
		return nil, ostiary.Unavailable(errDown)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ostiary.Trace(ctx, "looked up", slog.String("name", name))
	if stored, known := s.people[name]; !known || stored != password {
		return nil, nil
	}
	return &ostiary.User{ID: "id-" + name, Name: name}, nil
}

func (s *system) lookup(_ context.Context, id string) (*ostiary.User, error) {
	if s.flaw == "everybody left while it was down" && s.down.Load() {
		return nil, nil
	}
	name, ok := strings.CutPrefix(id, "id-")
	if _, known := s.people[name]; ok && known {
		return &ostiary.User{ID: id}, nil
	}
	switch s.flaw {
	case "lookup of nothing is somebody":
		if id == "" {
			return &ostiary.User{}, nil
		}
	case "lookup panics":
		if id == "" {
			panic("index out of range")
		}
	case "lookup trims":
		return s.lookupTrimmed(strings.TrimSpace(id))
	case "lookup of nobody is an error":
		return nil, errors.New("no rows in result set")
	}
	return nil, nil
}

func (s *system) lookupTrimmed(id string) (*ostiary.User, error) {
	if id == "id-ada" {
		return &ostiary.User{ID: id}, nil
	}
	return nil, nil
}

// TestGoodSystemPasses runs the kit as its user does.
func TestGoodSystemPasses(t *testing.T) { Authorizer(t, newSystem("").target()) }

// flaws by name: the case that must find it, and what that must say. narrow are
// those that no other case may stumble over.
type verdict struct{ found, says string }

var (
	narrow = map[string]verdict{
		"unknown has a code":               {"unknown and wrong look alike", "unknown_user"},
		"empty password is anonymous":      {"empty is refused", "no password: the answer was a user"},
		"prefix of the password":           {"a wrong password is refused", "want a refusal"},
		"name is a pattern":                {"nobody is somebody else", "id-other"},
		"PWD-4 compares both as one":       {"name and password are two things", "behind the name"},
		"long is a fault":                  {"long values are refused", "10 000 bytes"},
		"cut at NUL":                       {"control characters are refused", `\x00`},
		"injection":                        {"injections find nobody", "OR"},
		"injection is a fault":             {"injections find nobody", "syntax error"},
		"normal forms are two people":      {"Unicode is one of two things", "id-decomposed"},
		"end of context is a no":           {"an ended context signs nobody in", "nobody was refused"},
		"ignores the context":              {"a stalled system is unavailable", "no answer came"},
		"stalled is a no":                  {"a stalled system is unavailable", "a refusal"},
		"down is a no":                     {"a dead system is unavailable", "a refusal"},
		"never comes back":                 {"a dead system is unavailable", "after it works again"},
		"password in the error":            {"secrets stay inside", "the error"},
		"password in the trace":            {"secrets stay inside", "the trace"},
		"a missing field panics":           {"a missing field is refused", "no field for the password"},
		"a user after the end":             {"an ended context signs nobody in", "want the error of the context"},
		"password in small letters":        {"a wrong password is refused", "another case"},
		"a nil refusal as an error":        {"empty is refused", "a nil *Refusal"},
		"everybody left while it was down": {"a dead system is unavailable", "nobody has left"},
		"lookup of nothing is somebody":    {"lookup finds the same person", `the id ""`},
		"lookup panics":                    {"lookup finds the same person", "a panic"},
		"leaks":                            {"nothing is left behind", "goroutines"},
		"leaks when it refuses":            {"nothing is left behind", "goroutines"},
		"leaks when the context ends":      {"nothing is left behind", "goroutines"},
		"lookup trims":                     {"lookup finds the same person", "id-ada"},
		"lookup of nobody is an error":     {"lookup finds the same person", "no rows"},
	}
	broad = map[string]verdict{
		"busy for everybody":   {"many at once", "nobody came in"},
		"another id each time": {"the right password signs in", "want the user with id"},
		"wrong is an error":    {"a wrong password is refused", "wrong password"},
		"unknown is an error":  {"an unknown name is refused", "no rows"},
		"panics":               {"an unknown name is refused", "panic"},
		"a user and an error":  {"the right password signs in", "a user and an error"},
	}
)

// leaking is the case that counts the goroutines of the whole process.
const leaking = "nothing is left behind"

// TestFlawsAreFound puts one flaw in at a time: the case that is for it must find
// it, and say so.
func TestFlawsAreFound(t *testing.T) {
	flaws := maps.Clone(narrow)
	maps.Copy(flaws, broad)
	for flaw, want := range flaws {
		t.Run(flaw, func(t *testing.T) {
			if want.found != leaking {
				t.Parallel()
			}
			s := newSystem(flaw)
			t.Cleanup(func() { close(s.end) })
			found := findings(t, want.found, s.target())
			if !strings.Contains(strings.Join(found, "\n"), want.says) {
				t.Errorf("%q found %q, want something with %q", want.found, found, want.says)
			}
		})
	}
}

// TestOneFlawIsOneFailure: whoever reads the failures is led to the flaw and
// nowhere else.
func TestOneFlawIsOneFailure(t *testing.T) {
	for flaw, want := range narrow {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			s := newSystem(flaw)
			t.Cleanup(func() { close(s.end) })
			target := s.target()
			if !strings.HasSuffix(want.found, "system is unavailable") {
				target.Stall = nil // which takes its time, and Stop asks the same
			}
			for _, c := range cases {
				if c.name == leaking || c.name == want.found || c.applies != nil && !c.applies(target) {
					continue
				}
				if found := c.findings(t.Context(), target); len(found) > 0 {
					t.Errorf("%q found it, too: %q", c.name, found)
				}
			}
		})
	}
}

// TestFailuresAreShort: what an error holds of ten thousand bytes is not printed
// whole, nor as it is.
func TestFailuresAreShort(t *testing.T) {
	long := answer{err: errors.New(strings.Repeat("\x1b", 10_000))}.String()
	if len(long) > 1500 || strings.Contains(long, "\x1b") {
		t.Errorf("%d bytes: %q", len(long), long)
	}
}

// findings runs the case of that name.
func findings(t *testing.T, name string, target Target) []string {
	t.Helper()
	for _, c := range cases {
		if c.name == name {
			return c.findings(t.Context(), target)
		}
	}
	t.Fatalf("there is no case %q", name)
	return nil
}

// TestManyAtOnce: 64 at once reach an authorizer that counts without a lock.
func TestManyAtOnce(t *testing.T) {
	var now, most atomic.Int64
	s := newSystem("")
	target := s.target()
	authorize := target.Authorize
	target.Authorize = func(ctx context.Context, c form.Values, r *http.Request) (*ostiary.User, error) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		pause(ctx, 20*time.Millisecond)
		return authorize(ctx, c, r)
	}
	if found := findings(t, "many at once", target); len(found) > 0 {
		t.Error(found)
	}
	if most.Load() < 32 {
		t.Errorf("%d at once", most.Load())
	}
}

// TestLockingSystem: the kit does not lock people out who it needs.
func TestLockingSystem(t *testing.T) {
	s := newSystem("")
	var failures atomic.Int64
	target := s.target()
	target.LocksAfter, target.Stall, target.Stop, target.Unicode = 3, nil, nil, nil
	authorize := target.Authorize
	target.Authorize = func(ctx context.Context, c form.Values, r *http.Request) (*ostiary.User, error) {
		user, err := authorize(ctx, c, r)
		switch {
		case c.Get("username") != "ada":
		case user != nil:
			failures.Store(0)
		case err == nil && c.Get("password") != "" && failures.Add(1) >= 3:
			t.Errorf("ada is locked by %q", c.Get("password"))
		}
		return user, err
	}
	Authorizer(t, target)
}

func TestTargetNamesTheMend(t *testing.T) {
	err := Target{}.Check()
	for _, want := range []string{"Authorize is missing", `the field "username" is missing`, `the field "password" is missing`, "WantID is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTime(t *testing.T) {
	target := newSystem("").target()
	if r := Time(t.Context(), target, 20); r.Pairs != 20 || !strings.Contains(r.String(), "20 pairs") {
		t.Errorf("got %v", r)
	}
	s := newSystem("")
	slow := s.target()
	authorize := slow.Authorize
	slow.Authorize = func(ctx context.Context, c form.Values, r *http.Request) (*ostiary.User, error) {
		if _, known := s.people[c.Get("username")]; known {
			pause(ctx, 2*time.Millisecond) // as for a hash
		}
		return authorize(ctx, c, r)
	}
	if r := Time(t.Context(), slow, 40); r.T > -4.5 || !strings.Contains(r.String(), "tells which names exist") {
		t.Errorf("a lookup before the hash: %v", r)
	}
	s.down.Store(true)
	if r := Time(t.Context(), target, 5); r.Pairs != 5 {
		t.Errorf("got %v", r)
	}
	if r := Time(t.Context(), slow, 5); r.Pairs != 0 {
		t.Errorf("a system that is down was timed: %v", r)
	}
}
