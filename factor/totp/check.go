package totp

import (
	"crypto/subtle"
	"time"
)

// State is what is remembered of a key between two codes. The zero State is that
// of a new key.
type State struct {
	// Last is the last accepted time step, or for codes by counter the next
	// counter that is good. Nothing up to it is accepted again.
	Last int64
	// Drift is by how many steps the app's clock is ahead of ours, as its last
	// code showed. It moves the window and never widens it (OTP-3).
	Drift int
}

const (
	window   = 1 // steps before and after that are good, too (RFC 6238, section 5.2)
	farthest = 4 // steps that a clock may be wrong by, learned bit by bit
)

// Verify reports whether a typed code is good at a moment, and the state to store
// if it is. What is good: the code of the step of the moment, as the app's clock
// has it, and of those beside it, if it is after the last accepted one. All of
// them are computed whatever was typed. On false the state is the old one.
func (k Key) Verify(typed string, at time.Time, s State) (State, bool) {
	if k.Check() != nil {
		return s, false
	}
	code, ok := k.plain(typed)
	drift := max(-farthest, min(s.Drift, farthest))
	middle := k.step(at) + int64(drift)
	found := int64(-1)
	for step := middle - window; step <= middle+window; step++ {
		if step >= 0 && subtle.ConstantTimeCompare([]byte(k.code(step)), []byte(code)) == 1 && step > s.Last {
			found = max(found, step)
		}
	}
	if !ok || found < 0 {
		return s, false
	}
	drift += int(found - middle)
	return State{Last: found, Drift: max(-farthest, min(drift, farthest))}, true
}

// ahead is how many codes a token by counter may have shown to nobody
// (RFC 4226, section 7.4).
const ahead = 10

// VerifyCounter is Verify for codes by counter: what is good is the code of the
// next counter, and of the few behind it.
func (k Key) VerifyCounter(typed string, s State) (State, bool) {
	if k.Check() != nil || s.Last < 0 {
		return s, false
	}
	code, ok := k.plain(typed)
	found := int64(-1)
	for counter := s.Last + ahead; counter >= s.Last; counter-- {
		if subtle.ConstantTimeCompare([]byte(k.code(counter)), []byte(code)) == 1 {
			found = counter
		}
	}
	if !ok || found < 0 {
		return s, false
	}
	return State{Last: found + 1}, true
}

// plain takes the one blank out that people type in the middle, and reports
// whether what is left is a code of this key: so many ASCII digits and nothing
// else (OTP-2). For what is none it returns one that is never right.
func (k Key) plain(typed string) (code string, ok bool) {
	n := k.digits()
	if len(typed) == n+1 && typed[n/2] == ' ' {
		typed = typed[:n/2] + typed[n/2+1:]
	}
	if len(typed) != n {
		return "", false
	}
	for i := range len(typed) {
		if typed[i] < '0' || typed[i] > '9' {
			return "", false
		}
	}
	return typed, true
}
