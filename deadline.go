package ostiary

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends at a time, and makes its timer only for whoever
// waits for it. Most authorizers hand it to a driver that reads the time and sets
// it on a connection; a timer and what hangs on it would be the dearest part of a
// quick answer. It is safe for concurrent use.
type deadline struct {
	parent context.Context
	at     time.Time

	mu     sync.Mutex
	inner  context.Context // once somebody waits
	cancel context.CancelFunc
	over   error // of release, or of the first look after the time
}

func withDeadline(parent context.Context, d time.Duration) *deadline {
	at := time.Now().Add(d)
	if sooner, ok := parent.Deadline(); ok && sooner.Before(at) {
		at = sooner
	}
	return &deadline{parent: parent, at: at}
}

// release ends the context and frees its timer.
func (c *deadline) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	} else if c.over == nil {
		c.over = context.Canceled
	}
}

// Deadline implements context.Context.
func (c *deadline) Deadline() (time.Time, bool) { return c.at, true }

// Done implements context.Context.
func (c *deadline) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = context.WithDeadline(c.parent, c.at)
		if c.over != nil {
			c.cancel()
		}
	}
	return c.inner.Done()
}

// Err implements context.Context.
func (c *deadline) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over != nil:
	case c.inner != nil:
		return c.inner.Err()
	case c.parent.Err() != nil:
		c.over = c.parent.Err()
	case !time.Now().Before(c.at):
		c.over = context.DeadlineExceeded
	}
	return c.over
}

// Value implements context.Context. Package context finds by it that what was
// made for Done is one of its own, and needs no goroutine to watch it.
func (c *deadline) Value(key any) any {
	c.mu.Lock()
	inner := c.inner
	c.mu.Unlock()
	if inner != nil {
		return inner.Value(key)
	}
	return c.parent.Value(key)
}
