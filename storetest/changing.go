package storetest

import (
	"time"

	"github.com/ostiary/ostiary"
)

var adding = map[string]func(*bench){
	"Change of nothing": func(b *bench) { b.must(ada, ostiary.Change{}) },
	"Change adds none with an id of another": func(b *bench) {
		b.add(ada, b.record("1"))
		b.add(eve, b.record("2"))
		for _, id := range []string{"1", "2"} {
			b.refused(ada, ostiary.Change{Add: []ostiary.Record{b.record("3"), b.record(id)}}, ostiary.ErrKeyTaken)
		}
		b.refused(ada, ostiary.Change{Add: []ostiary.Record{b.record("4"), b.record("4")}}, ostiary.ErrKeyTaken)
	},
	"Change adds none with a key of another": func(b *bench) {
		keyed := func(id, key string) ostiary.Record {
			r := b.record(id)
			r.Kind, r.Key = "kind of "+id, key // across kinds, too
			return r
		}
		b.add(ada, keyed("1", "k1"))
		b.add(eve, keyed("2", "k2"))
		for _, key := range []string{"k1", "k2"} {
			b.refused(ada, ostiary.Change{Add: []ostiary.Record{keyed("3", "k3"), keyed("4", key)}}, ostiary.ErrKeyTaken)
		}
		b.refused(ada, ostiary.Change{Add: []ostiary.Record{keyed("5", "k5"), keyed("6", "k5")}}, ostiary.ErrKeyTaken)
		b.add(ada, keyed("7", ""), keyed("8", ""), keyed("9", "K1"))
	},
	"Change adds in the place of what expired": func(b *bench) {
		old := b.state("1", 2*time.Second)
		old.Key = "k"
		b.add(eve, old)
		b.clock.pass(2 * time.Second)
		again := b.record("1")
		again.Key = "k"
		b.add(ada, again)
		b.has(ada, "1")
		b.has(eve, "")
		if r, err := b.RecordByKey(b.ctx(), "k"); err != nil || r.Account != ada {
			b.Errorf("got a record of %q, %v, want one of %s", r.Account, err, ada)
		}
	},
	"Change adds in the place of what it removes": func(b *bench) {
		r := b.record("1")
		r.Key = "k"
		b.add(ada, r)
		other := b.record("2")
		other.Key = "k"
		b.must(ada, ostiary.Change{Add: []ostiary.Record{other}, Remove: []ostiary.Record{{ID: "1"}}})
		b.must(ada, ostiary.Change{Add: []ostiary.Record{b.record("2")}, Remove: []ostiary.Record{{ID: "2", Version: 1}}})
		b.has(ada, "2")
	},
}

var changing = map[string]func(*bench){
	"Change updates": func(b *bench) {
		r := b.record("1")
		r.Key = "k"
		b.add(ada, r, b.record("2"))
		r = b.one("1")
		r.Data, r.Used, r.Expires = []byte("new"), b.clock.in(time.Minute), b.clock.in(time.Hour)
		changed := r
		changed.Kind, changed.Key, changed.Created = "other", "other", b.clock.in(time.Hour) // not looked at
		b.must(ada, ostiary.Change{Update: []ostiary.Record{changed}})
		r.Version = 2
		if got := b.one("1"); line(got) != line(r) {
			b.Errorf("got  %s\nwant %s", line(got), line(r))
		}
		r.Data, r.Used, r.Expires = nil, time.Time{}, time.Time{}
		b.must(ada, ostiary.Change{Update: []ostiary.Record{r}})
		r.Version = 3
		if got := b.one("1"); line(got) != line(r) {
			b.Errorf("got  %s\nwant %s", line(got), line(r))
		}
	},
	"OTP-1 Change updates the given version alone": func(b *bench) {
		b.add(ada, b.record("1"), b.record("2"))
		b.must(ada, ostiary.Change{Update: []ostiary.Record{b.one("1")}})
		for _, version := range []int64{-1, 0, 1, 3} {
			r := b.one("1")
			r.Version, r.Data = version, []byte("late")
			b.refused(ada, ostiary.Change{Update: []ostiary.Record{b.one("2"), r}}, ostiary.ErrConflict)
		}
		r := b.one("1")
		b.refused(ada, ostiary.Change{Update: []ostiary.Record{r, r}}, ostiary.ErrConflict)
	},
	"Change removes": func(b *bench) {
		b.add(ada, b.record("1"), b.record("2"), b.record("3"))
		b.must(ada, ostiary.Change{Update: []ostiary.Record{b.one("2")}})
		b.must(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}, {ID: "2", Version: 2}}})
		b.has(ada, "3")
		b.add(ada, b.record("1"))
		b.has(ada, "3 1")
	},
	"REC-2 Change removes the given version alone": func(b *bench) {
		b.add(ada, b.record("1"), b.record("2"))
		for _, version := range []int64{-1, 2} {
			b.refused(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "2"}, {ID: "1", Version: version}}}, ostiary.ErrConflict)
		}
		b.refused(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}, {ID: "1"}}}, ostiary.ErrConflict)
		b.must(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}}})
		b.refused(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}}}, ostiary.ErrConflict)
	},
	"MFA-2 Change touches nothing of others, and nothing that expired": func(b *bench) {
		b.add(ada, b.record("1"), b.state("2", time.Minute))
		soon := b.one("2")
		b.clock.pass(time.Minute)
		for account, r := range map[string]ostiary.Record{eve: b.one("1"), ada: soon, "directory:nobody": soon} {
			r.Account = account
			b.refused(account, ostiary.Change{Update: []ostiary.Record{r}}, ostiary.ErrConflict)
			b.refused(account, ostiary.Change{Remove: []ostiary.Record{r}}, ostiary.ErrConflict)
			r.Version = 0
			b.refused(account, ostiary.Change{Remove: []ostiary.Record{r}}, ostiary.ErrConflict)
		}
	},
	"Change lets a record expire": func(b *bench) {
		b.add(ada, b.record("1"))
		r := b.one("1")
		r.Expires = b.clock.now()
		b.must(ada, ostiary.Change{Update: []ostiary.Record{r}})
		b.has(ada, "")
	},
}

// conditions are each one thing that makes a change fail, among others that would
// do.
var conditions = map[string]func(*bench){
	"FAL-2 Change is all or nothing": func(b *bench) {
		b.add(ada, b.record("1"), b.record("2"))
		b.add(eve, b.record("3"))
		b.take("used", b.clock.in(time.Hour))
		tries := ostiary.Budget{Key: "tries", Limit: 1, Window: time.Hour}
		b.spend(tries)
		whole := func() ostiary.Change {
			return ostiary.Change{
				Factors: []string{"2", "1"}, Add: []ostiary.Record{b.record("4")}, Update: []ostiary.Record{b.one("1")},
				Remove: []ostiary.Record{b.one("2")}, Once: []ostiary.Mark{{Key: "new", Until: b.clock.in(time.Hour)}}, Refund: []string{"tries"},
			}
		}
		for _, row := range failing {
			c := whole()
			row.spoil(b, &c)
			b.Log(row.name)
			b.refused(ada, c, row.want)
			if b.spend(tries) == 0 {
				b.Errorf("%s: a refused change gave a try back", row.name)
			}
		}
		c := whole()
		b.must(ada, c) // no refused change made the mark
		b.has(ada, "1 4")
		if wait := b.spend(tries); wait != 0 {
			b.Errorf("the change gave no try back: wait %v", wait)
		}
		if b.take("new", b.clock.in(time.Hour)) {
			b.Error("the change made no mark")
		}
	},
	"Change with a condition on the factors": func(b *bench) {
		with := func(ids ...string) ostiary.Change { return ostiary.Change{Factors: append([]string{}, ids...)} }
		b.must(ada, with())
		b.refused(ada, with("1"), ostiary.ErrConflict)
		b.add(ada, b.record("1"), b.record("2"), b.state("waits", time.Hour))
		b.add(eve, b.record("3"))
		b.must(ada, with("1", "2"))
		b.must(ada, with("2", "1"))
		for _, ids := range [][]string{{}, {"1"}, {"1", "1"}, {"1", "2", "2"}, {"1", "2", "waits"}, {"1", "2", "3"}, {"1", "3"}, {"1", ""}} {
			b.refused(ada, with(ids...), ostiary.ErrConflict)
		}
		soon := b.record("5")
		soon.Expires = b.clock.in(time.Minute)
		b.add(ada, soon)
		b.refused(ada, with("1", "2"), ostiary.ErrConflict)
		b.clock.pass(time.Minute)
		b.must(ada, with("1", "2"))
	},
}

var failing = []struct {
	name  string
	want  error
	spoil func(b *bench, c *ostiary.Change)
}{
	{"other factors", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Factors = []string{"1"} }},
	{"no factors", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Factors = []string{} }},
	{"an update too late", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Update[0].Version++ }},
	{"an update of nothing", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Update[0].ID = "nothing" }},
	{"a removal too late", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Remove[0].Version++ }},
	{"a removal of nothing", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Remove[0].ID = "nothing" }},
	{"one id twice", ostiary.ErrKeyTaken, func(_ *bench, c *ostiary.Change) { c.Add[0].ID = "3" }},
	{"a mark that is made", ostiary.ErrConflict, func(b *bench, c *ostiary.Change) {
		c.Once = append(c.Once, ostiary.Mark{Key: "used", Until: b.clock.in(time.Hour)})
	}},
	{"a mark twice", ostiary.ErrConflict, func(_ *bench, c *ostiary.Change) { c.Once = append(c.Once, c.Once[0]) }},
	{"a mark that is over", ostiary.ErrConflict, func(b *bench, c *ostiary.Change) {
		c.Once = append(c.Once, ostiary.Mark{Key: "over", Until: b.clock.now()})
	}},
}
