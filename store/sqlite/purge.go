package sqlite

import (
	"context"
	"errors"
	"time"
)

const (
	purgeEvery = 2 * time.Second
	purgeMost  = 100 // rows of each table at once, so that nobody waits long
)

// purges forget what is over.
var purges = []string{
	`DELETE FROM record WHERE number IN (SELECT number FROM record WHERE expires <= ?1 / 1000 LIMIT ?2)`,
	`DELETE FROM mark WHERE key IN (SELECT key FROM mark WHERE until <= ?1 LIMIT ?2)`,
	`DELETE FROM budget WHERE key IN (SELECT key FROM budget WHERE until <= ?1 LIMIT ?2)`,
	`DELETE FROM revocation WHERE number IN (SELECT number FROM revocation WHERE until <= ?1 LIMIT ?2)`,
}

// purge forgets what is over, a little at a time, until the store is closed.
func (s *Store) purge() {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.writer.over:
			return
		case <-ticker.C:
		}
		s.ended.Forget(s.now().UnixMilli(), 10*purgeMost)
		for more := true; more; {
			var err error
			if more, err = s.purgeSome(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
				s.logger.Warn("can't forget what is over", "error", err)
			}
		}
	}
}

// purgeSome reports whether there may be more.
func (s *Store) purgeSome(ctx context.Context) (more bool, err error) {
	err = s.write(ctx, func(c *conn, now int64) error {
		for _, query := range purges {
			n, err := c.exec(query, now, int64(purgeMost))
			if err != nil {
				return err
			}
			more = more || n == purgeMost
		}
		return nil
	})
	return more && err == nil, err
}
