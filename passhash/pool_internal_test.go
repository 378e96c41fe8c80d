package passhash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// held is a hash of a cost that runs until it is told to end.
type held struct {
	end  chan struct{}
	mu   sync.Mutex
	runs int
	most int
}

func hold() *held { return &held{end: make(chan struct{})} }

func (w *held) hash(work time.Duration, memory int64) Hash {
	return Hash{family: "held", cost: Cost{Time: work, Memory: memory}, longest: MaxPassword, matches: func(string) bool {
		w.mu.Lock()
		w.runs++
		w.most = max(w.most, w.runs)
		w.mu.Unlock()
		<-w.end
		w.mu.Lock()
		w.runs--
		w.mu.Unlock()
		return true
	}}
}

func (w *held) running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs
}

// idle checks that everything was given back.
func idle(t *testing.T, p *Pool) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken != 0 || p.runs != 0 || p.strays != 0 || p.holds != 0 || len(p.line) != 0 {
		t.Errorf("PWD-9: %v of work, %d running, %d bytes, %d waiting are never given back", p.taken, p.runs, p.holds, len(p.line))
	}
}

func TestPoolBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := NewPool(2), hold()
		defer p.Close()
		h := w.hash(time.Second, 0)
		var all sync.WaitGroup
		for range 4 { // two run, two wait: the four seconds of two workers
			all.Go(func() {
				if got, err := p.Match(t.Context(), h, "x"); !got || err != nil {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		if n := w.running(); n != 2 {
			t.Errorf("PWD-9: %d run, want 2", n)
		}
		if got, err := p.Match(t.Context(), h, "x"); got || !errors.Is(err, ErrBusy) {
			t.Errorf("PWD-9 beyond what may wait: got %v, %v, want ErrBusy", got, err)
		}
		close(w.end)
		all.Wait()
		if got, err := p.Match(t.Context(), h, "x"); !got || err != nil {
			t.Errorf("PWD-9 after the flood: got %v, %v", got, err)
		}
		synctest.Wait()
		idle(t, p)
	})
}

func TestPoolBoundsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := NewPoolWith(PoolConfig{Workers: 4, Memory: 100, Waiting: time.Hour}), hold()
		defer p.Close()
		var all sync.WaitGroup
		for _, memory := range []int64{60, 60, 30, 500} {
			all.Go(func() {
				if got, err := p.Match(t.Context(), w.hash(time.Second, memory), "x"); !got || err != nil {
					t.Errorf("got %v, %v", got, err)
				}
			})
			synctest.Wait()
		}
		if n := w.running(); n != 1 {
			t.Errorf("PWD-9: %d run: the first holds 60 of 100 bytes, and nobody overtakes the second", n)
		}
		w.end <- struct{}{}
		synctest.Wait()
		if n := w.running(); n != 2 {
			t.Errorf("PWD-9: %d run of the second and the third", n)
		}
		w.end <- struct{}{}
		w.end <- struct{}{}
		synctest.Wait()
		if n := w.running(); n != 1 {
			t.Errorf("PWD-9: one that wants more than all of it runs alone, not %d", n)
		}
		close(w.end)
		all.Wait()
		synctest.Wait()
		idle(t, p)
		if w.most > 2 {
			t.Errorf("PWD-9: %d ran at once", w.most)
		}
	})
}

// Argon2 starts goroutines of its own, whose threads have no low priority.
func TestPoolKeepsProcessorFromStrays(t *testing.T) {
	for _, row := range []struct {
		config PoolConfig
		family Family
		want   int
	}{
		{PoolConfig{Workers: 3, LowPriority: true}, Argon2id, 2},
		{PoolConfig{Workers: 1, LowPriority: true}, Argon2i, 1},
		{PoolConfig{Workers: 3, LowPriority: true}, Bcrypt, 3},
		{PoolConfig{Workers: 3}, Argon2id, 3},
	} {
		if row.config.LowPriority && !canLower {
			row.want = row.config.Workers
		}
		synctest.Test(t, func(t *testing.T) {
			p, w := NewPoolWith(row.config), hold()
			defer p.Close()
			var all sync.WaitGroup
			for range 4 {
				h := w.hash(time.Second, 0)
				h.family = row.family
				all.Go(func() { _, _ = p.Match(t.Context(), h, "x") })
			}
			synctest.Wait()
			if n := w.running(); n != row.want {
				t.Errorf("PWD-9: %+v: %d of %s run, want %d", row.config, n, row.family, row.want)
			}
			close(w.end)
			all.Wait()
			synctest.Wait()
			idle(t, p)
		})
	}
}

// A pool with nothing to do takes a hash beyond what may wait.
func TestPoolTakesCostlyHash(t *testing.T) {
	p, w := NewPool(1), hold()
	defer p.Close()
	close(w.end)
	if got, err := p.Match(t.Context(), w.hash(time.Hour, 1<<60), "x"); !got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPoolIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPoolWith(PoolConfig{Workers: 1, Waiting: time.Hour})
		defer p.Close()
		w := hold()
		var order []int
		var all sync.WaitGroup
		all.Go(func() { _, _ = p.Match(t.Context(), w.hash(time.Second, 0), "x") })
		synctest.Wait()
		for i := range 5 {
			h := Hash{family: "noted", cost: Cost{Time: time.Second}, longest: 9, matches: func(string) bool { order = append(order, i); return true }}
			all.Go(func() { _, _ = p.Match(t.Context(), h, "x") })
			synctest.Wait()
		}
		close(w.end)
		all.Wait()
		if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
			t.Errorf("ran in the order %v", order)
		}
	})
}

func TestPoolGivesUpWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := NewPool(1), hold()
		defer p.Close()
		var all sync.WaitGroup
		all.Go(func() { // it has begun, and goes on alone
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got, err := p.Match(ctx, w.hash(time.Second, 0), "x"); got || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("PWD-9: got %v, %v, want the end of the deadline", got, err)
			}
		})
		synctest.Wait()
		all.Go(func() { // it has not
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got, err := p.Match(ctx, w.hash(time.Second, 0), "x"); got || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("PWD-9: got %v, %v, want the end of the deadline", got, err)
			}
		})
		all.Wait()
		if p.runs != 1 || len(p.line) != 0 || p.taken != time.Second {
			t.Errorf("PWD-9: %d run, %d wait, %v of work", p.runs, len(p.line), p.taken)
		}
		close(w.end)
		synctest.Wait()
		idle(t, p)
		if w.most != 1 {
			t.Errorf("%d ran", w.most)
		}
	})
}

func TestPoolSurvivesPanic(t *testing.T) {
	p := NewPool(1)
	defer p.Close()
	h := Hash{family: "panics", longest: 1, matches: func(string) bool { panic("x") }}
	for range 3 {
		if got, err := p.Match(t.Context(), h, ""); got || err == nil || errors.Is(err, ErrBusy) {
			t.Errorf("FAL-1: got %v, %v", got, err)
		}
	}
}

func TestPoolWithEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := Hash{family: "never", longest: 1, matches: func(string) bool { t.Error("hashed"); return true }}
	if got, err := NewPool(1).Match(ctx, h, ""); got || !errors.Is(err, context.Canceled) {
		t.Errorf("PWD-9: got %v, %v", got, err)
	}
}

func TestPoolDefaults(t *testing.T) {
	p, before := NewPool(0), runtime.GOMAXPROCS(0)
	if want := max(1, before-1); p.workers != want || p.waiting != 2*time.Second || p.memory <= 0 || p.memory > usableMemory()/4 {
		t.Errorf("PWD-9: %d workers, %v, %d bytes; want %d workers", p.workers, p.waiting, p.memory, want)
	}
	defer restoreProcessors(raiseProcessors(3))
	if p := NewPoolWith(PoolConfig{LowPriority: true}); canLower && p.workers != before {
		t.Errorf("PWD-9: %d workers of low priority", p.workers)
	}
}

func TestPoolCloses(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	p, w := NewPoolWith(PoolConfig{Workers: 2, LowPriority: true}), hold()
	done := make(chan bool)
	go func() {
		got, err := p.Match(context.Background(), w.hash(time.Second, 0), "x")
		done <- got && err == nil
	}()
	for w.running() == 0 {
		runtime.Gosched()
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Match(t.Context(), w.hash(0, 0), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("a closed pool says %v", err)
	}
	close(w.end)
	if !<-done {
		t.Error("what was under way was not finished")
	}
	for runtime.GOMAXPROCS(0) != before {
		runtime.Gosched() // until the last worker is through
	}
	if _, err := p.Match(t.Context(), w.hash(0, 0), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("a closed pool says %v", err)
	}
}

// A pool that never hashed has nothing to end.
func TestPoolClosesUnused(t *testing.T) {
	p := NewPoolWith(PoolConfig{LowPriority: true})
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Match(t.Context(), Hash{}, ""); !errors.Is(err, ErrBusy) {
		t.Errorf("a closed pool says %v", err)
	}
}

func TestUsableMemory(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if got := machineMemory(write("meminfo", "MemTotal:       24684492 kB\nMemFree: 1 kB\n")); got != 24684492<<10 {
		t.Errorf("machine: %d", got)
	}
	for i, row := range []struct {
		membership string
		files      map[string]string
		want       int64
	}{
		{"0::/a/b\n", map[string]string{"a/b/memory.max": "max\n", "a/memory.max": "1048576\n", "memory.max": "max\n"}, 1 << 20},
		{"0::/a\n", map[string]string{"a/memory.max": "2097152\n", "memory.max": "1048576\n"}, 1 << 20},
		{"0::/\n", map[string]string{"memory.max": "max\n"}, 0},
		{"5:cpu,memory:/a\n4:cpu:/x\n", map[string]string{"memory/a/memory.limit_in_bytes": "1048576\n", "memory/memory.limit_in_bytes": "9223372036854771712\n"}, 1 << 20},
		{"nonsense\n", nil, 0},
	} {
		mount := fmt.Sprint("mount", i)
		for name, text := range row.files {
			write(filepath.Join(mount, name), text)
		}
		if got := controlGroupLimit(write(fmt.Sprint("cgroup", i), row.membership), filepath.Join(folder, mount)); got != row.want {
			t.Errorf("%q: got %d, want %d", row.membership, got, row.want)
		}
	}
	if controlGroupLimit(filepath.Join(folder, "none"), folder) != 0 || machineMemory(filepath.Join(folder, "none")) != 0 {
		t.Error("limits without files")
	}
	if usableMemory() <= 0 {
		t.Error("no memory at all")
	}
}
