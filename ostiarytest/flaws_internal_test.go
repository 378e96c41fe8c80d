package ostiarytest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"

	"github.com/ostiary/ostiary"
)

// spoil puts the flaw in. done means that it has answered.
func (s *system) spoil(ctx context.Context, name, password string) (user *ostiary.User, err error, done bool) {
	stored, known := s.people[name]
	for _, flaws := range []func(context.Context, typed) (*ostiary.User, error, bool){s.answers, s.values, s.times} {
		if user, err, done = flaws(ctx, typed{name, password, known, known && stored == password}); done {
			return user, err, true
		}
	}
	return nil, nil, false
}

// typed is what was typed, and whether it is right.
type typed struct {
	name, password string
	known, right   bool
}

// ada is who gets in by most flaws.
func ada() *ostiary.User { return &ostiary.User{ID: "id-ada"} }

// answers are flaws of what is told.
func (s *system) answers(ctx context.Context, in typed) (user *ostiary.User, err error, done bool) {
	switch s.flaw {
	case "another id each time":
		n, _ := s.bad.LoadOrStore("n", new(atomic.Int64))
		if in.right {
			return &ostiary.User{ID: fmt.Sprint(n.(*atomic.Int64).Add(1))}, nil, true
		}
	case "wrong is an error":
		if in.known && !in.right {
			return nil, errors.New("wrong password"), true
		}
	case "unknown is an error":
		if in.name != "" && !in.known {
			return nil, errors.New("no rows in result set"), true
		}
	case "unknown has a code":
		if in.name != "" && !in.known && !s.stalled.Load() && !s.down.Load() {
			return nil, &ostiary.Refusal{Code: "unknown_user"}, true
		}
	case "password in the error":
		if in.known && !in.right {
			return nil, &ostiary.Refusal{Cause: fmt.Errorf("no user %s with %s", in.name, in.password)}, true
		}
	case "password in the trace":
		ostiary.Trace(ctx, "asked", slog.String("password", in.password))
	case "panics":
		if !in.known {
			panic("index out of range")
		}
	case "a user and an error":
		if in.right {
			return ada(), errors.New("but"), true
		}
	}
	return nil, nil, false
}

// values are flaws of what is compared.
func (s *system) values(ctx context.Context, in typed) (user *ostiary.User, err error, done bool) {
	switch s.flaw {
	case "PWD-4 compares both as one":
		if !in.right && in.name != "" && in.password != "" && in.name+in.password == "adaopen sesame" {
			return ada(), nil, true
		}
	case "empty password is anonymous":
		if in.password == "" && in.known && s.fields(ctx) == 2 {
			return ada(), nil, true
		}
	case "prefix of the password":
		if in.known && !in.right && in.password != "" && strings.HasPrefix(s.people[in.name], in.password) {
			return &ostiary.User{ID: "id-" + in.name}, nil, true
		}
	case "name is a pattern":
		if strings.HasPrefix(in.name, "ad") && strings.HasSuffix(in.name, "%") {
			return &ostiary.User{ID: "id-other"}, nil, true
		}
	case "long is a fault":
		if len(in.name)+len(in.password) > 5000 {
			return nil, errors.New("value too long for type character varying(255)"), true
		}
	case "cut at NUL":
		if cut, _, found := strings.Cut(in.password, "\x00"); found && in.known && cut == s.people[in.name] {
			return ada(), nil, true
		}
	case "injection":
		if strings.Contains(in.name, "' OR ") {
			return ada(), nil, true
		}
	case "injection is a fault":
		if strings.Contains(in.password, "'") {
			return nil, errors.New("syntax error at or near"), true
		}
	case "normal forms are two people":
		if in.name != "ürsula" && norm.NFC.String(in.name) == "ürsula" {
			return &ostiary.User{ID: "id-decomposed"}, nil, true
		}
	case "a missing field panics":
		if s.fields(ctx) < 2 {
			panic("no such field")
		}
	case "password in small letters":
		if in.known && !in.right && strings.EqualFold(in.password, s.people[in.name]) {
			return &ostiary.User{ID: "id-" + in.name}, nil, true
		}
	case "a nil refusal as an error":
		if in.name == "" && s.fields(ctx) == 2 {
			var refusal *ostiary.Refusal // is an error that is not nil
			return nil, refusal, true
		}
	}
	return nil, nil, false
}

// times are flaws of when and how long.
func (s *system) times(ctx context.Context, in typed) (user *ostiary.User, err error, done bool) {
	switch s.flaw {
	case "busy for everybody":
		s.crowded(ctx)
		return nil, errors.New("too many connections"), true
	case "a user after the end":
		if in.right && !s.stalled.Load() && !s.down.Load() {
			return &ostiary.User{ID: "id-" + in.name}, nil, true
		}
	case "end of context is a no":
		if ctx.Err() != nil {
			return nil, nil, true
		}
	case "ignores the context":
		if s.stalled.Load() {
			<-s.end
			return nil, ctx.Err(), true
		}
	case "stalled is a no":
		if s.stalled.Load() {
			<-ctx.Done()
			return nil, nil, true
		}
	case "down is a no":
		if s.down.Load() {
			return nil, nil, true
		}
	case "never comes back":
		if s.down.Load() {
			s.bad.Store("broken", true)
		}
		if _, broken := s.bad.Load("broken"); broken {
			return nil, errDown, true
		}
	case "leaks":
		go func() { <-s.end }()
	case "leaks when it refuses":
		if !in.right {
			go func() { <-s.end }()
		}
	case "leaks when the context ends":
		if ctx.Err() != nil {
			go func() { <-s.end }()
		}
	}
	return nil, nil, false
}

// sent are the names of the fields that were sent.
type sent struct{}

func (s *system) fields(ctx context.Context) int {
	names, _ := ctx.Value(sent{}).([]string)
	return len(names)
}

// crowded waits until sixty-four ask at once, at most until the context ends.
func (s *system) crowded(ctx context.Context) {
	if s.asking.Add(1) == 64 {
		close(s.crowd)
	}
	select {
	case <-s.crowd:
	case <-ctx.Done():
	}
}
