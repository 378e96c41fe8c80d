package ostiary

import (
	"context"
	"sync/atomic"
	"time"
)

// pace lets the refusals of a provider leave at one moment, counted from their
// beginning, so that the clock does not tell which names exist (PWD-6, IDN-8):
// a system that looks a name up and then hashes is quick for a name that it
// does not know. The moment is the slowest answer of late. It takes no place
// in the pool.
type pace struct {
	slowest atomic.Int64 // nanoseconds, decaying
}

// longestPace bounds what a slow answer can do to those after it.
const longestPace = time.Second

type lap struct {
	pace  *pace
	begun time.Time
}

func (p *pace) begin() lap { return lap{p, time.Now()} }

// end notes how long the answer took and, for a refusal, holds it back until
// its moment or the end of ctx.
func (l lap) end(ctx context.Context, refused bool) {
	took := min(time.Since(l.begun), longestPace)
	moment := l.pace.note(took)
	if !refused || took >= moment {
		return
	}
	timer := time.NewTimer(moment - took)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// note returns the slowest answer of late, this one included. Every answer
// takes a sixty-fourth off, so that one hiccup is forgotten.
func (p *pace) note(took time.Duration) time.Duration {
	for {
		old := p.slowest.Load()
		now := max(int64(took), old-old/64)
		if p.slowest.CompareAndSwap(old, now) {
			return time.Duration(now)
		}
	}
}
