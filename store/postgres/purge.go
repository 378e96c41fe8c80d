package postgres

import (
	"context"
	"time"
)

const (
	purgeEvery = 10 * time.Second
	purgeMost  = 500 // rows of each table at once
)

// purges forget what is over, but for rows that somebody is at.
var purges = []string{
	`DELETE FROM ostiary_record WHERE ctid = ANY(ARRAY(
		SELECT ctid FROM ostiary_record WHERE expires <= ` + now + ` / 1000 LIMIT $2 FOR UPDATE SKIP LOCKED))`,
	`DELETE FROM ostiary_mark WHERE ctid = ANY(ARRAY(
		SELECT ctid FROM ostiary_mark WHERE until <= ` + now + ` LIMIT $2 FOR UPDATE SKIP LOCKED))`,
	`DELETE FROM ostiary_budget WHERE ctid = ANY(ARRAY(
		SELECT ctid FROM ostiary_budget WHERE until <= ` + now + ` LIMIT $2 FOR UPDATE SKIP LOCKED))`,
	`DELETE FROM ostiary_revocation WHERE ctid = ANY(ARRAY(
		SELECT ctid FROM ostiary_revocation WHERE until <= ` + now + ` LIMIT $2 FOR UPDATE SKIP LOCKED))`,
}

// purge forgets what is over, a little at a time, until the store is closed.
func (s *Store) purge() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.over:
			return
		case <-ticker.C:
		}
		now := time.Now()
		if s.clock != nil {
			now = s.clock()
		}
		s.ended.Forget(now.UnixMilli(), 10*purgeMost)
		if err := s.purgeAll(ctx); err != nil {
			s.logger.Warn("can't forget what is over", "error", err)
		}
	}
}

func (s *Store) purgeAll(ctx context.Context) error {
	for _, query := range purges {
		for more := true; more; {
			select {
			case <-s.over:
				return nil
			default:
			}
			tag, err := s.pool.Exec(ctx, query, s.now(), purgeMost)
			if err != nil {
				return err
			}
			more = tag.RowsAffected() == purgeMost
		}
	}
	return nil
}
