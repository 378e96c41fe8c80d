package sqldb

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errPaused is the answer while nothing is sent.
var errPaused = errors.New("pausing after several statements without an answer")

const (
	breakAfter = 5           // statements without an answer, in a row
	breakFor   = time.Second // until one may try
)

// result is how a statement went, as far as the breaker cares.
type result int

const (
	unknown  result = iota // the caller went away before it was clear
	answered               // the server said something
	silent                 // it did not
)

// outcomeOf tells them apart. inner is the context of the statement, ctx that of
// whoever waits for it.
func outcomeOf(ctx, inner context.Context, err error) result {
	switch {
	case err == nil:
		return answered
	case inner.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return unknown
	case inner.Err() != nil:
		return silent
	}
	if classify(err) == brokenFault || !said(err) {
		return silent
	}
	return answered
}

// breaker stops asking a server that does not answer, so that people are told at
// once, connections are not piled up, and the server can recover: after a few
// statements without an answer it pauses, then lets one through at a time until
// one is answered.
type breaker struct {
	now func() time.Time

	mu      sync.Mutex
	count   int       // of statements without an answer, in a row
	until   time.Time // of the pause
	probing bool      // a statement is trying whether the pause may end
}

// enter asks whether a statement may be sent. Whoever is let in must leave.
func (b *breaker) enter() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count < breakAfter {
		return false, nil
	}
	if b.probing || b.now().Before(b.until) {
		return false, errPaused
	}
	b.probing = true
	return true, nil
}

// leave reports how it went.
func (b *breaker) leave(probe bool, r result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case r == answered:
		b.count = 0
	case r == silent && b.count < breakAfter:
		b.count++
		b.until = b.now().Add(breakFor)
	case r == silent && probe:
		b.until = b.now().Add(breakFor)
	}
}
