package server

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuiet(t *testing.T) {
	q := quiet{rested: 2}
	var got []bool
	for _, requests := range []uint64{2, 2, 5, 9, 9, 9, 10, 10} {
		got = append(got, q.now(requests))
	}
	if want := []bool{false, false, false, false, true, false, false, true}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestRest: after the start, and once after work.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at []time.Duration
		s := &running{options: Options{Idle: func() { at = append(at, time.Since(begun)) }}}
		ctx, stop := context.WithCancel(t.Context())
		go s.rest(ctx)
		time.Sleep(90 * time.Second) // in the bubble's own time
		s.requests.Add(3)
		time.Sleep(10 * time.Minute) // likewise
		stop()
		synctest.Wait()
		if want := []time.Duration{firstRest, firstRest + 3*restLooks}; !slices.Equal(at, want) {
			t.Errorf("at rest after %v, want %v", at, want)
		}
	})
}
