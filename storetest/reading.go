package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// line writes down all of a record.
func line(r ostiary.Record) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return fmt.Sprint(t.UnixNano())
	}
	return fmt.Sprintf("%s of %s, %s, key %q, data %x, version %d, created %s, used %s, expires %s",
		r.ID, r.Account, r.Kind, r.Key, r.Data, r.Version, at(r.Created), at(r.Used), at(r.Expires))
}

var reading = map[string]func(*bench){
	"Records nothing": func(b *bench) {
		if list := b.records(ada); len(list) != 0 {
			b.Errorf("got %v, want none", list)
		}
	},
	"Records returns what was added": func(b *bench) {
		whole := ostiary.Record{
			ID: "!~ 1", Account: ada, Kind: "webauthn", Key: strings.Repeat("k", 2048), Data: []byte("\x00\xff data"), Version: 7,
			Created: b.clock.now(), Used: b.clock.in(time.Second), Expires: b.clock.in(time.Hour),
		}
		b.add(ada, whole)
		whole.Version = 1
		if got := line(b.records(ada)[0]); got != line(whole) {
			b.Errorf("got  %s\nwant %s", got, line(whole))
		}
		got, err := b.RecordByKey(b.ctx(), whole.Key)
		if err != nil || line(got) != line(whole) {
			b.Errorf("by its key: got %s, %v\nwant %s", line(got), err, line(whole))
		}
	},
	"Records with empty fields": func(b *bench) {
		empty := ostiary.Record{ID: "1", Kind: "k", Account: ada}
		b.add(ada, empty)
		empty.Version = 1
		if got := line(b.records(ada)[0]); got != line(empty) {
			b.Errorf("got  %s\nwant %s", got, line(empty))
		}
	},
	"Records as large as may be": func(b *bench) {
		account := strings.Repeat("a", 3200)
		r := ostiary.Record{ID: strings.Repeat("i", 64), Kind: strings.Repeat("k", 64), Data: []byte(strings.Repeat("\x00", 16<<10))}
		b.add(account, r)
		r.Account, r.Version = account, 1
		if got := b.records(account); len(got) != 1 || line(got[0]) != line(r) {
			b.Errorf("a record as large as may be is not the same any more")
		}
	},
	"Records cuts times to seconds": func(b *bench) {
		b.clock.pass(700 * time.Millisecond)
		r := b.record("1")
		r.Used, r.Expires = b.clock.now(), b.clock.in(time.Minute)
		b.add(ada, r)
		got := b.one("1")
		for _, at := range []time.Time{got.Created, got.Used, got.Expires} {
			if at.Nanosecond() != 0 {
				b.Errorf("got the time %v, want whole seconds", at)
			}
		}
	},
	"Records in the order of creation": func(b *bench) {
		late := b.record("z")
		late.Created = b.clock.in(-time.Hour) // the order is that of the changes
		b.add(ada, b.record("m"), late, b.record("a"))
		b.must(ada, ostiary.Change{Add: []ostiary.Record{b.record("y"), b.record("b")}})
		b.must(ada, ostiary.Change{Update: []ostiary.Record{b.one("m")}, Remove: []ostiary.Record{{ID: "a"}}})
		b.has(ada, "m z y b")
	},
	"Records of one account alone": func(b *bench) {
		b.add(ada, b.record("1"))
		b.add(eve, b.record("2"))
		b.add(ada+"x", b.record("3"))
		b.add("Directory:ada", b.record("4"))
		b.add(ada+" ", b.record("5"))
		b.has(ada, "1")
		b.has(eve, "2")
		b.has("Directory:ada", "4")
	},
	"Records without those that expired": func(b *bench) {
		b.add(ada, b.record("always"), b.state("soon", 2*time.Second), b.state("late", time.Hour))
		b.has(ada, "always soon late")
		b.clock.pass(2*time.Second - time.Nanosecond)
		b.has(ada, "always soon late")
		b.clock.pass(time.Nanosecond)
		b.has(ada, "always late")
		b.clock.pass(24 * 365 * time.Hour)
		b.has(ada, "always")
	},
	"RecordByKey": func(b *bench) {
		keyed, other := b.state("1", time.Minute), b.record("2")
		keyed.Key, other.Key = "a key", "A key"
		b.add(ada, keyed, b.record("3"))
		b.add(eve, other)
		for key, want := range map[string]string{"a key": ada, "A key": eve} {
			if r, err := b.RecordByKey(b.ctx(), key); err != nil || r.Account != want {
				b.Errorf("%q: got a record of %q, %v, want one of %s", key, r.Account, err, want)
			}
		}
		b.clock.pass(time.Minute)
		for _, key := range []string{"a key", "", "another", "a key ", "a", "\x00", strings.Repeat("k", 5000), "%", "ä\xff"} {
			if r, err := b.RecordByKey(b.ctx(), key); !errors.Is(err, ostiary.ErrNoRecord) {
				b.Errorf("%.20q: got record %q, %v, want ErrNoRecord", key, r.ID, err)
			}
		}
	},
	"Accounts by pages": func(b *bench) {
		want := []string{"A:z", "a:1", "a:10", "a:2", "b", "b:", "b~"}
		for i := len(want) - 1; i >= 0; i-- {
			b.add(want[i], b.record(fmt.Sprint(i)), b.record(fmt.Sprint("second", i)))
		}
		b.add("a:15", b.state("gone", time.Minute))
		b.clock.pass(time.Minute)
		for limit := 1; limit <= len(want)+1; limit++ {
			b.pages(want, limit)
		}
		for _, limit := range []int{0, -1} {
			if names, err := b.Accounts(b.ctx(), "", limit); len(names) != 0 || err != nil {
				b.Errorf("with limit %d: got %q, %v, want none", limit, names, err)
			}
		}
	},
	"Accounts without those that have nothing": func(b *bench) {
		b.add(ada, b.record("1"))
		b.add(eve, b.record("2"))
		b.must(ada, ostiary.Change{Remove: []ostiary.Record{{ID: "1"}}})
		b.pages([]string{eve}, 10)
	},
}

// pages reads the names of accounts by pages and holds them against the wanted.
func (b *bench) pages(want []string, limit int) {
	b.Helper()
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := b.Accounts(b.ctx(), after, limit)
		if err != nil || len(page) > limit {
			b.Fatalf("Accounts after %q: got %d names, %v, want at most %d", after, len(page), err, limit)
		}
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		b.Errorf("by pages of %d: got %q, want %q", limit, got, want)
	}
}
