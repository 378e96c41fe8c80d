package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

// Each statement of a change fails unless its condition holds, and takes the
// transaction with it.
const (
	lock = `SELECT pg_advisory_xact_lock($1)`

	demandFactors = `SELECT ostiary_demand((SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM ostiary_record
		WHERE account = $2 AND left(kind, 1) <> '.' AND ` + alive + `) = $3::text[])`
	updateRecord = `WITH done AS (UPDATE ostiary_record SET data = $4, used = $5, expires = $6, version = version + 1
		WHERE id = $2 AND account = $3 AND version = $7 AND ` + alive + ` RETURNING 1)
		SELECT ostiary_demand((SELECT count(*) FROM done) = 1)`
	deleteRecord = `WITH done AS (DELETE FROM ostiary_record
		WHERE id = $2 AND account = $3 AND $4::bigint IN (0, version) AND ` + alive + ` RETURNING 1)
		SELECT ostiary_demand((SELECT count(*) FROM done) = 1)`
	insertRecord = `INSERT INTO ostiary_record (` + columns + `) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8)`
	demandMark   = `WITH done AS (` + takeMark + `) SELECT ostiary_demand((SELECT count(*) FROM done) = 1)`
	refundBudget = `UPDATE ostiary_budget SET tries = tries - 1 WHERE key = $1 AND tries > 0`

	deleteExpired = `DELETE FROM ostiary_record WHERE (id = ANY($2::text[]) OR key = ANY($3::text[])) AND NOT ` + alive
)

// Change implements ostiary.FactorStore.
func (s *Store) Change(ctx context.Context, account string, c ostiary.Change) error {
	if err := errors.Join(ctx.Err(), bounds.Change(account, c)); err != nil {
		return s.fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	statements := func() *pgx.Batch { return s.statements(account, c) }
	err := s.send(ctx, statements)
	if isCode(err, codeUnique) { // perhaps by one that is as good as gone
		var n int64
		if n, err = s.deleteExpired(ctx, c.Add); err == nil && n == 0 {
			return ostiary.ErrKeyTaken
		}
		if err == nil {
			err = s.send(ctx, statements)
		}
	}
	switch {
	case err == nil:
		return nil
	case isCode(err, codeDemand):
		return ostiary.ErrConflict
	case isCode(err, codeUnique):
		return ostiary.ErrKeyTaken
	}
	return s.fault(err)
}

// statements are those of a change. It begins with a lock on the account, so that
// of two changes with a condition on its factors one sees what the other did.
func (s *Store) statements(account string, c ostiary.Change) *pgx.Batch {
	b, now := new(pgx.Batch), s.now()
	b.Queue(lock, lockOf("account", account))
	if c.Factors != nil {
		ids := append(make([]string, 0, len(c.Factors)), c.Factors...)
		slices.Sort(ids)
		b.Queue(demandFactors, now, account, ids)
	}
	for i := range c.Update {
		r := &c.Update[i]
		b.Queue(updateRecord, now, r.ID, account, bytesOf(r.Data), seconds(r.Used), seconds(r.Expires), r.Version)
	}
	for i := range c.Remove {
		b.Queue(deleteRecord, now, c.Remove[i].ID, account, c.Remove[i].Version)
	}
	for i := range c.Add {
		r := &c.Add[i]
		b.Queue(insertRecord, r.ID, account, r.Kind, keyOf(r), bytesOf(r.Data), seconds(r.Created), seconds(r.Used), seconds(r.Expires))
	}
	for _, m := range slices.SortedStableFunc(slices.Values(c.Once), func(a, b ostiary.Mark) int { return strings.Compare(a.Key, b.Key) }) {
		b.Queue(demandMark, now, []byte(m.Key), bounds.Millis(m.Until))
	}
	for _, key := range slices.Sorted(slices.Values(c.Refund)) {
		b.Queue(refundBudget, []byte(key))
	}
	return b
}

// send sends statements at once, as one transaction. Changes of one account wait
// for each other and take all other locks in one order; where two meet in another
// way, one of them begins anew, with new statements: those that were sent belong
// to their connection.
func (s *Store) send(ctx context.Context, statements func() *pgx.Batch) (err error) {
	for range 3 {
		err = s.pool.SendBatch(ctx, statements()).Close()
		if !isCode(err, codeDeadlock, codeSerial) {
			break
		}
	}
	return err
}

// deleteExpired removes what is in the way of records to add and has expired.
func (s *Store) deleteExpired(ctx context.Context, list []ostiary.Record) (int64, error) {
	ids, keys := []string{}, []string{}
	for _, r := range list {
		ids = append(ids, r.ID)
		if r.Key != "" {
			keys = append(keys, r.Key)
		}
	}
	tag, err := s.pool.Exec(ctx, deleteExpired, s.now(), ids, keys)
	return tag.RowsAffected(), err
}

// lockOf is the number of a lock in the database. Two names with one number would
// wait for each other and do no harm.
func lockOf(purpose, name string) int64 {
	sum := sha256.Sum256([]byte("ostiary " + purpose + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func keyOf(r *ostiary.Record) any {
	if r.Key == "" {
		return nil
	}
	return r.Key
}

// bytesOf is never NULL.
func bytesOf(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
