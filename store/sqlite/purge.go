package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

const (
	purgeEvery = 2 * time.Second
	purgeMost  = 200 // rows of each table at once, so that nobody waits long
)

// purge goes through one table, a little at a time, and forgets what is over.
type purge struct {
	scan   string // the key and the end, in Unix milliseconds, of rows beyond a key
	forget string // a key, if it is over
	first  driver.Value
	at     driver.Value // how far it has come
}

func newPurges() []*purge {
	return []*purge{
		{
			scan:   `SELECT number, 1000 * expires FROM record WHERE number > ? ORDER BY number LIMIT ?`,
			forget: `DELETE FROM record WHERE number = ? AND 1000 * expires <= ?`, first: int64(0),
		}, {
			scan:   `SELECT key, until FROM mark WHERE key > ? ORDER BY key LIMIT ?`,
			forget: `DELETE FROM mark WHERE key = ? AND until <= ?`, first: []byte{},
		}, {
			scan:   `SELECT key, until FROM budget WHERE key > ? ORDER BY key LIMIT ?`,
			forget: `DELETE FROM budget WHERE key = ? AND until <= ?`, first: []byte{},
		}, {
			scan:   `SELECT number, until FROM revocation WHERE number > ? ORDER BY number LIMIT ?`,
			forget: `DELETE FROM revocation WHERE number = ? AND until <= ?`, first: int64(0),
		},
	}
}

// purge forgets what is over until the store is closed.
func (s *Store) purge() {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	purges := newPurges()
	for {
		select {
		case <-s.writer.over:
			return
		case <-ticker.C:
		}
		s.ended.Forget(s.now().UnixMilli(), 10*purgeMost)
		for _, p := range purges {
			if err := p.run(context.Background(), s); err != nil && !errors.Is(err, ErrClosed) {
				s.logger.Warn("can't forget what is over", "error", err)
			}
		}
	}
}

// run goes on where much is over, so that the table does not grow faster than it
// is gone through.
func (p *purge) run(ctx context.Context, s *Store) error {
	for {
		over, err := p.step(ctx, s)
		if err != nil || over < purgeMost/4 {
			return err
		}
	}
}

// step looks at some rows and returns how many of them were over.
func (p *purge) step(ctx context.Context, s *Store) (int, error) {
	if p.at == nil {
		p.at = p.first
	}
	var over []driver.Value
	seen, now := 0, s.now().UnixMilli()
	err := s.readers.do(ctx, func(c *conn) error {
		return c.query(p.scan, func(row []driver.Value) error {
			seen++
			p.at = row[0]
			if end, ok := row[1].(int64); ok && end <= now {
				over = append(over, row[0])
			}
			return nil
		}, p.at, int64(purgeMost))
	})
	if seen < purgeMost {
		p.at = nil // from the start
	}
	if err != nil || len(over) == 0 {
		return 0, err
	}
	return len(over), s.write(ctx, func(c *conn, now int64) error {
		for _, key := range over {
			if _, err := c.exec(p.forget, key, now); err != nil {
				return err
			}
		}
		return nil
	})
}
