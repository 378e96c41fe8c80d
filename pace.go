package ostiary

import (
	"context"
	"sync"
	"time"
)

// pace lets the refusals of a provider leave at one moment, counted from their
// beginning, so that the clock does not tell which names exist (PWD-6, IDN-8):
// a system that looks a name up and then hashes is quick for a name that it
// does not know. The moment is the slowest of the last answers that let somebody
// in: those took the whole way, and whoever guesses names has no part in them.
// Until there is one, it is the slowest refusal so far. Waiting takes no place
// in the pool.
type pace struct {
	mu      sync.Mutex
	let     [16]time.Duration // of those let in, the oldest overwritten first
	n       int               // how many were let in
	refused time.Duration     // the slowest refusal before the first of them
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
	moment := l.pace.note(took, refused)
	if !refused || took >= moment {
		return
	}
	until(ctx, l.begun.Add(moment))
}

// coarse is how wrong the runtime's timers may be when nothing else goes on: they
// count in milliseconds from when the waiting begins, which hands the difference on
// that the waiting is to take away.
const coarse = 2 * time.Millisecond

// until waits for a moment, and the last of it exactly, or for the end of ctx.
func until(ctx context.Context, moment time.Time) {
	if rest := time.Until(moment) - coarse; rest > 0 {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
	exactly(time.Until(moment))
	if rest := time.Until(moment); rest > 0 { // a signal ended it early
		time.Sleep(rest)
	}
}

// note keeps what an answer took and returns the moment for refusals.
func (p *pace) note(took time.Duration, refused bool) (moment time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !refused:
		p.let[p.n%len(p.let)] = took
		p.n++
	case p.n == 0:
		p.refused = max(p.refused, took)
		return p.refused
	}
	for _, d := range p.let {
		moment = max(moment, d)
	}
	return moment
}
