package passhash

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// ErrBusy is the error of a Pool that has too much work waiting.
var ErrBusy = errors.New("too many passwords to verify")

// maxWaiting is how much work a Pool takes on for each of its places.
const maxWaiting = 2 * time.Second

// Pool bounds how many hashes run at once. A Go hash holds a processor for long
// slices; one is left free for everything else (PWD-9). It is safe for
// concurrent use.
type Pool struct {
	places chan struct{}
	mu     sync.Mutex
	taken  time.Duration // the work of all that run or wait
}

// NewPool returns a pool of n places. Zero means one less than the processors,
// but at least one.
func NewPool(n int) *Pool {
	if n <= 0 {
		n = max(1, runtime.GOMAXPROCS(0)-1)
	}
	return &Pool{places: make(chan struct{}, n)}
}

// Match verifies a password when there is a place. It returns ErrBusy at once
// when more than two seconds of work are ahead, going by Cost, and the error of
// ctx when that ends while waiting. Once begun, a hash can't be stopped.
func (p *Pool) Match(ctx context.Context, h Hash, password string) (bool, error) {
	if !p.take(h.cost.Time) {
		return false, ErrBusy
	}
	defer p.give(h.cost.Time)
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-p.places }()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return h.Match(password), nil
}

// take counts the work in, unless there is too much already. A pool with nothing
// to do takes any.
func (p *Pool) take(work time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken > 0 && p.taken+work > maxWaiting*time.Duration(cap(p.places)) {
		return false
	}
	p.taken += work
	return true
}

func (p *Pool) give(work time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken -= work
}
