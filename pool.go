package ostiary

import (
	"context"
	"errors"
	"time"
)

// errBusy says that more sign-ins are under way than may be.
var errBusy = errors.New("too many sign-ins at once")

// pool bounds how many authorizers run and how many wait for their turn. Each
// runs in a goroutine of its own, because it may ignore its deadline: the
// request goes on without it then, while it still counts against the bound. One
// that is known to keep it runs where it is called.
type pool struct {
	running chan struct{}
	waiting chan struct{}
	wait    time.Duration
}

func newPool(l Limits) *pool {
	orInt := func(n, fallback int) int {
		if n == 0 {
			return fallback
		}
		return n
	}
	return &pool{
		running: make(chan struct{}, orInt(l.Authorizing, 64)),
		waiting: make(chan struct{}, orInt(l.Waiting, 128)),
		wait:    orDuration(l.Wait, 2*time.Second),
	}
}

// do runs f and waits for its end or that of ctx, whichever comes first; for the
// end of f alone if that keeps the deadline by itself. It returns errBusy at once
// when there is no room even to wait.
func (p *pool) do(ctx context.Context, keepsDeadline bool, f func()) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	if keepsDeadline {
		defer p.leave()
		f()
		return nil
	}
	done := make(chan struct{})
	go func() {
		defer p.leave()
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter waits for a place; whoever got one leaves it again.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.running <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.waiting <- struct{}{}:
		defer func() { <-p.waiting }()
	default:
		return errBusy
	}
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errBusy
	}
}

func (p *pool) leave() { <-p.running }
