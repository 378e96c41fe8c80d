package ostiarytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Target is the authorizer to be tested and what is known of the system behind
// it. Authorize, Right and WantID are required.
type Target struct {
	// Authorize is the authorizer.
	Authorize ostiary.Authorizer
	// Lookup is its lookup. Nil leaves those cases out.
	Lookup func(ctx context.Context, userID string) (*ostiary.User, error)
	// Right are the fields with which somebody signs in, and WantID is the id of
	// that person.
	Right  map[string]string
	WantID string
	// UsernameField and PasswordField are which of the fields they are. Empty
	// means "username" and "password".
	UsernameField, PasswordField string
	// Unicode are the fields of a person whose name or password has letters with
	// marks, such as "ürsula". Nil leaves that case out.
	Unicode map[string]string
	// Stall makes the system behind accept questions and answer none, until
	// restore is called. Nil leaves that case out.
	Stall func() (restore func())
	// Stop makes the system behind go away, until restore is called. Nil leaves
	// that case out.
	Stop func() (restore func())
	// LocksAfter is how many wrong passwords the system takes for one person
	// before it locks them. Then the cases that would ask more often use names
	// that nobody has. Zero means that it does not lock.
	LocksAfter int
	// Patience is how long an answer may take that must come soon, and how long a
	// restored system may take to answer again. Zero means 10 seconds.
	Patience time.Duration
}

// Check returns what is wrong with the target itself, every fault joined.
func (t Target) Check() error {
	var faults []error
	if t.Authorize == nil {
		faults = append(faults, errors.New("Authorize is missing"))
	}
	for _, name := range []string{t.username(), t.password()} {
		if t.Right[name] == "" {
			faults = append(faults, fmt.Errorf("Right: the field %q is missing", name))
		}
	}
	if t.WantID == "" {
		faults = append(faults, errors.New("WantID is missing"))
	}
	for _, name := range []string{t.username(), t.password()} {
		if t.Unicode != nil && t.Unicode[name] == "" {
			faults = append(faults, fmt.Errorf("Unicode: the field %q is missing", name))
		}
	}
	return errors.Join(faults...)
}

func (t Target) username() string { return or(t.UsernameField, "username") }
func (t Target) password() string { return or(t.PasswordField, "password") }

func (t Target) patience() time.Duration {
	if t.Patience == 0 {
		return 10 * time.Second
	}
	return t.Patience
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// with returns the right fields, two of them changed.
func (t Target) with(username, password string) map[string]string {
	fields := maps.Clone(t.Right)
	fields[t.username()], fields[t.password()] = username, password
	return fields
}

// values makes credentials of fields, as a form that declares them would. What no
// form lets through, such as invalid UTF-8, is an error.
func (t Target) values(fields map[string]string) (form.Values, error) {
	sent := make(map[string][]string, len(fields))
	for name, value := range fields {
		sent[name] = []string{value}
	}
	compiled, err := form.Compile(t.form(fields))
	if err != nil {
		return form.Values{}, err
	}
	return compiled.Parse(sent)
}

// form declares the fields, and those of Right.
func (t Target) form(fields map[string]string) (declared form.Form) {
	all := maps.Clone(t.Right) // what is left out of fields is declared all the same
	maps.Copy(all, fields)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := form.Field{Name: name, Secret: name == t.password(), MaxBytes: form.LargestMaxBytes}
		if name == t.password() || name == t.username() { // which lets bytes through that a line of text does not
			f.Type, f.AllowEmptyPassword = "password", true
		}
		declared = append(declared, f)
	}
	return declared
}

// answer is what an authorizer said.
type answer struct {
	user     *ostiary.User
	err      error
	panicked any
}

// ask asks once, as the server does.
func (t Target) ask(ctx context.Context, fields map[string]string) (a answer) {
	credentials, err := t.values(fields)
	if err != nil {
		return answer{err: &ostiary.Refusal{Cause: err}} // the form refuses it already
	}
	defer a.survive()
	r := httptest.NewRequest(http.MethodPost, "/api/auth/callback/credentials", nil).WithContext(ctx)
	a.user, a.err = t.Authorize(ctx, credentials, r)
	return a
}

// find looks up once.
func (t Target) find(ctx context.Context, id string) (a answer) {
	defer a.survive()
	a.user, a.err = t.Lookup(ctx, id)
	return a
}

// survive, deferred, makes a panic an answer.
func (a *answer) survive() {
	if a.panicked = recover(); a.panicked != nil {
		a.user, a.err = nil, fmt.Errorf("panic: %v", a.panicked)
	}
}

// kind is what an answer comes down to.
func (a answer) kind() string {
	var refusal *ostiary.Refusal
	var step *ostiary.NextStep
	switch {
	case a.panicked != nil:
		return "a panic"
	case a.user != nil && a.err != nil:
		return "a user and an error"
	case a.user != nil:
		return "a user"
	case a.hollow():
		return "a nil *Refusal as an error that is not nil"
	case errors.As(a.err, &refusal), a.err == nil, errors.Is(a.err, ostiary.ErrAccessDenied):
		return "a refusal"
	case errors.As(a.err, &step):
		return "a next step"
	}
	return "unavailable"
}

// hollow reports whether the error is a *Refusal that is nil: it is an error all
// the same, and asking it for its text panics.
func (a answer) hollow() bool {
	var refusal *ostiary.Refusal
	return errors.As(a.err, &refusal) && refusal == nil
}

// public is what the person sees of a refusal.
func (a answer) public() string {
	var refusal *ostiary.Refusal
	if errors.As(a.err, &refusal) && refusal != nil {
		return fmt.Sprintf("%q %q %v", or(refusal.Code, "credentials"), refusal.Sentence, refusal.RetryAfter)
	}
	if errors.Is(a.err, ostiary.ErrAccessDenied) {
		return "access denied"
	}
	return fmt.Sprintf("%q %q %v", "credentials", "", time.Duration(0))
}

// String describes an answer in a failure.
func (a answer) String() string {
	switch {
	case a.user != nil && a.err == nil:
		return fmt.Sprintf("a user with id %q", a.user.ID)
	case a.err != nil && !a.hollow():
		return fmt.Sprintf("%s: %.200q", a.kind(), a.err) // which may hold all that was sent
	}
	return a.kind()
}
