package server

import (
	"context"
	"time"
)

// When a server is at rest: soon after its start, and when nobody has asked
// anything between two looks, a minute apart.
const (
	firstRest = 100 * time.Millisecond
	restLooks = time.Minute
)

// rest calls Options.Idle whenever the server has come to rest.
func (s *running) rest(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(firstRest):
	}
	looks := time.NewTicker(restLooks)
	defer looks.Stop()
	s.options.Idle()
	q := quiet{rested: s.requests.Load()}
	for {
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
			if q.now(s.requests.Load()) {
				s.options.Idle()
			}
		}
	}
}

// quiet tells from a count of requests, looked at in turn, when work has come to
// its end.
type quiet struct {
	seen   uint64 // at the last look
	rested uint64 // when the server last came to rest
}

// now looks once.
func (q *quiet) now(requests uint64) bool {
	working := requests != q.seen
	q.seen = requests
	if working || requests == q.rested {
		return false
	}
	q.rested = requests
	return true
}
