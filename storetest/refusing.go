package storetest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

var refusing = map[string]func(*bench){
	"FAL-7 Change refuses what is out of bounds": func(b *bench) {
		b.add(ada, b.record("1"))
		for name, spoil := range map[string]func(r *ostiary.Record){
			"no id":            func(r *ostiary.Record) { r.ID = "" },
			"long id":          func(r *ostiary.Record) { r.ID = strings.Repeat("i", 65) },
			"id with a NUL":    func(r *ostiary.Record) { r.ID = "a\x00b" },
			"id beyond ASCII":  func(r *ostiary.Record) { r.ID = "ä" },
			"id on two lines":  func(r *ostiary.Record) { r.ID = "a\nb" },
			"no kind":          func(r *ostiary.Record) { r.Kind = "" },
			"long key":         func(r *ostiary.Record) { r.Key = strings.Repeat("k", 2049) },
			"key beyond ASCII": func(r *ostiary.Record) { r.Key = "\xff" },
			"much data":        func(r *ostiary.Record) { r.Data = make([]byte, 16<<10+1) },
			"other account":    func(r *ostiary.Record) { r.Account = eve },
		} {
			r := b.record("2")
			spoil(&r)
			b.invalid(name, ada, ostiary.Change{Add: []ostiary.Record{r}})
		}
		tooMuch, foreign := b.one("1"), b.one("1")
		tooMuch.Data, foreign.Account = make([]byte, 16<<10+1), eve
		b.invalid("much data to update", ada, ostiary.Change{Update: []ostiary.Record{tooMuch}})
		b.invalid("an update for another", ada, ostiary.Change{Update: []ostiary.Record{foreign}})
		b.invalid("an update without id", ada, ostiary.Change{Update: []ostiary.Record{{}}})
		b.invalid("a removal without id", ada, ostiary.Change{Remove: []ostiary.Record{{}}})
		b.invalid("a mark without key", ada, ostiary.Change{Once: []ostiary.Mark{{Until: b.clock.in(time.Hour)}}})
		b.invalid("a refund without key", ada, ostiary.Change{Refund: []string{""}})
		for _, account := range []string{"", "a\x00b", strings.Repeat("a", 3201), "ä"} {
			b.invalid("an account", account, ostiary.Change{})
		}
	},
	"MFA-3 Records of no account are no empty list": func(b *bench) {
		for _, account := range []string{"", "a\x00b", strings.Repeat("a", 3201), "ä"} {
			if _, err := b.Records(b.ctx(), account); err == nil {
				b.Errorf("the records of %.10q are told", account)
			}
		}
	},
	"FAL-7 TakeOnce and Revoke refuse what is out of bounds": func(b *bench) {
		for _, key := range []string{"", strings.Repeat("k", 513)} {
			if first, err := b.TakeOnce(b.ctx(), key, b.clock.in(time.Hour)); first || err == nil {
				b.Errorf("a key of %d bytes: got %t, %v, want an error", len(key), first, err)
			}
			if err := b.Revoke(b.ctx(), key, b.clock.in(time.Hour)); err == nil {
				b.Errorf("a session of %d bytes is revoked", len(key))
			}
		}
	},
	"FAL-7 Spend refuses what is no budget": func(b *bench) {
		good := ostiary.Budget{Key: "good", Limit: 1, Window: time.Minute}
		for name, bad := range map[string]ostiary.Budget{
			"no key":         {Limit: 1, Window: time.Minute},
			"long key":       {Key: strings.Repeat("k", 513), Limit: 1, Window: time.Minute},
			"no limit":       {Key: "k", Window: time.Minute},
			"negative limit": {Key: "k", Limit: -1, Window: time.Minute},
			"no window":      {Key: "k", Limit: 1},
			"split second":   {Key: "k", Limit: 1, Window: time.Millisecond},
			"twice the same": good,
		} {
			if _, err := b.Spend(b.ctx(), good, bad); err == nil {
				b.Errorf("%s is taken", name)
			}
		}
		if b.spend(good) != 0 {
			b.Error("a refused call took a try")
		}
	},
	"a cancelled context is no success": func(b *bench) {
		b.add(ada, b.record("1"))
		ctx, cancel := context.WithCancel(b.ctx())
		cancel()
		_, err1 := b.Records(ctx, ada)
		_, err2 := b.RecordByKey(ctx, "k")
		_, err3 := b.Accounts(ctx, "", 1)
		first, err4 := b.TakeOnce(ctx, "mark", b.clock.in(time.Hour))
		_, err5 := b.Spend(ctx, ostiary.Budget{Key: "k", Limit: 1, Window: time.Minute})
		err6 := b.Revoke(ctx, "session", b.clock.in(time.Hour))
		err7 := b.Change(ctx, ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}}})
		for i, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
			if err == nil || errors.Is(err, ostiary.ErrNoRecord) {
				b.Errorf("call %d: got %v, want an error", i+1, err)
			}
		}
		if first {
			b.Error("cancelled and yet first")
		}
		b.has(ada, "1")
	},
}

// invalid makes a change that must fail for no reason of somebody else's.
func (b *bench) invalid(name, account string, c ostiary.Change) {
	b.Helper()
	before := b.all()
	err := b.Change(b.ctx(), account, c)
	if err == nil || errors.Is(err, ostiary.ErrConflict) || errors.Is(err, ostiary.ErrKeyTaken) || errors.Is(err, ostiary.ErrNoRecord) {
		b.Errorf("%s: got %v, want another error", name, err)
	}
	if b.all() != before {
		b.Errorf("%s: something changed", name)
	}
}
