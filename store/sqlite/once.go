package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

const (
	takeMark = `INSERT INTO mark (key, until) VALUES (?1, ?2)
		ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE until <= ?3`
	prolongMark = `UPDATE mark SET until = ?2 WHERE key = ?1 AND until < ?2`

	insertRevocation = `INSERT OR REPLACE INTO revocation (session, until)
		VALUES (?1, max(?2, coalesce((SELECT until FROM revocation WHERE session = ?1), ?2)))`
	selectRevocations = `SELECT number, session, until FROM revocation WHERE number > ? ORDER BY number`
)

// TakeOnce implements ostiary.Store. Its marks and those of Change.Once are the
// same. A mark whose time is over already is never first.
func (s *Store) TakeOnce(ctx context.Context, key string, until time.Time) (first bool, err error) {
	if err := bounds.Name(key); err != nil {
		return false, s.fault(err)
	}
	m := ostiary.Mark{Key: key, Until: until}
	answer := make(chan bool, 1) // a caller that gave up looks at nothing
	err = s.write(ctx, func(c *conn, now int64) error {
		first, err := take(c, m, now)
		if err == nil && !first {
			_, err = c.exec(prolongMark, []byte(m.Key), bounds.Millis(m.Until))
		}
		answer <- first
		return err
	})
	if err != nil {
		return false, err
	}
	return <-answer, nil
}

// take makes a mark unless it is made.
func take(c *conn, m ostiary.Mark, now int64) (first bool, err error) {
	until := bounds.Millis(m.Until)
	if until <= now {
		return false, nil
	}
	n, err := c.exec(takeMark, []byte(m.Key), until, now)
	return n == 1, err
}

// Revoke implements ostiary.Store. Other processes on the file know of it a
// second later.
func (s *Store) Revoke(ctx context.Context, sessionID string, until time.Time) error {
	if err := bounds.Name(sessionID); err != nil {
		return s.fault(err)
	}
	end := bounds.Millis(until)
	err := s.write(ctx, func(c *conn, _ int64) error {
		_, err := c.exec(insertRevocation, []byte(sessionID), end)
		return err
	})
	if ctx.Err() == nil || err == nil {
		s.ended.Add(sessionID, end) // also when the disk failed: it was meant to end
	}
	return err
}

// Revoked implements ostiary.Store. It looks into a map. When the database could
// not be asked for a minute what other processes ended, it says true (SES-5).
func (s *Store) Revoked(sessionID string) bool { return s.ended.Has(sessionID) }

// look adds to the list of ended sessions what other processes ended.
func (s *Store) look(ctx context.Context, all bool) error {
	if all {
		s.seen = 0
	}
	return s.readers.do(ctx, func(c *conn) error {
		return c.query(selectRevocations, func(row []driver.Value) error {
			number, ok1 := row[0].(int64)
			session, ok2 := row[1].([]byte)
			until, ok3 := row[2].(int64)
			if !ok1 || !ok2 || !ok3 {
				return errDamaged
			}
			s.ended.Add(string(session), until)
			s.seen = max(s.seen, number)
			return nil
		}, s.seen)
	})
}
