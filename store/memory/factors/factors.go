// Package factors is the store of one process that also keeps second factors. It
// forgets everything when the process ends, enrolments included, so it serves
// tests and demonstrations; whoever enrols a key wants it to be there tomorrow
// (FAL-3).
package factors

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/memory"
)

// Errors of the store.
var (
	// ErrFull is returned when the store holds as much as it may. Nothing is
	// forgotten before its time to make room.
	ErrFull = errors.New("memory store is full")
	// ErrInvalid is returned for ids, keys and data beyond the bounds that
	// ostiary.Record and its neighbours name.
	ErrInvalid = errors.New("beyond the bounds of the store")
)

const most = 1 << 18 // records, marks and budgets, of each

// Store is an ostiary.Store and an ostiary.FactorStore. It is safe for concurrent
// use. Make one with New.
type Store struct {
	*memory.Store // for revocations
	now           func() time.Time

	mu       sync.Mutex
	accounts map[string][]ostiary.Record // in the order of creation
	owner    map[string]string           // record id → account
	keys     map[string]string           // key → record id
	marks    map[string]time.Time
	budgets  map[string]spent
	swept    time.Time
}

type spent struct {
	tries int
	until time.Time
}

// New returns an empty store with the given clock; nil means time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{
		Store: memory.New(now), now: now, accounts: map[string][]ostiary.Record{}, owner: map[string]string{},
		keys: map[string]string{}, marks: map[string]time.Time{}, budgets: map[string]spent{},
	}
}

// Close does nothing; the other stores have something to close.
func (s *Store) Close() error { return nil }

// TakeOnce implements ostiary.Store.
func (s *Store) TakeOnce(ctx context.Context, key string, until time.Time) (first bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	if !fits(key, 1, 512) {
		return false, ErrInvalid
	}
	return s.take([]ostiary.Mark{{Key: key, Until: until}}, now)
}

// Records implements ostiary.FactorStore.
func (s *Store) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	var live []ostiary.Record
	for _, r := range s.accounts[account] {
		if !over(r, now) {
			live = append(live, clone(r))
		}
	}
	return live, ctx.Err()
}

// RecordByKey implements ostiary.FactorStore.
func (s *Store) RecordByKey(ctx context.Context, key string) (ostiary.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	id := s.keys[key]
	for _, r := range s.accounts[s.owner[id]] {
		if r.ID == id && key != "" && !over(r, now) {
			return clone(r), ctx.Err()
		}
	}
	return ostiary.Record{}, errors.Join(ostiary.ErrNoRecord, ctx.Err())
}

// Accounts implements ostiary.FactorStore.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.accounts)) {
		alive := slices.ContainsFunc(s.accounts[name], func(r ostiary.Record) bool { return !over(r, now) })
		if name > after && alive && len(names) < limit {
			names = append(names, name)
		}
	}
	return names, ctx.Err()
}

// Spend implements ostiary.FactorStore.
func (s *Store) Spend(ctx context.Context, budgets ...ostiary.Budget) (wait time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	for _, b := range budgets {
		if !fits(b.Key, 1, 512) || b.Limit < 1 || b.Window < time.Second {
			return 0, ErrInvalid
		}
		if have := s.budgets[b.Key]; have.until.After(now) && have.tries >= b.Limit {
			wait = max(wait, have.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait, nil
	}
	if len(s.budgets)+len(budgets) > most {
		return 0, ErrFull
	}
	for _, b := range budgets {
		have := s.budgets[b.Key]
		if !have.until.After(now) {
			have = spent{until: now.Add(b.Window)}
		}
		have.tries++
		s.budgets[b.Key] = have
	}
	return 0, nil
}

// Change implements ostiary.FactorStore.
func (s *Store) Change(ctx context.Context, account string, c ostiary.Change) error {
	if err := errors.Join(ctx.Err(), check(account, c)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	if len(s.owner)+len(c.Add) > most {
		return ErrFull
	}
	list, err := s.planned(account, c, now)
	if err != nil {
		return err
	}
	if first, err := s.take(c.Once, now); err != nil || !first {
		return errors.Join(err, map[bool]error{true: nil, false: ostiary.ErrConflict}[err != nil || first])
	}
	s.replace(account, list)
	for _, key := range c.Refund {
		if have := s.budgets[key]; have.tries > 0 {
			have.tries--
			s.budgets[key] = have
		}
	}
	return nil
}

// planned returns the records of the account as they are to be, if every
// condition holds.
func (s *Store) planned(account string, c ostiary.Change, now time.Time) ([]ostiary.Record, error) {
	list := slices.DeleteFunc(slices.Clone(s.accounts[account]), func(r ostiary.Record) bool { return over(r, now) })
	if c.Factors != nil && !slices.Equal(factors(list), slices.Sorted(slices.Values(c.Factors))) {
		return nil, ostiary.ErrConflict
	}
	find := func(want ostiary.Record) int {
		return slices.IndexFunc(list, func(r ostiary.Record) bool { return r.ID == want.ID })
	}
	for _, u := range c.Update {
		i := find(u)
		if i < 0 || list[i].Version != u.Version {
			return nil, ostiary.ErrConflict
		}
		list[i].Data, list[i].Used, list[i].Expires = slices.Clone(u.Data), u.Used, u.Expires
		list[i].Version++
	}
	for _, gone := range c.Remove {
		i := find(gone)
		if i < 0 || gone.Version != 0 && list[i].Version != gone.Version {
			return nil, ostiary.ErrConflict
		}
		list = slices.Delete(list, i, i+1)
	}
	for _, r := range c.Add {
		other, taken := s.keys[r.Key]
		if r.Key != "" && taken && !slices.ContainsFunc(c.Remove, func(g ostiary.Record) bool { return g.ID == other }) {
			return nil, ostiary.ErrKeyTaken
		}
		if _, known := s.owner[r.ID]; known || find(r) >= 0 ||
			r.Key != "" && slices.ContainsFunc(list, func(o ostiary.Record) bool { return o.Key == r.Key }) {
			return nil, ostiary.ErrKeyTaken
		}
		r = clone(r)
		r.Account, r.Version = account, 1
		list = append(list, r)
	}
	return list, nil
}

func (s *Store) replace(account string, list []ostiary.Record) {
	for _, r := range s.accounts[account] {
		delete(s.owner, r.ID)
		delete(s.keys, r.Key)
	}
	delete(s.accounts, account)
	if len(list) > 0 {
		s.accounts[account] = list
	}
	for _, r := range list {
		s.owner[r.ID] = account
		if r.Key != "" {
			s.keys[r.Key] = r.ID
		}
	}
}

// take makes all marks, if none of them is made.
func (s *Store) take(marks []ostiary.Mark, now time.Time) (first bool, err error) {
	seen := map[string]bool{}
	for _, m := range marks {
		if s.marks[m.Key].After(now) || !m.Until.After(now) || seen[m.Key] {
			return false, nil
		}
		seen[m.Key] = true
	}
	if len(s.marks)+len(marks) > most {
		return false, ErrFull
	}
	for _, m := range marks {
		s.marks[m.Key] = m.Until
	}
	return true, nil
}

// sweep forgets, once a minute, what is over.
func (s *Store) sweep() time.Time {
	now := s.now()
	if now.Sub(s.swept) < time.Minute && !now.Before(s.swept) {
		return now
	}
	s.swept = now
	maps.DeleteFunc(s.marks, func(_ string, until time.Time) bool { return !until.After(now) })
	maps.DeleteFunc(s.budgets, func(_ string, b spent) bool { return !b.until.After(now) })
	for account, list := range s.accounts {
		if slices.ContainsFunc(list, func(r ostiary.Record) bool { return over(r, now) }) {
			s.replace(account, slices.DeleteFunc(slices.Clone(list), func(r ostiary.Record) bool { return over(r, now) }))
		}
	}
	return now
}

func over(r ostiary.Record, now time.Time) bool { return !r.Expires.IsZero() && !r.Expires.After(now) }

func factors(list []ostiary.Record) []string {
	ids := []string{}
	for _, r := range list {
		if !strings.HasPrefix(r.Kind, ".") {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func clone(r ostiary.Record) ostiary.Record {
	r.Data = slices.Clone(r.Data)
	return r
}

func check(account string, c ostiary.Change) error {
	ok := fits(account, 1, 3200)
	for _, r := range slices.Concat(c.Add, c.Update) {
		ok = ok && fits(r.ID, 1, 64) && fits(r.Key, 0, 2048) && fits(r.Kind, 1, 64) && len(r.Data) <= 16<<10
	}
	for _, m := range c.Once {
		ok = ok && fits(m.Key, 1, 512)
	}
	if !ok {
		return ErrInvalid
	}
	return nil
}

// fits reports whether s is so many bytes of printable ASCII.
func fits(s string, least, longest int) bool {
	return len(s) >= least && len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
