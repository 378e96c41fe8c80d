package ostiarytest

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

func stalled(ctx context.Context, e *examiner) {
	e.faulty(ctx, "while the system stalls", e.Stall)
}

func stopped(ctx context.Context, e *examiner) {
	e.faulty(ctx, "while the system is down", e.Stop)
}

// faulty asks a system that does not work, and again when it works.
func (e *examiner) faulty(ctx context.Context, when string, begin func() (restore func())) {
	restore := sync.OnceFunc(begin())
	defer restore()
	for what, fields := range map[string]map[string]string{
		"the right password": e.Right, "a name that nobody has": e.with(nobody(), rand.Text()),
	} {
		a, ok := e.shortly(ctx, func(ctx context.Context) answer { return e.ask(ctx, fields) })
		if ok && a.kind() != "unavailable" {
			e.note("%s, %s: the answer was %s, want an error that is neither a *Refusal nor nil", when, what, a)
		}
	}
	if e.Lookup != nil {
		a, ok := e.shortly(ctx, func(ctx context.Context) answer { return e.find(ctx, e.WantID) })
		remembered := a.kind() == "a user" && a.user.ID == e.WantID
		if ok && a.kind() != "unavailable" && !remembered {
			e.note("%s, a lookup: the answer was %s, want an error: nobody has left", when, a)
		}
	}
	restore()
	e.recovers(ctx)
}

// shortly asks with little time: a tenth of the patience, at most a second.
func (e *examiner) shortly(ctx context.Context, ask func(context.Context) answer) (answer, bool) {
	limit := min(time.Second, e.patience()/10)
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return e.await(limit, func() answer { return ask(short) })
}

// recovers asks until the system answers again, and notes when it does not.
func (e *examiner) recovers(ctx context.Context) {
	deadline := time.Now().Add(e.patience())
	for {
		a, ok := e.soon(ctx, e.Right)
		if ok && a.kind() == "a user" && a.user.ID == e.WantID {
			return
		}
		if !ok || time.Now().After(deadline) || a.kind() != "unavailable" {
			e.note("after it works again: the answer was %s, want the user with id %q within %v", a, e.WantID, e.patience())
			return
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// pause waits, at most until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
