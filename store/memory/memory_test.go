package memory_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary/store/memory"
)

var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// clock is a time that moves only when told to.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanos.Store(start.UnixNano())
	return c
}

func (c *clock) now() time.Time               { return time.Unix(0, c.nanos.Load()) }
func (c *clock) advance(d time.Duration)      { c.nanos.Add(int64(d)) }
func (c *clock) in(d time.Duration) time.Time { return c.now().Add(d) }

func take(t *testing.T, s *memory.Store, key string, until time.Time) bool {
	t.Helper()
	first, err := s.TakeOnce(context.Background(), key, until)
	if err != nil {
		t.Fatalf("TakeOnce(%.40q): %v", key, err)
	}
	return first
}

func TestTakeOnce(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	if !take(t, s, "a", c.in(time.Minute)) {
		t.Error("the first take is not first")
	}
	if take(t, s, "a", c.in(time.Minute)) {
		t.Error("the second take is first")
	}
	if !take(t, s, "b", c.in(time.Minute)) {
		t.Error("another key is not first")
	}
	c.advance(time.Minute - 1)
	if take(t, s, "a", c.in(0)) {
		t.Error("first again one nanosecond before the end")
	}
	c.advance(1)
	if !take(t, s, "a", c.in(time.Minute)) {
		t.Error("not first at the end")
	}
}

func TestTakeOnceIsProlonged(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	take(t, s, "a", c.in(time.Minute))
	take(t, s, "a", c.in(time.Hour))
	take(t, s, "a", c.in(time.Second)) // never shortened
	c.advance(time.Hour - 1)
	if take(t, s, "a", c.in(0)) {
		t.Error("the longest of three times does not count")
	}
	c.advance(1)
	if !take(t, s, "a", c.in(time.Minute)) {
		t.Error("never forgotten")
	}
}

func TestTakeOnceWithoutTimeLeft(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	for _, until := range []time.Time{c.in(0), c.in(-time.Hour), {}} {
		if take(t, s, "late", until) {
			t.Errorf("first although its time was over at %v", until)
		}
	}
}

func TestKeys(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	for _, key := range []string{"", strings.Repeat("k", 513)} {
		if first, err := s.TakeOnce(context.Background(), key, c.in(time.Hour)); first || !errors.Is(err, memory.ErrKey) {
			t.Errorf("TakeOnce with a key of %d bytes: %t, %v, want ErrKey", len(key), first, err)
		}
		if err := s.Revoke(context.Background(), key, c.in(time.Hour)); !errors.Is(err, memory.ErrKey) {
			t.Errorf("Revoke with a key of %d bytes: %v, want ErrKey", len(key), err)
		}
	}
	if !take(t, s, strings.Repeat("k", 512), c.in(time.Hour)) {
		t.Error("a key of 512 bytes is not first")
	}
}

func TestRevoke(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	ctx := context.Background()
	if s.Revoked("s1") {
		t.Error("SES-3 revoked before anything was")
	}
	if err := s.Revoke(ctx, "s1", c.in(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Revoke(ctx, "s1", c.in(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if !s.Revoked("s1") || s.Revoked("s2") || s.Revoked("") {
		t.Errorf("SES-3 revoked: s1 %t, s2 %t, nothing %t", s.Revoked("s1"), s.Revoked("s2"), s.Revoked(""))
	}
	if !take(t, s, "s1", c.in(time.Hour)) {
		t.Error("an ended session counts as a used key")
	}
	c.advance(time.Hour - 1)
	if err := s.Revoke(ctx, "s3", c.in(time.Hour)); err != nil || !s.Revoked("s1") {
		t.Errorf("SES-3 the later of two ends does not count (%v)", err)
	}
	c.advance(1)
	if err := s.Revoke(ctx, "s4", c.in(time.Hour)); err != nil || s.Revoked("s1") {
		t.Errorf("kept although no token is valid any more (%v)", err)
	}
}

func TestEndsBeyondNanoseconds(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	for _, year := range []int{2262, 2263, 2600, 9999} {
		key, until := strconv.Itoa(year), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
		if err := s.Revoke(context.Background(), key, until); err != nil || !s.Revoked(key) {
			t.Errorf("SES-3 ended until %d, yet not revoked (%v)", year, err)
		}
		if !take(t, s, key, until) || take(t, s, key, until) {
			t.Errorf("a key until %d is not taken once", year)
		}
	}
}

func TestSystemClock(t *testing.T) {
	s := memory.New(nil)
	if !take(t, s, "a", time.Now().Add(time.Hour)) || take(t, s, "a", time.Now().Add(time.Hour)) {
		t.Error("with the system's clock a key is not taken once")
	}
}

// TestRace has many take one key at the same instant, over and over.
func TestRace(t *testing.T) {
	c := newClock()
	s := memory.New(c.now)
	for round := range 200 {
		key, until := "round "+strconv.Itoa(round), c.in(time.Minute)
		var firsts atomic.Int32
		var all sync.WaitGroup
		gate := make(chan struct{})
		for range 64 {
			all.Go(func() {
				<-gate
				if first, err := s.TakeOnce(context.Background(), key, until); err != nil {
					t.Error(err)
				} else if first {
					firsts.Add(1)
				}
				if err := s.Revoke(context.Background(), key, until); err != nil || !s.Revoked(key) {
					t.Errorf("SES-3 revoked, yet not (%v)", err)
				}
			})
		}
		close(gate)
		all.Wait()
		if n := firsts.Load(); n != 1 {
			t.Fatalf("%d of 64 were first", n)
		}
		c.advance(time.Second) // some keys end while others are taken
	}
}

func BenchmarkRevoked(b *testing.B) {
	c := newClock()
	s := memory.New(c.now)
	for range 50_000 {
		if err := s.Revoke(context.Background(), rand.Text(), c.in(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	asked := rand.Text()
	b.Run("one at a time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Revoked(asked)
		}
	})
	b.Run("all cores", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s.Revoked(asked)
			}
		})
	})
}

// BenchmarkTakeOnce takes keys that each live 5 minutes, ten thousand a second.
func BenchmarkTakeOnce(b *testing.B) {
	c := newClock()
	s := memory.New(c.now)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		c.advance(time.Second / 10_000)
		if first, err := s.TakeOnce(context.Background(), strconv.Itoa(n), c.in(5*time.Second)); !first || err != nil {
			b.Fatal(first, err)
		}
	}
}
