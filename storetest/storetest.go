// Package storetest says, as tests, what a store of marks, sessions and second
// factors must do. Run it against a store of your own before anybody's factors
// depend on it: Run for the contract, RunProcesses for several processes on one
// store, RunCrash for what must outlive the power cord.
package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// Store is both contracts on one type, and a way to let go of it.
type Store interface {
	ostiary.Store
	ostiary.FactorStore
	Close() error
}

// Run runs every test of the contract. open returns an empty store with the given
// clock, whose time the tests set; a store that goes by the clock of its database
// is to be opened with that of the test here. Run closes it.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) Store) {
	t.Helper()
	groups := []map[string]func(*bench){reading, adding, changing, conditions, spending, marking, races, refusing}
	for _, group := range groups {
		for _, name := range sorted(group) {
			t.Run(name, func(t *testing.T) {
				clock := newClock()
				b := &bench{T: t, clock: clock, Store: open(t, clock.now)}
				t.Cleanup(func() {
					if err := b.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				group[name](b)
			})
		}
	}
}

func sorted(group map[string]func(*bench)) []string {
	var names []string
	for name := range group {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// clock is a time that moves only when told to.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanos.Store(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time               { return time.Unix(0, c.nanos.Load()) }
func (c *clock) in(d time.Duration) time.Time { return c.now().Add(d) }
func (c *clock) pass(d time.Duration)         { c.nanos.Add(int64(d)) }

// bench is one test with a store and a clock of its own.
type bench struct {
	*testing.T
	Store
	clock *clock
}

// ada is the account of most tests, and eve is another.
const ada, eve = "directory:ada", "directory:eve"

// record is a record of a factor, as new.
func (b *bench) record(id string) ostiary.Record {
	return ostiary.Record{ID: id, Account: ada, Kind: "totp", Data: []byte("data of " + id), Created: b.clock.now()}
}

// state is a record that is no factor, and expires.
func (b *bench) state(id string, life time.Duration) ostiary.Record {
	r := b.record(id)
	r.Kind, r.Expires = ".pending", b.clock.in(life)
	return r
}

func (b *bench) ctx() context.Context { return b.Context() }

// must makes a change that is to succeed.
func (b *bench) must(account string, c ostiary.Change) {
	b.Helper()
	if err := b.Change(b.ctx(), account, c); err != nil {
		b.Fatalf("Change: %v", err)
	}
}

// add adds records that are to be taken, one after the other.
func (b *bench) add(account string, list ...ostiary.Record) {
	b.Helper()
	for _, r := range list {
		r.Account = account
		b.must(account, ostiary.Change{Add: []ostiary.Record{r}})
	}
}

// refused makes a change that must fail with an error and change nothing.
func (b *bench) refused(account string, c ostiary.Change, want error) {
	b.Helper()
	before := b.all()
	if err := b.Change(b.ctx(), account, c); !errors.Is(err, want) {
		b.Errorf("Change: got %v, want %v", err, want)
	}
	if after := b.all(); before != after {
		b.Errorf("a refused change changed something:\n%s\nwas\n%s", after, before)
	}
}

// records returns what is kept of an account.
func (b *bench) records(account string) []ostiary.Record {
	b.Helper()
	list, err := b.Records(b.ctx(), account)
	if err != nil {
		b.Fatalf("Records: %v", err)
	}
	return list
}

// one returns the one record of ada with the id.
func (b *bench) one(id string) ostiary.Record {
	b.Helper()
	for _, r := range b.records(ada) {
		if r.ID == id {
			return r
		}
	}
	b.Fatalf("no record %s", id)
	return ostiary.Record{}
}

// ids are the ids of the records of an account, in their order.
func (b *bench) ids(account string) string {
	b.Helper()
	var ids []string
	for _, r := range b.records(account) {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

// has holds the ids of an account's records against the wanted ones.
func (b *bench) has(account, want string) {
	b.Helper()
	if got := b.ids(account); got != want {
		b.Errorf("%s has the records %q, want %q", account, got, want)
	}
}

// all writes down every record of everybody.
func (b *bench) all() string {
	b.Helper()
	names, err := b.Accounts(b.ctx(), "", 1000)
	if err != nil {
		b.Fatalf("Accounts: %v", err)
	}
	var lines []string
	for _, name := range names {
		for _, r := range b.records(name) {
			lines = append(lines, line(r))
		}
	}
	return strings.Join(lines, "\n")
}

// spend takes a try and returns how long to wait.
func (b *bench) spend(budgets ...ostiary.Budget) time.Duration {
	b.Helper()
	wait, err := b.Spend(b.ctx(), budgets...)
	if err != nil {
		b.Fatalf("Spend: %v", err)
	}
	return wait
}

// take makes a mark and reports whether it was the first.
func (b *bench) take(key string, until time.Time) bool {
	b.Helper()
	first, err := b.TakeOnce(b.ctx(), key, until)
	if err != nil {
		b.Fatalf("TakeOnce: %v", err)
	}
	return first
}
