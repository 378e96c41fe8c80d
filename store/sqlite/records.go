package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

const columns = `id, account, kind, key, data, version, created, used, expires`

const (
	selectRecords  = `SELECT ` + columns + ` FROM record WHERE account = ? AND (expires IS NULL OR expires > ?) ORDER BY number`
	selectByKey    = `SELECT ` + columns + ` FROM record WHERE key = ? AND (expires IS NULL OR expires > ?)`
	selectAccounts = `SELECT DISTINCT account FROM record
		WHERE account > ? AND (expires IS NULL OR expires > ?) ORDER BY account LIMIT ?`
)

// Records implements ostiary.FactorStore.
func (s *Store) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	if err := bounds.Account(account); err != nil {
		return nil, s.fault(err)
	}
	return s.read(ctx, selectRecords, account, s.now().Unix())
}

// RecordByKey implements ostiary.FactorStore.
func (s *Store) RecordByKey(ctx context.Context, key string) (ostiary.Record, error) {
	if err := ctx.Err(); err != nil {
		return ostiary.Record{}, err
	}
	if !bounds.Key(key) {
		return ostiary.Record{}, ostiary.ErrNoRecord
	}
	list, err := s.read(ctx, selectByKey, key, s.now().Unix())
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

func (s *Store) read(ctx context.Context, query string, values ...driver.Value) (list []ostiary.Record, err error) {
	err = s.readers.do(ctx, func(c *conn) error {
		return c.query(query, func(row []driver.Value) error {
			r, err := decode(row)
			list = append(list, r)
			return err
		}, values...)
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return list, nil
}

// Accounts implements ostiary.FactorStore.
func (s *Store) Accounts(ctx context.Context, after string, limit int) (names []string, err error) {
	err = s.readers.do(ctx, func(c *conn) error {
		return c.query(selectAccounts, func(row []driver.Value) error {
			name, ok := row[0].(string)
			if !ok || bounds.Account(name) != nil {
				return errDamaged
			}
			names = append(names, name)
			return nil
		}, after, s.now().Unix(), int64(max(0, limit)))
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return names, nil
}

// errDamaged says that somebody else wrote into the database.
var errDamaged = errors.New("the database holds what was never stored in it")

// decode reads a row of the columns and believes nothing of it (FAL-7).
func decode(row []driver.Value) (r ostiary.Record, err error) {
	if len(row) != 9 {
		return r, errDamaged
	}
	whole := true
	text := func(v driver.Value) string {
		s, ok := v.(string)
		whole = whole && ok
		return s
	}
	r.ID, r.Account, r.Kind = text(row[0]), text(row[1]), text(row[2])
	if row[3] != nil {
		r.Key = text(row[3])
		whole = whole && r.Key != ""
	}
	data, ok := row[4].([]byte)
	r.Data = data
	version, counted := row[5].(int64)
	r.Version = version
	for i, at := range []*time.Time{&r.Created, &r.Used, &r.Expires} {
		seconds, ok := row[6+i].(int64)
		if ok {
			*at = time.Unix(seconds, 0)
		}
		whole = whole && ok != (row[6+i] == nil) && ok != at.IsZero()
	}
	if !whole || !ok || !counted || version < 1 || bounds.Account(r.Account) != nil || bounds.Record(&r) != nil {
		return ostiary.Record{}, fmt.Errorf("%w, in a record", errDamaged)
	}
	return r, nil
}

// seconds is how a time of a record is stored.
func seconds(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}
