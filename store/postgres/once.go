package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary/internal/bounds"
)

const (
	takeMark = `INSERT INTO ostiary_mark (key, until) SELECT $2, $3 WHERE $3 > ` + now + `
		ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE ostiary_mark.until <= ` + now + ` RETURNING 1`
	prolongMark = `UPDATE ostiary_mark SET until = $2 WHERE key = $1 AND until < $2`

	insertRevocation = `INSERT INTO ostiary_revocation (session, until) VALUES ($1, $2)
		ON CONFLICT (session) DO UPDATE SET number = DEFAULT, until = greatest(ostiary_revocation.until, excluded.until)`
	selectRevocations = `SELECT number, session, until FROM ostiary_revocation WHERE number > $1`
)

// overlap is how far back each look goes. Numbers are given before they can be
// seen, so that a later one may be seen earlier; a session whose end was
// acknowledged can be seen within patience of getting its number.
const overlap = 30 * time.Second

// TakeOnce implements ostiary.Store. Its marks and those of Change.Once are the
// same. A mark whose time is over already is never first.
func (s *Store) TakeOnce(ctx context.Context, key string, until time.Time) (first bool, err error) {
	if err := bounds.Name(key); err != nil {
		return false, s.fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var one int
	err = s.pool.QueryRow(ctx, takeMark, s.now(), []byte(key), bounds.Millis(until)).Scan(&one)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, pgx.ErrNoRows):
		_, err = s.pool.Exec(ctx, prolongMark, []byte(key), bounds.Millis(until))
	}
	if err != nil {
		return false, s.fault(err)
	}
	return false, nil
}

// Revoke implements ostiary.Store. Other replicas know of it a second later.
func (s *Store) Revoke(ctx context.Context, sessionID string, until time.Time) error {
	if err := errors.Join(ctx.Err(), bounds.Name(sessionID)); err != nil {
		return s.fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	end := bounds.Millis(until)
	_, err := s.pool.Exec(ctx, insertRevocation, []byte(sessionID), end)
	s.ended.Add(sessionID, end) // also when the database failed: it was meant to end
	if err != nil {
		return s.fault(err)
	}
	return nil
}

// Revoked implements ostiary.Store. It looks into a map. When the database could
// not be asked for a minute what other replicas ended, it says true (SES-5).
func (s *Store) Revoked(sessionID string) bool { return s.ended.Has(sessionID) }

// seen is how far the list of ended sessions has come.
type seen struct {
	floor int64 // what is up to here needs no second look
	looks []look
}

type look struct {
	at      time.Time
	highest int64
}

// note notes the highest number of a look, and forgets looks from before the
// overlap.
func (s *seen) note(at time.Time, highest int64) {
	for len(s.looks) > 0 && at.Sub(s.looks[0].at) > overlap {
		s.floor = max(s.floor, s.looks[0].highest)
		s.looks = s.looks[1:]
	}
	s.looks = append(s.looks, look{at, highest})
}

// look adds to the list of ended sessions what other replicas ended.
func (s *Store) look(ctx context.Context, all bool) error {
	if all { // also after the database was away: it may have come back without its last rows
		s.seen = seen{}
	}
	begun := time.Now()
	rows, err := s.pool.Query(ctx, selectRevocations, s.seen.floor)
	if err != nil {
		return err
	}
	highest := s.seen.floor
	var number, until int64
	var session []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &session, &until}, func() error {
		s.ended.Add(string(session), until)
		highest = max(highest, number)
		return nil
	})
	if err == nil {
		s.seen.note(begun, highest)
	}
	return err
}
