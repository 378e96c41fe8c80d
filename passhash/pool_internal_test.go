package passhash

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a hash of the given work that ends when it is told to.
func slow(work time.Duration, end <-chan struct{}) Hash {
	return Hash{cost: Cost{Time: work}, longest: MaxPassword, matches: func(string) bool {
		<-end
		return true
	}}
}

func TestPoolBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := NewPool(2), make(chan struct{})
		h := slow(time.Second, end)
		var all sync.WaitGroup
		for range 4 { // two run, two wait: the four seconds of two places
			all.Go(func() {
				if got, err := p.Match(t.Context(), h, "x"); !got || err != nil {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		if n := len(p.places); n != 2 {
			t.Errorf("PWD-9: %d run, want 2", n)
		}
		if got, err := p.Match(t.Context(), h, "x"); got || !errors.Is(err, ErrBusy) {
			t.Errorf("PWD-9 beyond what may wait: got %v, %v, want ErrBusy", got, err)
		}
		close(end)
		all.Wait()
		if got, err := p.Match(t.Context(), h, "x"); !got || err != nil {
			t.Errorf("PWD-9 after the flood: got %v, %v", got, err)
		}
	})
}

// TestPoolTakesCostlyHash has a hash beyond what may wait: an idle pool takes it.
func TestPoolTakesCostlyHash(t *testing.T) {
	end := make(chan struct{})
	close(end)
	if got, err := NewPool(1).Match(t.Context(), slow(time.Hour, end), "x"); !got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPoolGivesUpWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := NewPool(1), make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() { _, _ = p.Match(t.Context(), slow(time.Second, end), "x") })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if got, err := p.Match(ctx, slow(time.Second, end), "x"); got || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("PWD-9: got %v, %v, want the end of the deadline", got, err)
		}
		close(end)
		all.Wait()
		if p.taken != 0 || len(p.places) != 0 {
			t.Errorf("PWD-9: %v of work and %d places are never given back", p.taken, len(p.places))
		}
	})
}

// TestPoolSurvivesPanic has the place come back.
func TestPoolSurvivesPanic(t *testing.T) {
	p := NewPool(1)
	func() {
		defer func() { _ = recover() }()
		_, _ = p.Match(t.Context(), Hash{longest: 1, matches: func(string) bool { panic("x") }}, "")
	}()
	if p.taken != 0 || len(p.places) != 0 {
		t.Errorf("FAL-1: %v of work and %d places are never given back", p.taken, len(p.places))
	}
}

func TestPoolSize(t *testing.T) {
	if got, want := cap(NewPool(0).places), max(1, runtime.GOMAXPROCS(0)-1); got != want {
		t.Errorf("PWD-9: got %d places, want %d", got, want)
	}
}

func TestPoolWithEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := Hash{longest: 1, matches: func(string) bool { t.Error("hashed"); return true }}
	if got, err := NewPool(1).Match(ctx, h, ""); got || !errors.Is(err, context.Canceled) {
		t.Errorf("PWD-9: got %v, %v", got, err)
	}
}
