package ldap

import (
	"context"
	"sync"
	"time"
)

// idle is how long a connection is kept that nobody uses. Directories end theirs
// after minutes.
const idle = time.Minute

// pool keeps connections of one kind.
type pool struct {
	dial  func(context.Context) (*link, error)
	slots chan struct{} // one for each connection in use

	mu     sync.Mutex
	free   []*link
	closed bool
}

func newPool(size int, dial func(context.Context) (*link, error)) *pool {
	return &pool{dial: dial, slots: make(chan struct{}, size)}
}

// take returns a connection, waiting for one if need be. Whoever takes one calls
// give, with whether it is still good. fresh is set for one that was just made.
func (p *pool) take(ctx context.Context) (l *link, fresh bool, err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	}
	if l := p.reuse(); l != nil {
		return l, false, nil
	}
	l, err = p.dial(ctx)
	if err != nil {
		<-p.slots
		return nil, false, err
	}
	return l, true, nil
}

// reuse returns a connection that was given back, if one is still open.
func (p *pool) reuse() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) > 0 {
		l := p.free[len(p.free)-1]
		p.free = p.free[:len(p.free)-1]
		if !l.IsClosing() && time.Since(l.used) < idle {
			return l
		}
		_ = l.raw.Close()
	}
	return nil
}

func (p *pool) give(l *link, good bool) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !good || p.closed || l.IsClosing() {
		_ = l.raw.Close()
		return
	}
	l.used = time.Now()
	p.free = append(p.free, l)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.free {
		_ = l.raw.Close()
	}
	p.free = nil
}
