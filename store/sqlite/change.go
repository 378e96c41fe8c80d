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
	selectFactors = `SELECT id FROM record WHERE account = ? AND substr(kind, 1, 1) <> '.' AND (expires IS NULL OR expires > ?)`
	updateRecord  = `UPDATE record SET data = ?, used = ?, expires = ?, version = version + 1
		WHERE id = ? AND account = ? AND version = ? AND (expires IS NULL OR expires > ?)`
	deleteRecord  = `DELETE FROM record WHERE id = ? AND account = ? AND ? IN (0, version) AND (expires IS NULL OR expires > ?)`
	insertRecord  = `INSERT INTO record (` + columns + `) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`
	deleteExpired = `DELETE FROM record WHERE (id = ? OR key = ?) AND expires <= ?`
	refundBudget  = `UPDATE budget SET tries = tries - 1 WHERE key = ? AND tries > 0`
)

// Change implements ostiary.FactorStore.
func (s *Store) Change(ctx context.Context, account string, c ostiary.Change) error {
	if err := bounds.Change(account, c); err != nil {
		return s.fault(err)
	}
	p := &change{Change: own(c), account: account}
	if isBrief(c) {
		return s.writeBriefly(ctx, p.run)
	}
	return s.write(ctx, p.run)
}

// isBrief reports whether a change is fleeting, or does nothing but add what soon
// expires, such as a sign-in that waits for its second step: lost with the power,
// it is begun anew.
func isBrief(c ostiary.Change) bool {
	for i := range c.Add {
		if r := &c.Add[i]; r.Kind[0] != '.' || r.Expires.IsZero() || r.Expires.Sub(r.Created) > time.Hour {
			return false
		}
	}
	return c.Fleeting || len(c.Update)+len(c.Remove)+len(c.Once)+len(c.Refund) == 0
}

// own copies what the writer may still read when the caller has given up.
func own(c ostiary.Change) ostiary.Change {
	c.Add, c.Update, c.Remove = slices.Clone(c.Add), slices.Clone(c.Update), slices.Clone(c.Remove)
	for _, list := range [][]ostiary.Record{c.Add, c.Update} {
		for i := range list {
			list[i].Data = slices.Clone(list[i].Data)
		}
	}
	c.Factors, c.Once, c.Refund = slices.Clone(c.Factors), slices.Clone(c.Once), slices.Clone(c.Refund)
	return c
}

// change is a Change that is being made. The first condition that does not hold
// ends it, and the transaction undoes the rest.
type change struct {
	ostiary.Change
	account string
	conn    *conn
	now     int64 // Unix milliseconds
}

func (p *change) run(c *conn, now int64) error {
	p.conn, p.now = c, now
	for _, step := range []func() error{p.sameFactors, p.update, p.remove, p.add, p.once, p.refund} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *change) seconds() int64 { return p.now / 1000 }

func (p *change) sameFactors() error {
	if p.Factors == nil {
		return nil
	}
	var ids []string
	err := p.conn.query(selectFactors, func(row []driver.Value) error {
		id, ok := row[0].(string)
		if !ok {
			return errDamaged
		}
		ids = append(ids, id)
		return nil
	}, p.account, p.seconds())
	if err != nil {
		return err
	}
	slices.Sort(ids)
	slices.Sort(p.Factors)
	if !slices.Equal(ids, p.Factors) {
		return ostiary.ErrConflict
	}
	return nil
}

func (p *change) update() error {
	for i := range p.Update {
		r := &p.Update[i]
		n, err := p.conn.exec(updateRecord, bytesOf(r.Data), seconds(r.Used), seconds(r.Expires), r.ID, p.account, r.Version, p.seconds())
		if err := one(n, err, ostiary.ErrConflict); err != nil {
			return err
		}
	}
	return nil
}

func (p *change) remove() error {
	for i := range p.Remove {
		r := &p.Remove[i]
		n, err := p.conn.exec(deleteRecord, r.ID, p.account, r.Version, p.seconds())
		if err := one(n, err, ostiary.ErrConflict); err != nil {
			return err
		}
	}
	return nil
}

func (p *change) add() error {
	for i := range p.Add {
		r := &p.Add[i]
		n, err := p.insert(r)
		if err == nil && n == 0 { // perhaps by one that is as good as gone
			if _, err = p.conn.exec(deleteExpired, r.ID, keyOf(r), p.seconds()); err == nil {
				n, err = p.insert(r)
			}
		}
		if err := one(n, err, ostiary.ErrKeyTaken); err != nil {
			return err
		}
	}
	return nil
}

func (p *change) insert(r *ostiary.Record) (int64, error) {
	return p.conn.exec(insertRecord, r.ID, p.account, r.Kind, keyOf(r), bytesOf(r.Data), seconds(r.Created), seconds(r.Used), seconds(r.Expires))
}

func (p *change) once() error {
	for _, m := range p.Once {
		first, err := take(p.conn, m, p.now)
		if err != nil {
			return err
		}
		if !first {
			return ostiary.ErrConflict
		}
	}
	return nil
}

func (p *change) refund() error {
	for _, key := range p.Refund {
		if _, err := p.conn.exec(refundBudget, []byte(key)); err != nil {
			return err
		}
	}
	return nil
}

// one is the answer when not exactly one row was changed.
func one(changed int64, err, otherwise error) error {
	if err == nil && changed != 1 {
		return otherwise
	}
	return err
}

func keyOf(r *ostiary.Record) driver.Value {
	if r.Key == "" {
		return nil
	}
	return r.Key
}

// bytesOf is never NULL.
func bytesOf(data []byte) driver.Value {
	if data == nil {
		return []byte{}
	}
	return data
}
