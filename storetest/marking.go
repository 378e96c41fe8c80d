package storetest

import (
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

var marking = map[string]func(*bench){
	"TakeOnce": func(b *bench) {
		for _, key := range []string{"a", "A", "a ", "\x00\xff", strings.Repeat("k", 512)} {
			if !b.take(key, b.clock.in(time.Minute)) {
				b.Errorf("%.10q: the first take is not first", key)
			}
			if b.take(key, b.clock.in(time.Minute)) {
				b.Errorf("%.10q: the second take is first", key)
			}
		}
		b.clock.pass(time.Minute - time.Millisecond)
		if b.take("a", b.clock.in(time.Millisecond)) {
			b.Error("first again before the end")
		}
		b.clock.pass(time.Millisecond)
		if !b.take("a", b.clock.in(time.Minute)) || b.take("a", b.clock.in(time.Minute)) {
			b.Error("not first, or twice first, at the end")
		}
	},
	"TakeOnce is prolonged and never shortened": func(b *bench) {
		for _, d := range []time.Duration{time.Minute, time.Hour, time.Second} {
			b.take("a", b.clock.in(d))
		}
		b.clock.pass(time.Hour - time.Millisecond)
		if b.take("a", b.clock.in(time.Millisecond)) {
			b.Error("the longest of three times does not count")
		}
		b.clock.pass(time.Millisecond)
		if !b.take("a", b.clock.in(time.Minute)) {
			b.Error("never forgotten")
		}
	},
	"TakeOnce without time left": func(b *bench) {
		for _, until := range []time.Time{b.clock.now(), b.clock.in(-time.Hour), {}} {
			if b.take("late", until) {
				b.Errorf("first although its time was over at %v", until)
			}
		}
	},
	"TakeOnce for ever": func(b *bench) {
		until := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
		if !b.take("a", until) || b.take("a", until) {
			b.Error("a key until the year 9999 is not taken once")
		}
	},
	"TakeOnce and Change make the same marks": func(b *bench) {
		mark := func(key string) ostiary.Change {
			return ostiary.Change{Once: []ostiary.Mark{{Key: key, Until: b.clock.in(time.Minute)}}}
		}
		b.take("a", b.clock.in(time.Minute))
		b.refused(ada, mark("a"), ostiary.ErrConflict)
		b.must(ada, mark("b"))
		b.refused(eve, mark("b"), ostiary.ErrConflict) // of no account
		if b.take("b", b.clock.in(time.Minute)) {
			b.Error("what a change marked is taken again")
		}
		b.clock.pass(time.Minute)
		b.must(ada, mark("a"))
	},
	"SES-3 Revoke": func(b *bench) {
		if b.Revoked("s1") || b.Revoked("") {
			b.Error("revoked before anything was")
		}
		for _, until := range []time.Time{b.clock.in(time.Hour), b.clock.in(time.Minute), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if err := b.Revoke(b.ctx(), "s1", until); err != nil {
				b.Fatal(err)
			}
			if !b.Revoked("s1") || b.Revoked("s2") || b.Revoked("S1") || b.Revoked("") {
				b.Error("not the one session is revoked")
			}
		}
		if !b.take("s1", b.clock.in(time.Hour)) {
			b.Error("an ended session counts as a mark")
		}
	},
}
