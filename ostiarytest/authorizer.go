package ostiarytest

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// Authorizer runs every case against a target, each as a subtest with the name of
// what it holds the authorizer to.
func Authorizer(t *testing.T, target Target) {
	t.Helper()
	if err := target.Check(); err != nil {
		t.Fatalf("ostiarytest.Target: %v", err)
	}
	for _, c := range cases {
		if c.applies != nil && !c.applies(target) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			for _, found := range c.findings(t.Context(), target) {
				t.Errorf("%s\n%s", found, c.mend)
			}
		})
	}
}

// check is one thing that an authorizer is held to.
type check struct {
	name    string
	mend    string // how to mend what it finds
	applies func(Target) bool
	run     func(context.Context, *examiner)
}

// examiner runs one case and notes what it finds.
type examiner struct {
	Target
	found []string
}

// most is how many findings of a case are worth reading.
const most = 5

func (c check) findings(ctx context.Context, target Target) []string {
	e := &examiner{Target: target}
	c.run(ctx, e)
	if n := len(e.found); n > most {
		return append(e.found[:most:most], fmt.Sprintf("and %d more like these", n-most))
	}
	return e.found
}

func (e *examiner) note(format string, args ...any) {
	e.found = append(e.found, fmt.Sprintf(format, args...))
}

// soon asks with a deadline, and notes when the answer does not come.
func (e *examiner) soon(ctx context.Context, fields map[string]string) (answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, e.patience())
	defer cancel()
	return e.within(ctx, e.patience(), fields)
}

// within waits a while longer than the context for an answer.
func (e *examiner) within(ctx context.Context, longest time.Duration, fields map[string]string) (answer, bool) {
	return e.await(longest, func() answer { return e.ask(ctx, fields) })
}

// await waits for an answer, and notes when it does not come.
func (e *examiner) await(longest time.Duration, ask func() answer) (answer, bool) {
	got := make(chan answer, 1)
	go func() { got <- ask() }()
	timer := time.NewTimer(longest + e.patience())
	defer timer.Stop()
	select {
	case a := <-got:
		return a, true
	case <-timer.C:
		e.note("no answer came within %v after the context ended", e.patience())
		return answer{}, false
	}
}

// refused asks and notes everything that is not a refusal.
func (e *examiner) refused(ctx context.Context, what string, fields map[string]string) (answer, bool) {
	a, ok := e.soon(ctx, fields)
	if ok && a.kind() != "a refusal" {
		e.note("%s: the answer was %s, want a refusal (nil and nil, or a *Refusal)", what, a)
		return a, false
	}
	return a, ok
}

// admitted asks and notes everything that is not the right person.
func (e *examiner) admitted(ctx context.Context, what string, fields map[string]string) bool {
	a, ok := e.soon(ctx, fields)
	if !ok {
		return false
	}
	if a.kind() != "a user" || a.user.ID != e.WantID {
		e.note("%s: the answer was %s, want the user with id %q", what, a, e.WantID)
		return false
	}
	return true
}
