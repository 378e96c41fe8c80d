package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// RunCrash has a process write into a store and kills it at some moment, again
// and again: whatever it acknowledged is there afterwards, and nothing is there
// by half (FAL-2). start makes an empty store, in the parent alone, and returns
// its address; open opens it, in all of them. Call it from a test that does
// nothing else: the children run that test again.
func RunCrash(t *testing.T, rounds int, start func(t *testing.T) (address string), open func(t *testing.T, address string) Store) {
	t.Helper()
	if told := role(); told != nil {
		s := open(t, told[0]) // never closed: it is killed
		write(t.Context(), s, told[1], func(line string) { say(t, line) })
		return
	}
	address := start(t)
	total := 0
	for round := range rounds {
		name := fmt.Sprint(round)
		c := spawn(t, address, name)
		acked := journal{}
		for left := chance(t, 60); ; left-- {
			if left == 0 {
				_ = c.command.Process.Kill()
			}
			line := c.line() // to the last that it could say
			if line == "" {
				break
			}
			acked.note(t, line)
		}
		_ = c.in.Close()
		_ = c.command.Wait()
		s := open(t, address)
		acked.verify(t, s, name)
		closed(t, s)
		total += len(acked)
	}
	t.Logf("killed %d times, %d things were acknowledged", rounds, total)
	if total < rounds {
		t.Errorf("only %d things were acknowledged in %d rounds", total, rounds)
	}
}

// RunOutage is RunCrash for a store whose engine is another process: kill ends
// that, without a word, and restart starts it again.
func RunOutage(t *testing.T, rounds int, open func(t *testing.T) Store, kill, restart func(t *testing.T)) {
	t.Helper()
	for round := range rounds {
		s, name := open(t), fmt.Sprint(round)
		lines := make(chan string)
		go func() {
			defer close(lines)
			write(t.Context(), s, name, func(line string) { lines <- line })
		}()
		acked := journal{}
		left := chance(t, 60)
		for line := range lines {
			acked.note(t, line)
			if left--; left == 0 {
				kill(t)
			}
		}
		if left > 0 {
			t.Errorf("writing ended before the engine did")
		}
		restart(t)
		_ = s.Close()
		s = open(t)
		acked.verify(t, s, name)
		closed(t, s)
	}
}

// chance returns a number from 1 to most.
func chance(t *testing.T, most int64) int {
	n, err := rand.Int(rand.Reader, big.NewInt(most))
	if err != nil {
		t.Fatal(err)
	}
	return int(n.Int64()) + 1
}

const crashWriters = 4

// write adds, changes and removes things, each in three steps, and acknowledges
// every step: until an error.
func write(ctx context.Context, s Store, round string, ack func(line string)) {
	var all sync.WaitGroup
	for w := range crashWriters {
		all.Go(func() {
			for i := 0; ; i++ {
				x := thing{account: crashed(round, w), name: fmt.Sprintf("%s.%d.%d", round, w, i)}
				for step := 1; step <= lastStep(x.name); step++ {
					if err := x.step(ctx, s, step); err != nil {
						return
					}
					ack(fmt.Sprintf("%s %d", x.name, step))
				}
			}
		})
	}
	all.Wait()
}

func crashed(round string, writer int) string { return fmt.Sprintf("crash:%s.%d", round, writer) }

// thing is what is written: a try and the end of a session, a record with a mark, then the record changed and
// another one beside it, then neither.
type thing struct{ account, name string }

func (x thing) step(ctx context.Context, s Store, step int) error {
	until := time.Now().Add(time.Hour)
	switch step {
	case 1:
		if _, err := s.Spend(ctx, x.budget()); err != nil {
			return err
		}
		if err := s.Revoke(ctx, x.name, until); err != nil {
			return err
		}
		return s.Change(ctx, x.account, ostiary.Change{
			Add:  []ostiary.Record{{ID: x.name, Kind: "totp", Key: x.name, Data: []byte("one")}},
			Once: []ostiary.Mark{{Key: x.name, Until: until}},
		})
	case 2:
		return s.Change(ctx, x.account, ostiary.Change{
			Update: []ostiary.Record{{ID: x.name, Version: 1, Data: []byte("two")}},
			Add:    []ostiary.Record{{ID: x.name + "+", Kind: "totp"}},
		})
	}
	return s.Change(ctx, x.account, ostiary.Change{Remove: []ostiary.Record{{ID: x.name, Version: 2}, {ID: x.name + "+", Version: 1}}})
}

func (x thing) budget() ostiary.Budget {
	return ostiary.Budget{Key: x.name, Limit: 1, Window: time.Hour}
}

// lastStep is how far a thing goes: a third of them is left after each step.
func lastStep(name string) int {
	var round, writer, i int
	_, _ = fmt.Sscanf(name, "%d.%d.%d", &round, &writer, &i)
	return 1 + i%3
}

// journal is the last step that was acknowledged of each thing.
type journal map[string]int

func (j journal) note(t *testing.T, line string) {
	t.Helper()
	var name string
	var step int
	if _, err := fmt.Sscan(line, &name, &step); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	j[name] = step
}

// verify holds what is there against what was acknowledged. Of each thing one
// step may have been done that nobody heard of any more.
func (j journal) verify(t *testing.T, s Store, round string) {
	t.Helper()
	there := map[string]int{}
	for w := range crashWriters {
		list, err := s.Records(t.Context(), crashed(round, w))
		if err != nil {
			t.Fatal(err)
		}
		for name, step := range steps(t, list) {
			there[name] = step
			if _, heard := j[name]; !heard {
				j[name] = 0
			}
		}
	}
	for name, acked := range j {
		step := there[name]
		if step == 0 && acked >= 2 {
			step = 3
		}
		if step != acked && step != acked+1 || step > lastStep(name) {
			t.Errorf("FAL-2 %s: step %d was acknowledged, and step %d is there", name, acked, there[name])
		}
		if wait, err := s.Spend(t.Context(), thing{name: name}.budget()); wait == 0 || err != nil {
			t.Errorf("FAL-3 %s: a try that was taken is forgotten (%v)", name, err)
		}
		if first, err := s.TakeOnce(t.Context(), name, time.Now().Add(time.Minute)); first || err != nil {
			t.Errorf("FAL-2 %s: its mark is lost (%v)", name, err)
		}
		if !s.Revoked(name) {
			t.Errorf("FAL-2 %s: the end of its session is lost", name)
		}
	}
}

// steps tells for each thing after which step it looks.
func steps(t *testing.T, list []ostiary.Record) map[string]int {
	t.Helper()
	whole, beside := map[string]int{}, map[string]bool{}
	for _, r := range list {
		name, second := strings.CutSuffix(r.ID, "+")
		switch {
		case second:
			beside[name] = true
		case r.Version == 1 && string(r.Data) == "one":
			whole[name] = 1
		case r.Version == 2 && string(r.Data) == "two":
			whole[name] = 2
		default:
			t.Errorf("FAL-2 %s is there by half: version %d, data %q", r.ID, r.Version, r.Data)
		}
	}
	for name, step := range whole {
		if beside[name] != (step == 2) {
			t.Errorf("FAL-2 %s is there by half: step %d, the other record: %t", name, step, beside[name])
		}
		delete(beside, name)
	}
	if len(beside) > 0 {
		t.Errorf("FAL-2 of %v there is but the other record", beside)
	}
	return whole
}
