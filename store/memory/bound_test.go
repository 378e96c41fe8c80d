package memory

import (
	"context"
	"errors"
	"math/bits"
	"strconv"
	"testing"
	"time"
)

// TestFull fills a store of eight marks (THR-10: local maps have caps).
func TestFull(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := New(func() time.Time { return now })
	s.used.limit, s.revoked.limit = 8, 8
	ctx := context.Background()
	for i := range 8 {
		until := now.Add(time.Duration(8-i) * time.Minute)
		if first, err := s.TakeOnce(ctx, strconv.Itoa(i), until); !first || err != nil {
			t.Fatalf("key %d: %t, %v", i, first, err)
		}
		if err := s.Revoke(ctx, strconv.Itoa(i), until); err != nil {
			t.Fatalf("session %d: %v", i, err)
		}
	}
	for range 3 {
		if first, err := s.TakeOnce(ctx, "one more", now.Add(time.Hour)); first || !errors.Is(err, ErrFull) {
			t.Errorf("full, yet %t, %v, want ErrFull", first, err)
		}
		if err := s.Revoke(ctx, "one more", now.Add(time.Hour)); !errors.Is(err, ErrFull) {
			t.Errorf("full, yet %v, want ErrFull", err)
		}
	}
	if first, err := s.TakeOnce(ctx, "3", now.Add(time.Minute)); first || err != nil {
		t.Errorf("a known key in a full store: %t, %v, want false", first, err)
	}
	now = now.Add(time.Minute) // the shortest is over
	if first, err := s.TakeOnce(ctx, "one more", now.Add(time.Hour)); !first || err != nil {
		t.Errorf("after one ended: %t, %v, want true", first, err)
	}
	if err := s.Revoke(ctx, "one more", now.Add(time.Hour)); err != nil {
		t.Errorf("after one ended: %v", err)
	}
}

// TestMemoryStaysBounded takes many keys of many lives, and holds what is kept
// against what is alive.
func TestMemoryStaysBounded(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	m := newMarks()
	alive := map[string]time.Time{}
	for i := range 20_000 {
		now = now.Add(time.Millisecond)
		key := strconv.Itoa(i % 3_000)
		scattered := bits.Reverse16(uint16(i)) // every life from nothing to 65 seconds
		until := now.Add(time.Duration(scattered) * time.Millisecond / 16)
		first, err := m.put(key, until, now)
		if err != nil {
			t.Fatal(err)
		}
		end, known := alive[key]
		if want := until.After(now) && !(known && end.After(now)); first != want {
			t.Fatalf("key %s at %v: first is %t, want %t", key, now, first, want)
		}
		if until.After(end) {
			alive[key] = until
		}
	}
	living := 0
	for _, end := range alive {
		if end.After(now) {
			living++
		}
	}
	if len(m.until) != living || len(m.ends) != living {
		t.Errorf("%d keys and %d endings are kept for %d that are alive", len(m.until), len(m.ends), living)
	}
	m.forget(now.Add(time.Hour).UnixNano())
	if len(m.until) != 0 || len(m.ends) != 0 {
		t.Errorf("%d keys and %d endings are left when all is over", len(m.until), len(m.ends))
	}
}
