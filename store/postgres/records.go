package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

const (
	columns = `id, account, kind, key, data, version, created, used, expires`
	alive   = `(expires IS NULL OR expires > ` + now + ` / 1000)`

	selectRecords  = `SELECT ` + columns + ` FROM ostiary_record WHERE account = $2 AND ` + alive + ` ORDER BY number`
	selectByKey    = `SELECT ` + columns + ` FROM ostiary_record WHERE key = $2 AND ` + alive
	selectAccounts = `SELECT DISTINCT account FROM ostiary_record WHERE account > $2 AND ` + alive + ` ORDER BY account LIMIT $3`
)

// Records implements ostiary.FactorStore.
func (s *Store) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	if err := bounds.Account(account); err != nil {
		return nil, s.fault(err)
	}
	return read(ctx, s, decode, selectRecords, s.now(), account)
}

// RecordByKey implements ostiary.FactorStore.
func (s *Store) RecordByKey(ctx context.Context, key string) (ostiary.Record, error) {
	if err := ctx.Err(); err != nil {
		return ostiary.Record{}, err
	}
	if !bounds.Key(key) {
		return ostiary.Record{}, ostiary.ErrNoRecord
	}
	list, err := read(ctx, s, decode, selectByKey, s.now(), key)
	switch {
	case err != nil:
		return ostiary.Record{}, err
	case len(list) == 0:
		return ostiary.Record{}, ostiary.ErrNoRecord
	case len(list) > 1 || list[0].Key != key:
		return ostiary.Record{}, s.fault(errors.New("the database answered another record than that of the key"))
	}
	return list[0], nil
}

// Accounts implements ostiary.FactorStore.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]string, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	if after != "" && bounds.Account(after) != nil {
		return nil, s.fault(bounds.ErrAccount)
	}
	return read(ctx, s, func(row pgx.CollectableRow) (name string, err error) {
		if err := row.Scan(&name); err != nil {
			return "", err
		}
		return name, damaged(bounds.Account(name))
	}, selectAccounts, s.now(), after, limit)
}

// read collects the rows of a query. It is sent again when the connection ended,
// and perhaps others of the pool with it: reading twice does no harm.
func read[T any](ctx context.Context, s *Store, one func(pgx.CollectableRow) (T, error), query string, values ...any) (list []T, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for range s.conns + 1 {
		rows, _ := s.pool.Query(ctx, query, values...) // the error comes with the rows
		if list, err = pgx.CollectRows(rows, one); err == nil {
			return list, nil
		}
		if !broken(err) {
			break
		}
	}
	return nil, s.fault(err)
}

// broken reports whether a connection ended that was good before.
func broken(err error) bool {
	return isCode(err, "57P01", "57P02") || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// errDamaged says that somebody else wrote into the database.
var errDamaged = errors.New("the database holds what was never stored in it")

func damaged(err error) error {
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

// decode reads a row of the columns and believes nothing of it (FAL-7).
func decode(row pgx.CollectableRow) (r ostiary.Record, err error) {
	var key *string
	var created, used, expires *int64
	if err := row.Scan(&r.ID, &r.Account, &r.Kind, &key, &r.Data, &r.Version, &created, &used, &expires); err != nil {
		return r, err
	}
	if key != nil {
		r.Key = *key
	}
	r.Created, r.Used, r.Expires = at(created), at(used), at(expires)
	if r.Version < 1 || key != nil && *key == "" {
		return r, errDamaged
	}
	return r, damaged(errors.Join(bounds.Account(r.Account), bounds.Record(&r)))
}

func at(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0)
}

// seconds is how a time of a record is stored.
func seconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}
