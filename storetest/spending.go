package storetest

import (
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

var spending = map[string]func(*bench){
	"Spend nothing": func(b *bench) {
		if wait := b.spend(); wait != 0 {
			b.Errorf("no budget, yet wait %v", wait)
		}
	},
	"THR-2 Spend until the limit": func(b *bench) {
		tries := ostiary.Budget{Key: "\x00 tries \xff", Limit: 3, Window: time.Minute}
		for i := range 3 {
			if wait := b.spend(tries); wait != 0 {
				b.Fatalf("try %d: wait %v", i, wait)
			}
			b.clock.pass(time.Second)
		}
		b.waits(57*time.Second, tries)
		b.clock.pass(57*time.Second - time.Millisecond)
		b.waits(time.Millisecond, tries)
		b.clock.pass(time.Millisecond)
		b.waits(0, tries)
		b.clock.pass(59 * time.Second) // counted from the first again
		b.waits(0, tries)
		b.waits(0, tries)
		b.waits(time.Second, tries)
	},
	"Spend from all or none": func(b *bench) {
		short := ostiary.Budget{Key: "short", Limit: 1, Window: time.Minute}
		long := ostiary.Budget{Key: "long", Limit: 2, Window: time.Hour}
		b.waits(0, long, short)
		b.waits(time.Minute, long, short)
		b.waits(time.Minute, short, long)
		b.waits(0, long) // it still had the try
		b.waits(time.Hour, short, long)
		b.clock.pass(time.Minute)
		b.waits(59*time.Minute, short, long)
		b.waits(0, short)
	},
	"Spend from one budget alone": func(b *bench) {
		for _, key := range []string{"a", "A", "a ", "ab", strings.Repeat("a", 512)} {
			b.waits(0, ostiary.Budget{Key: key, Limit: 1, Window: time.Minute})
		}
	},
	"Spend by the limit of the call": func(b *bench) {
		tries := ostiary.Budget{Key: "tries", Limit: 5, Window: time.Minute}
		b.waits(0, tries)
		b.waits(0, tries)
		tries.Limit = 2
		b.waits(time.Minute, tries)
		tries.Limit = 3
		b.waits(0, tries)
	},
	"Change refunds": func(b *bench) {
		tries := ostiary.Budget{Key: "tries", Limit: 2, Window: time.Minute}
		refund := ostiary.Change{Refund: []string{"tries", "unknown"}}
		for range 3 { // never below nothing spent
			b.must(ada, refund)
		}
		b.waits(0, tries)
		b.must(ada, refund)
		b.must(ada, refund)
		b.waits(0, tries)
		b.waits(0, tries)
		b.waits(time.Minute, tries)
		b.must(ada, ostiary.Change{Refund: []string{"tries", "tries"}})
		b.waits(0, tries)
		b.waits(0, tries)
		b.waits(time.Minute, tries)
	},
	"THR-3 Spend with a clock that was set back": func(b *bench) {
		tries := ostiary.Budget{Key: "tries", Limit: 1, Window: time.Minute}
		b.clock.pass(365 * 24 * time.Hour)
		b.waits(0, tries)
		b.clock.pass(-365 * 24 * time.Hour)
		b.waits(time.Minute, tries)
		b.clock.pass(time.Minute)
		b.waits(0, tries)
	},
}

// waits spends and holds the answer against the wanted one.
func (b *bench) waits(want time.Duration, budgets ...ostiary.Budget) {
	b.Helper()
	if got := b.spend(budgets...); got != want {
		b.Errorf("Spend: got %v, want %v", got, want)
	}
}
