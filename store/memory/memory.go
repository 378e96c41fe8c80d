// Package memory is the store of one process: marks of what has been used, and
// ended sessions. It forgets everything when the process ends and shares nothing
// with another one.
package memory

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrFull is returned when the store holds as many marks as it may. Nothing is
// forgotten before its time to make room: somebody could fill the store to have
// a mark forgotten. So it fails closed.
var ErrFull = errors.New("memory store is full")

const (
	maxMarks   = 1 << 20
	sweepEvery = 1 << 10 // writes
)

// Store is safe for concurrent use. Make one with New.
type Store struct {
	now func() time.Time

	used    marks
	revoked marks
}

// marks are keys with the time until which they count.
type marks struct {
	mu     sync.RWMutex
	until  map[string]int64 // Unix nanoseconds
	writes int
}

// New returns an empty store with the given clock; nil means time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{now: now, used: marks{until: map[string]int64{}}, revoked: marks{until: map[string]int64{}}}
}

// TakeOnce marks key as used until the given time, and reports whether this was
// the first time. Of many calls at once, one is first. The error is ErrFull.
func (s *Store) TakeOnce(_ context.Context, key string, until time.Time) (first bool, err error) {
	return s.used.put(key, until, s.now())
}

// Revoke ends a session. The mark is kept until the given time, when no token of
// the session can be valid any more. The error is ErrFull.
func (s *Store) Revoke(_ context.Context, sessionID string, until time.Time) error {
	_, err := s.revoked.put(sessionID, until, s.now())
	return err
}

// Revoked reports whether the session was ended. It takes no longer than a look
// into a map.
func (s *Store) Revoked(sessionID string) bool {
	s.revoked.mu.RLock()
	_, ended := s.revoked.until[sessionID]
	s.revoked.mu.RUnlock()
	return ended
}

func (m *marks) put(key string, until, now time.Time) (first bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes++; m.writes%sweepEvery == 0 || len(m.until) >= maxMarks {
		m.sweep(now)
	}
	end, there := m.until[key]
	if there && end > now.UnixNano() {
		m.until[key] = max(end, until.UnixNano())
		return false, nil
	}
	if !there && len(m.until) >= maxMarks {
		return false, ErrFull
	}
	m.until[key] = until.UnixNano()
	return true, nil
}

func (m *marks) sweep(now time.Time) {
	at := now.UnixNano()
	for key, end := range m.until {
		if end <= at {
			delete(m.until, key)
		}
	}
}
