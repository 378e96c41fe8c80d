package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary"
)

const crowd = 64 // calls at once

// many calls at once, and counts how many said yes.
func many(n int, call func(i int) (bool, error)) (yes int, err error) {
	var count atomic.Int64
	var fault atomic.Pointer[error]
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-gate
			ok, err := call(i)
			if err != nil {
				fault.Store(&err)
			}
			if ok {
				count.Add(1)
			}
		})
	}
	close(gate)
	all.Wait()
	if p := fault.Load(); p != nil {
		err = *p
	}
	return int(count.Load()), err
}

// changed reads the answer of a change that others make at the same time.
func changed(err error) (bool, error) {
	if errors.Is(err, ostiary.ErrConflict) || errors.Is(err, ostiary.ErrKeyTaken) {
		return false, nil
	}
	return err == nil, err
}

// exactly has many do one thing at once.
func (b *bench) exactly(want int, call func(ctx context.Context, i int) (bool, error)) {
	b.Helper()
	got, err := many(crowd, func(i int) (bool, error) { return call(b.ctx(), i) })
	if got != want || err != nil {
		b.Errorf("of %d at once %d did, %v, want %d", crowd, got, err, want)
	}
}

var races = map[string]func(*bench){
	"THR-2 one budget for 64 at once": func(b *bench) {
		mine := ostiary.Budget{Key: "mine", Limit: 10, Window: time.Minute}
		ours := ostiary.Budget{Key: "ours", Limit: 50, Window: time.Hour}
		for range 3 {
			b.exactly(10, func(ctx context.Context, i int) (bool, error) {
				both := []ostiary.Budget{mine, ours}
				if i%2 == 0 {
					both = []ostiary.Budget{ours, mine}
				}
				wait, err := b.Spend(ctx, both...)
				return wait == 0 && err == nil, err
			})
			b.clock.pass(time.Minute)
		}
		ours.Limit = 31 // the refused have taken none of these
		b.waits(0, ours)
	},
	"OTP-1 one step for 64 at once": func(b *bench) {
		b.add(ada, b.record("1"))
		for range 3 {
			r := b.one("1")
			b.exactly(1, func(ctx context.Context, i int) (bool, error) {
				mine := r
				mine.Data = fmt.Appendf(nil, "step of %d", i)
				return changed(b.Change(ctx, ada, ostiary.Change{Update: []ostiary.Record{mine}}))
			})
		}
		if r := b.one("1"); r.Version != 4 {
			b.Errorf("got version %d, want 4", r.Version)
		}
	},
	"REC-2 one code for 64 at once": func(b *bench) {
		b.add(ada, b.record("1"))
		b.exactly(1, func(ctx context.Context, _ int) (bool, error) {
			return changed(b.Change(ctx, ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}}}))
		})
	},
	"one mark for 64 at once": func(b *bench) {
		b.exactly(1, func(ctx context.Context, i int) (bool, error) {
			if i%2 == 0 {
				return b.TakeOnce(ctx, "mark", b.clock.in(time.Minute))
			}
			return changed(b.Change(ctx, fmt.Sprint("directory:", i), ostiary.Change{Once: []ostiary.Mark{{Key: "mark", Until: b.clock.in(time.Minute)}}}))
		})
	},
	"one key for 64 at once": func(b *bench) {
		b.exactly(1, func(ctx context.Context, i int) (bool, error) {
			r := b.record(fmt.Sprint(i))
			r.Account, r.Key = fmt.Sprint("directory:", i), "credential"
			return changed(b.Change(ctx, r.Account, ostiary.Change{Add: []ostiary.Record{r}}))
		})
	},
	"one first factor for 64 at once": func(b *bench) {
		b.exactly(1, func(ctx context.Context, i int) (bool, error) {
			return changed(b.Change(ctx, ada, ostiary.Change{Factors: []string{}, Add: []ostiary.Record{b.record(fmt.Sprint(i))}}))
		})
	},
	"the last but one factor for 2 at once": func(b *bench) {
		for range 8 {
			b.add(ada, b.record("1"), b.record("2"))
			got, err := many(2, func(i int) (bool, error) {
				c := ostiary.Change{Factors: []string{"1", "2"}, Remove: []ostiary.Record{{ID: fmt.Sprint(i + 1)}}}
				return changed(b.Change(b.ctx(), ada, c))
			})
			if got != 1 || err != nil {
				b.Errorf("%d of 2 removed a factor while there were two, %v", got, err)
			}
			b.must(ada, ostiary.Change{Remove: []ostiary.Record{{ID: b.ids(ada)}}})
		}
	},
	"two keys in either order for 2 at once": func(b *bench) {
		for round := range 8 {
			got, err := many(2, func(i int) (bool, error) {
				var list []ostiary.Record
				for n := range 2 {
					r := b.record(fmt.Sprintf("%d.%d.%d", round, i, n))
					r.Account, r.Key = fmt.Sprint("directory:", i), fmt.Sprintf("key %d of round %d", (n+i)%2, round)
					list = append(list, r)
				}
				return changed(b.Change(b.ctx(), list[0].Account, ostiary.Change{Add: list}))
			})
			if got != 1 || err != nil {
				b.Errorf("%d of 2 have both keys, %v, want 1", got, err)
			}
		}
	},
	"many accounts at once": func(b *bench) {
		b.exactly(crowd, func(ctx context.Context, i int) (bool, error) {
			r := b.record(fmt.Sprint(i))
			r.Account = fmt.Sprint("directory:", i)
			if err := b.Change(ctx, r.Account, ostiary.Change{Add: []ostiary.Record{r}}); err != nil {
				return false, err
			}
			list, err := b.Records(ctx, r.Account)
			return len(list) == 1, err
		})
	},
}
