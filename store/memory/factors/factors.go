// Package factors is the store of one process that also keeps second factors. It
// forgets everything when the process ends, enrolments included, so it serves
// tests and demonstrations; whoever enrols a key wants it to be there tomorrow
// (FAL-3).
package factors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
	"github.com/ostiary/ostiary/store/memory"
)

// ErrFull is returned when the store holds as much as it may: 262144 records,
// marks or budgets. Nothing is forgotten before its time to make room.
var ErrFull = errors.New("memory store is full")

// ErrInvalid is wrapped by the errors for what is beyond the bounds that
// ostiary.Record and its neighbours name.
var ErrInvalid = errors.New("memory store")

const most = 1 << 18 // records, marks and budgets, of each

// Store is an ostiary.Store and an ostiary.FactorStore. It is safe for concurrent
// use. Make one with New.
type Store struct {
	*memory.Store // for revocations
	now           func() time.Time
	limit         int

	mu       sync.Mutex
	accounts map[string][]ostiary.Record // in the order of creation
	owner    map[string]string           // record id → account
	keys     map[string]string           // key → record id
	marks    map[string]time.Time
	budgets  map[string]spent
	swept    time.Time
}

// New returns an empty store with the given clock; nil means time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{
		Store: memory.New(now), now: now, limit: most, accounts: map[string][]ostiary.Record{}, owner: map[string]string{},
		keys: map[string]string{}, marks: map[string]time.Time{}, budgets: map[string]spent{},
	}
}

// Close does nothing; the other stores have something to close.
func (s *Store) Close() error { return nil }

// Revoke implements ostiary.Store.
func (s *Store) Revoke(ctx context.Context, sessionID string, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Revoke(ctx, sessionID, until)
}

// Records implements ostiary.FactorStore.
func (s *Store) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	if err := ready(ctx, bounds.Account(account)); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	var live []ostiary.Record
	for _, r := range s.accounts[account] {
		if !over(r, now) {
			live = append(live, clone(r))
		}
	}
	return live, nil
}

// RecordByKey implements ostiary.FactorStore.
func (s *Store) RecordByKey(ctx context.Context, key string) (ostiary.Record, error) {
	if err := ctx.Err(); err != nil {
		return ostiary.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	id := s.keys[key]
	for _, r := range s.accounts[s.owner[id]] {
		if r.ID == id && key != "" && !over(r, now) {
			return clone(r), nil
		}
	}
	return ostiary.Record{}, ostiary.ErrNoRecord
}

// Accounts implements ostiary.FactorStore.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	var names []string
	for name, list := range s.accounts {
		if name > after && slices.ContainsFunc(list, func(r ostiary.Record) bool { return !over(r, now) }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:max(0, min(limit, len(names)))], nil
}

// Change implements ostiary.FactorStore.
func (s *Store) Change(ctx context.Context, account string, c ostiary.Change) error {
	if err := ready(ctx, bounds.Change(account, c)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	if len(s.owner)+len(c.Add) > s.limit {
		return ErrFull
	}
	list, err := s.planned(account, c, now)
	if err != nil {
		return err
	}
	if first, err := s.take(c.Once, now); err != nil {
		return err
	} else if !first {
		return ostiary.ErrConflict
	}
	s.replace(account, list)
	s.refund(c.Refund)
	return nil
}

// planned returns the records of the account as they are to be, if every
// condition holds.
func (s *Store) planned(account string, c ostiary.Change, now time.Time) ([]ostiary.Record, error) {
	list := slices.DeleteFunc(slices.Clone(s.accounts[account]), func(r ostiary.Record) bool { return over(r, now) })
	if c.Factors != nil && !slices.Equal(factors(list), slices.Sorted(slices.Values(c.Factors))) {
		return nil, ostiary.ErrConflict
	}
	for _, u := range c.Update {
		i := find(list, u.ID)
		if i < 0 || list[i].Version != u.Version {
			return nil, ostiary.ErrConflict
		}
		list[i].Data, list[i].Used, list[i].Expires = slices.Clone(u.Data), seconds(u.Used), seconds(u.Expires)
		list[i].Version++
	}
	for _, gone := range c.Remove {
		i := find(list, gone.ID)
		if i < 0 || gone.Version != 0 && list[i].Version != gone.Version {
			return nil, ostiary.ErrConflict
		}
		list = slices.Delete(list, i, i+1)
	}
	for _, r := range c.Add {
		if s.taken(account, list, r, now) {
			return nil, ostiary.ErrKeyTaken
		}
		r = clone(r)
		r.Account, r.Version = account, 1
		r.Created, r.Used, r.Expires = seconds(r.Created), seconds(r.Used), seconds(r.Expires)
		list = append(list, r)
	}
	return list, nil
}

// taken reports whether another record has the id or key of r: one in list, or
// one of another account.
func (s *Store) taken(account string, list []ostiary.Record, r ostiary.Record, now time.Time) bool {
	same := func(o ostiary.Record) bool { return o.ID == r.ID || r.Key != "" && o.Key == r.Key }
	if slices.ContainsFunc(list, same) {
		return true
	}
	for _, owner := range []string{s.owner[r.ID], s.owner[s.keys[r.Key]]} {
		if owner != account && slices.ContainsFunc(s.accounts[owner], func(o ostiary.Record) bool { return same(o) && !over(o, now) }) {
			return true
		}
	}
	return false
}

func (s *Store) replace(account string, list []ostiary.Record) {
	for _, r := range s.accounts[account] {
		if s.owner[r.ID] == account {
			delete(s.owner, r.ID)
		}
		if s.keys[r.Key] == r.ID {
			delete(s.keys, r.Key)
		}
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

func find(list []ostiary.Record, id string) int {
	return slices.IndexFunc(list, func(r ostiary.Record) bool { return r.ID == id })
}

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

// seconds cuts a time to what is kept of it.
func seconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Unix(t.Unix(), 0)
}

// ready returns the first reason not to begin.
func ready(ctx context.Context, invalid error) error {
	if invalid != nil {
		invalid = fmt.Errorf("%w: %w", ErrInvalid, invalid)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return invalid
}
