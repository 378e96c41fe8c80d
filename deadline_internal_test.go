package ostiary

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadlineEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := withDeadline(t.Context(), time.Second)
		defer ctx.release()
		if err := ctx.Err(); err != nil {
			t.Errorf("over before its time: %v", err)
		}
		<-ctx.Done()
		if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended by %v", err)
		}
	})
}

func TestDeadlineIsSeenByWhoeverOnlyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := withDeadline(t.Context(), time.Second)
		defer ctx.release()
		time.Sleep(time.Second) // in the bubble's own time
		if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended by %v", err)
		}
		<-ctx.Done()
	})
}

func TestDeadlineEndsWithItsParent(t *testing.T) {
	for _, waits := range []bool{false, true} {
		parent, cancel := context.WithCancel(t.Context())
		ctx := withDeadline(parent, time.Hour)
		if waits {
			ctx.Done()
		}
		cancel()
		if err := ctx.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("waits %t: ended by %v", waits, err)
		}
		<-ctx.Done()
		ctx.release()
	}
}

func TestDeadlineEndsWithItsRelease(t *testing.T) {
	for _, waits := range []bool{false, true} {
		ctx := withDeadline(t.Context(), time.Hour)
		if waits {
			ctx.Done()
		}
		ctx.release()
		if err := ctx.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("waits %t: ended by %v", waits, err)
		}
		<-ctx.Done()
	}
}

func TestDeadlineIsTheSoonerOfTheTwo(t *testing.T) {
	parent, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx := withDeadline(parent, time.Hour)
	defer ctx.release()
	if got, _ := ctx.Deadline(); time.Until(got) > time.Minute {
		t.Errorf("ends in %s", time.Until(got))
	}
}

// A context made from it must end with it, and find values through it.
func TestDeadlineHasChildren(t *testing.T) {
	type key struct{}
	ctx := withDeadline(context.WithValue(t.Context(), key{}, "value"), time.Hour)
	child, cancel := context.WithCancel(ctx)
	defer cancel()
	if child.Value(key{}) != "value" {
		t.Error("the value is lost")
	}
	ctx.release()
	<-child.Done()
}
