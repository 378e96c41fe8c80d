package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

const (
	selectBudget = `SELECT tries, until FROM budget WHERE key = ?`
	setBudget    = `INSERT INTO budget (key, tries, until) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET tries = excluded.tries, until = excluded.until`
)

// Spend implements ostiary.FactorStore.
func (s *Store) Spend(ctx context.Context, budgets ...ostiary.Budget) (wait time.Duration, err error) {
	if err := bounds.Budgets(budgets); err != nil {
		return 0, s.fault(err)
	}
	p := &spending{budgets: slices.Clone(budgets)}
	if err := s.writeBriefly(ctx, p.run); err != nil {
		return 0, err
	}
	return time.Duration(p.wait) * time.Millisecond, nil
}

// spending is a Spend that is being made.
type spending struct {
	budgets []ostiary.Budget
	wait    int64 // milliseconds
}

// spent is what was taken from a budget, in a window that ends at until.
type spent struct{ tries, until int64 }

// run reads all budgets, and writes when each has a try left.
func (p *spending) run(c *conn, now int64) error {
	have := make([]spent, len(p.budgets))
	for i, b := range p.budgets {
		var err error
		if have[i], err = read(c, b, now); err != nil {
			return err
		}
		if have[i].tries >= int64(b.Limit) {
			p.wait = max(p.wait, have[i].until-now)
		}
	}
	if p.wait > 0 {
		return nil
	}
	for i, b := range p.budgets {
		if _, err := c.exec(setBudget, []byte(b.Key), have[i].tries+1, have[i].until); err != nil {
			return err
		}
	}
	return nil
}

// read returns what was taken from a budget. One that lasts longer than its
// window, because the clock was set back, is put right (THR-3).
func read(c *conn, b ostiary.Budget, now int64) (have spent, err error) {
	end := now + b.Window.Milliseconds()
	err = c.query(selectBudget, func(row []driver.Value) error {
		tries, ok1 := row[0].(int64)
		until, ok2 := row[1].(int64)
		if !ok1 || !ok2 || tries < 0 {
			return errDamaged
		}
		have = spent{tries, until}
		return nil
	}, []byte(b.Key))
	switch {
	case err != nil:
		return have, err
	case have.until <= now:
		return spent{until: end}, nil
	case have.until > end:
		have.until = end
		_, err = c.exec(setBudget, []byte(b.Key), have.tries, end)
	}
	return have, err
}
