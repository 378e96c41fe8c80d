package httpapi

import (
	"errors"
	"sync"
	"time"
)

// errPaused is the answer while nothing is sent.
var errPaused = errors.New("pausing after several calls without an answer")

// result is how a call went, as far as the breaker cares.
type result int

const (
	unknown  result = iota // the caller went away before it was clear
	answered               // there was an answer, whatever it said
	silent                 // there was none
)

// breaker stops calling an endpoint that does not answer, so that people are
// told at once and the endpoint can recover: after limit calls in a row without
// an answer it pauses, then lets one call through at a time until one is
// answered.
type breaker struct {
	limit int // 0 never pauses
	pause time.Duration

	mu      sync.Mutex
	count   int       // of calls without an answer, in a row
	until   time.Time // of the pause
	probing bool      // a call is trying whether the pause may end
}

// enter asks whether a call may be made. Whoever is let in must leave.
func (b *breaker) enter(now time.Time) (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit == 0 || b.count < b.limit {
		return false, nil
	}
	if b.probing || now.Before(b.until) {
		return false, errPaused
	}
	b.probing = true
	return true, nil
}

// leave reports how the call went.
func (b *breaker) leave(probe bool, r result, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case r == answered:
		b.count = 0
	case r == silent && b.count < b.limit:
		b.count++
		b.until = now.Add(b.pause)
	case r == silent && probe:
		b.until = now.Add(b.pause)
	}
}
