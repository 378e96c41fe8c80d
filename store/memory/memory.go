// Package memory is the store of one process: marks of what has been used, and
// ended sessions. It forgets everything when the process ends and shares nothing
// with another one, so it serves tests, demonstrations, and services that run
// once and may forget (FAL-3).
package memory

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// Errors of TakeOnce and Revoke.
var (
	// ErrFull is returned when the store holds as many marks as it may. Nothing
	// is forgotten before its time to make room: somebody could fill the store
	// to have a mark forgotten. So it fails closed.
	ErrFull = errors.New("memory store is full")
	// ErrKey is returned for the empty key and for one beyond 512 bytes, which
	// would let a few callers take all memory.
	ErrKey = errors.New("key is empty or beyond 512 bytes")
)

const (
	maxMarks = 1 << 20 // of each kind; some 130 MB with keys of 40 bytes
	maxKey   = 512     // bytes
)

// Store is safe for concurrent use. Make one with New.
type Store struct {
	now     func() time.Time
	used    marks
	revoked marks
}

// New returns an empty store with the given clock; nil means time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{now: now, used: newMarks(), revoked: newMarks()}
}

// TakeOnce marks key as used until the given time, and reports whether this was
// the first time. Of many calls at once, exactly one is first; after that time
// the key is as new. A key whose time is over already can't be marked, and is
// never first. The error is ErrFull or ErrKey, and then first is false.
func (s *Store) TakeOnce(_ context.Context, key string, until time.Time) (first bool, err error) {
	return s.used.put(key, until, s.now())
}

// Revoke ends a session. The mark is kept until the given time, when no token of
// the session can be valid any more; ending it again keeps the later of the two.
// The error is ErrFull or ErrKey.
func (s *Store) Revoke(_ context.Context, sessionID string, until time.Time) error {
	_, err := s.revoked.put(sessionID, until, s.now())
	return err
}

// Revoked reports whether the session was ended. It is asked on every request
// and takes no longer than a look into a map.
func (s *Store) Revoked(sessionID string) bool { return s.revoked.has(sessionID) }

// marks are keys with the time until which each counts. Expired ones leave as
// others come: a call looks only at what is over, never at everything, so there
// is neither a goroutine nor a pause.
type marks struct {
	mu    sync.RWMutex
	until map[string]int64 // Unix nanoseconds
	ends  ends             // one entry for each key, perhaps at an earlier time
	limit int
}

func newMarks() marks { return marks{until: map[string]int64{}, limit: maxMarks} }

func (m *marks) put(key string, until, now time.Time) (first bool, err error) {
	if key == "" || len(key) > maxKey {
		return false, ErrKey
	}
	end, at := nanos(until), nanos(now)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(at)
	if old, there := m.until[key]; there {
		m.until[key] = max(old, end)
		return false, nil
	}
	if end <= at {
		return false, nil
	}
	if len(m.until) >= m.limit {
		return false, ErrFull
	}
	m.until[key] = end
	m.ends.push(ending{end, key})
	return true, nil
}

// nanos returns t in Unix nanoseconds, which end in 2262: what lies beyond counts
// as then. Without that a far end would wrap around into the past, and its mark
// would be lost.
func nanos(t time.Time) int64 {
	switch {
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	}
	return t.UnixNano()
}

// forget drops what is over. A key that was prolonged is put back at its new end.
func (m *marks) forget(at int64) {
	for len(m.ends) > 0 && m.ends[0].at <= at {
		key := m.ends[0].key
		if end := m.until[key]; end > at {
			m.ends.replaceFirst(ending{end, key})
			continue
		}
		delete(m.until, key)
		m.ends.popFirst()
	}
}

func (m *marks) has(key string) bool {
	m.mu.RLock()
	_, there := m.until[key]
	m.mu.RUnlock()
	return there
}
