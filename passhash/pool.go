package passhash

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// ErrBusy is the error of a Pool that has too much work waiting.
var ErrBusy = errors.New("too many passwords to verify")

// PoolConfig bounds a Pool. The zero value is the default.
type PoolConfig struct {
	// Workers is how many hashes run at once. Zero means one less than the
	// processors, but at least one: a Go hash holds its processor for long slices,
	// and everything else needs one (PWD-9). With LowPriority it means as many as
	// there are processors.
	Workers int
	// LowPriority runs the hashes on operating system threads of their own, of
	// low priority, on Linux: everything else then goes first and all
	// processors can hash. For it GOMAXPROCS of the whole process is raised by
	// Workers until Close, unless the environment sets it; that is for the owner
	// of the process to decide, not for a library in it. Argon2 works in
	// goroutines of its own, out of reach of this: of such hashes one less than
	// Workers runs at once, but at least one. Elsewhere it changes nothing.
	LowPriority bool
	// Memory is how many bytes all hashes that run may hold together. Zero means
	// a quarter of what the process may use: the least of GOMEMLIMIT, the limit
	// of its control group, and the memory of the machine. A hash that wants
	// more than all of it runs alone.
	Memory int64
	// Waiting is how much work may wait for each worker, going by Cost. Zero
	// means two seconds. Beyond it, ErrBusy comes at once.
	Waiting time.Duration
}

// Pool verifies passwords in goroutines of its own: so many at once, within so
// much memory, in the order of their arrival. Its goroutines start with the first
// password. It is safe for concurrent use.
type Pool struct {
	workers int
	memory  int64
	waiting time.Duration
	low     bool

	start sync.Once
	jobs  chan *job // granted; there is always room

	mu     sync.Mutex
	closed bool
	line   []*job        // waiting, the first first
	runs   int           // how many run
	strays int           // how many of these stray
	holds  int64         // the memory that they hold
	taken  time.Duration // the work of all that run or wait
	spent  int64         // the memory of finished hashes since it was last collected
	raised int           // by how much GOMAXPROCS was raised
}

// job is one password to verify.
type job struct {
	hash     Hash
	password string
	done     chan struct{} // closed when match and err are set
	match    bool
	err      error
}

// NewPool returns a pool with so many workers, the rest by default.
func NewPool(workers int) *Pool { return NewPoolWith(PoolConfig{Workers: workers}) }

// NewPoolWith returns a pool with these bounds. What is negative counts as zero.
func NewPoolWith(c PoolConfig) *Pool {
	p := &Pool{workers: c.Workers, memory: c.Memory, waiting: c.Waiting, low: c.LowPriority && canLower}
	if p.workers <= 0 {
		p.workers = processors()
		if !p.low {
			p.workers = max(1, p.workers-1)
		}
	}
	if p.memory <= 0 {
		p.memory = usableMemory() / 4
	}
	if p.waiting <= 0 {
		p.waiting = 2 * time.Second
	}
	p.jobs = make(chan *job, p.workers)
	return p
}

// Workers returns how many hashes run at once.
func (p *Pool) Workers() int { return p.workers }

// Match verifies a password when it is its turn. It returns ErrBusy at once when
// too much work is ahead, going by Cost, or when the pool is closed, and the error
// of ctx when that ends first. A hash that has begun can't be stopped: it then
// goes on without anybody waiting for it, within the bounds.
func (p *Pool) Match(ctx context.Context, h Hash, password string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	j := &job{hash: h, password: password, done: make(chan struct{})}
	if !p.enter(j) {
		return false, ErrBusy
	}
	select {
	case <-j.done:
		return j.match, j.err
	case <-ctx.Done():
		p.leave(j)
		return false, ctx.Err()
	}
}

// Close lets the goroutines end when what waits is done. Match returns ErrBusy
// from then on. It may be called twice.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.endIfIdle()
	}
	return nil
}

// enter puts a job into the line, unless there is too much work already. A pool
// with nothing to do takes any.
func (p *Pool) enter(j *job) bool {
	p.start.Do(p.begin)
	p.mu.Lock()
	defer p.mu.Unlock()
	work := j.hash.cost.Time
	if p.closed || p.taken > 0 && p.taken+work > p.waiting*time.Duration(p.workers) {
		return false
	}
	p.taken += work
	p.line = append(p.line, j)
	p.grant()
	return true
}

// grant starts whatever is first in line, as long as there is room.
func (p *Pool) grant() {
	for len(p.line) > 0 {
		first := p.line[0]
		needs := first.hash.cost.Memory
		switch {
		case p.runs == p.workers, p.runs > 0 && p.holds+needs > p.memory:
			return
		case p.low && first.strays() && p.strays >= max(1, p.workers-1):
			return
		}
		p.count(first, 1)
		p.jobs <- first
		p.line[0] = nil
		p.line = p.line[1:]
	}
}

// count adds a job to what runs, or takes it off.
func (p *Pool) count(j *job, by int) {
	p.runs += by
	p.holds += int64(by) * j.hash.cost.Memory
	if j.strays() {
		p.strays += by
	}
}

// strays reports whether the hash does its work in goroutines that it starts
// itself, as x/crypto does for Argon2. No thread's priority holds for them: of
// these, one less runs than there are workers, so that a processor stays free.
func (j *job) strays() bool { return j.hash.family == Argon2id || j.hash.family == Argon2i }

// leave takes a job out of the line, if it is still there.
func (p *Pool) leave(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, waiting := range p.line {
		if waiting == j {
			p.line = append(p.line[:i:i], p.line[i+1:]...)
			p.taken -= j.hash.cost.Time
			p.grant()
			return
		}
	}
}

// finish gives back what a job held.
func (p *Pool) finish(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count(j, -1)
	p.taken -= j.hash.cost.Time
	p.grant()
	if p.closed {
		p.endIfIdle()
	}
}

// endIfIdle ends the goroutines of a closed pool when nothing runs or waits.
func (p *Pool) endIfIdle() {
	if p.runs == 0 && len(p.line) == 0 && p.jobs != nil {
		close(p.jobs)
		p.jobs = nil
		restoreProcessors(p.raised)
		p.raised = 0
	}
}

// begin starts the goroutines.
func (p *Pool) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if p.low {
		p.raised = raiseProcessors(p.workers)
	}
	for range p.workers {
		go p.work(p.jobs)
	}
}

// work verifies one password after the other.
func (p *Pool) work(jobs <-chan *job) {
	if p.low {
		lowerPriority()
	}
	for j := range jobs {
		j.run()
		close(j.done)
		p.collect(j.hash.cost.Memory)
		p.finish(j)
	}
}

// large is the memory of a hash from which on it is collected on purpose.
const large = 8 << 20

// collect has the memory of finished hashes collected when twice as much of it has
// piled up as all workers may hold: left to itself, the collector waits longer at
// times. More often costs throughput.
func (p *Pool) collect(memory int64) {
	if memory < large {
		return
	}
	p.mu.Lock()
	p.spent += memory
	due := p.spent >= 2*memory*int64(p.workers)
	if due {
		p.spent = 0
	}
	p.mu.Unlock()
	if due {
		runtime.GC()
	}
}

// run verifies a password. A panic is no match (FAL-1).
func (j *job) run() {
	defer func() {
		if cause := recover(); cause != nil {
			j.match, j.err = false, fmt.Errorf("verifying a password panicked: %v\n%s", cause, debug.Stack())
		}
	}()
	j.match = j.hash.Match(j.password)
}
