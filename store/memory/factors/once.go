package factors

import (
	"context"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

// spent is what was taken from a budget.
type spent struct {
	tries int
	until time.Time
}

// TakeOnce implements ostiary.Store. Its marks and those of Change.Once are the
// same.
func (s *Store) TakeOnce(ctx context.Context, key string, until time.Time) (first bool, err error) {
	mark := ostiary.Mark{Key: key, Until: until}
	if err := ready(ctx, bounds.Name(key)); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	if old, there := s.marks[key]; there && old.After(now) && until.After(old) {
		s.marks[key] = until
	}
	return s.take([]ostiary.Mark{mark}, now)
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
	if len(s.marks)+len(marks) > s.limit {
		return false, ErrFull
	}
	for _, m := range marks {
		s.marks[m.Key] = m.Until
	}
	return true, nil
}

// Spend implements ostiary.FactorStore.
func (s *Store) Spend(ctx context.Context, budgets ...ostiary.Budget) (wait time.Duration, err error) {
	if err := ready(ctx, bounds.Budgets(budgets)); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.sweep()
	for _, b := range budgets {
		if have := s.spent(b, now); have.tries >= b.Limit {
			wait = max(wait, have.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait, nil
	}
	if len(s.budgets)+len(budgets) > s.limit {
		return 0, ErrFull
	}
	for _, b := range budgets {
		have := s.spent(b, now)
		have.tries++
		s.budgets[b.Key] = have
	}
	return 0, nil
}

// spent returns what was taken from a budget. One that lasts longer than its
// window, because the clock was set back, is put right (THR-3).
func (s *Store) spent(b ostiary.Budget, now time.Time) spent {
	have, known := s.budgets[b.Key]
	switch end := now.Add(b.Window); {
	case !known || !have.until.After(now):
		have = spent{until: end}
	case have.until.After(end):
		have.until = end
		s.budgets[b.Key] = have
	}
	return have
}

// refund gives back one try to each budget that has any spent.
func (s *Store) refund(keys []string) {
	for _, key := range keys {
		if have := s.budgets[key]; have.tries > 0 {
			have.tries--
			s.budgets[key] = have
		}
	}
}
