package passhash

import (
	"context"
	"runtime"
)

// Pool bounds how many hashes run at once. A Go hash holds a processor for long
// slices; one is left free for everything else (PWD-9). It is safe for
// concurrent use.
type Pool struct{ places chan struct{} }

// NewPool returns a pool of n places. Zero means one less than the processors,
// but at least one.
func NewPool(n int) *Pool {
	if n <= 0 {
		n = max(1, runtime.GOMAXPROCS(0)-1)
	}
	return &Pool{places: make(chan struct{}, n)}
}

// Match verifies a password when there is a place, or returns the error of ctx
// when it ends before. Once begun, a hash can't be stopped.
func (p *Pool) Match(ctx context.Context, h Hash, password string) (bool, error) {
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
