// Package ended keeps in memory which sessions were ended, as a database has it
// for all processes. It asks the database again and again for what is new, and
// when that failed for too long it no longer vouches for any session: all count
// as ended (SES-5).
package ended

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	every   = time.Second      // between two looks at the database
	vouched = 60 * time.Second // how long a look is good for
	patient = 5 * time.Second  // how long a look may take
	never   = -1 << 62         // long before any look
)

// Config says what a List follows. All fields but Look are optional.
type Config struct {
	// Look adds what is new. With all it adds everything there is: after a
	// fault nobody knows what was missed.
	Look func(ctx context.Context, all bool) error
	// Ticks sets the pace. Nil means once a second.
	Ticks <-chan time.Time
	// Elapsed is a clock that nobody sets. Nil means the system's.
	Elapsed func() time.Duration
	// Logger is told of faults. Nil is silent.
	Logger *slog.Logger
}

// List is safe for concurrent use. Make one with Follow.
type List struct {
	c      Config
	good   atomic.Int64 // when the last look was begun that succeeded, by Elapsed
	stop   context.CancelFunc
	over   chan struct{}
	ticker *time.Ticker

	mu    sync.RWMutex
	until map[string]int64 // Unix milliseconds
}

// New returns an empty List, which vouches for nothing before Follow.
func New(c Config) *List {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Elapsed == nil {
		start := time.Now()
		c.Elapsed = func() time.Duration { return time.Since(start) }
	}
	l := &List{c: c, until: map[string]int64{}, stop: func() {}}
	l.good.Store(never)
	return l
}

// Follow looks for the first time and, unless that fails, goes on until Close.
func (l *List) Follow(ctx context.Context) error {
	begun := l.c.Elapsed()
	if err := l.c.Look(ctx, true); err != nil {
		return err
	}
	l.good.Store(int64(begun))
	if l.c.Ticks == nil {
		l.ticker = time.NewTicker(every)
		l.c.Ticks = l.ticker.C
	}
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.over = make(chan struct{})
	go l.follow(ctx)
	return nil
}

// Close ends the following and waits for that. Close it once.
func (l *List) Close() {
	l.stop()
	if l.over != nil {
		<-l.over
	}
	if l.ticker != nil {
		l.ticker.Stop()
	}
}

func (l *List) follow(ctx context.Context) {
	defer close(l.over)
	fault := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.c.Ticks:
		}
		begun := l.c.Elapsed()
		err := l.look(ctx, fault)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !fault:
			l.c.Logger.Error("can't ask which sessions were ended; after a minute all of them count as ended", "error", err)
		case err == nil:
			if fault {
				l.c.Logger.Info("can ask again which sessions were ended")
			}
			l.good.Store(int64(begun))
		}
		fault = err != nil
	}
}

func (l *List) look(ctx context.Context, all bool) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	return l.c.Look(ctx, all)
}

// Add notes that a session was ended, until the given Unix millisecond.
func (l *List) Add(session string, until int64) {
	l.mu.Lock()
	l.until[session] = max(l.until[session], until)
	l.mu.Unlock()
}

// Has reports whether the session was ended, or nobody can tell. It looks into a
// map and waits for nobody.
func (l *List) Has(session string) bool {
	if l.c.Elapsed()-time.Duration(l.good.Load()) > vouched {
		return true
	}
	l.mu.RLock()
	_, there := l.until[session]
	l.mu.RUnlock()
	return there
}

// Forget drops at most that many of those that are over, as tokens are by then.
func (l *List) Forget(now int64, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for session, until := range l.until {
		if most--; most < 0 {
			return
		}
		if until <= now {
			delete(l.until, session)
		}
	}
}
