package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

// spend takes a try from each budget or from none, and returns how long to wait.
// Who spends holds the locks of all the budgets, so that only refunds and the
// purge come between the look and the step. A window that is longer than it may
// be, because a clock was set back, is put right (THR-3).
const spend = `WITH asked AS MATERIALIZED (
	SELECT key, most, ` + now + ` AS now, ` + now + ` + span AS fresh, tries, until
	FROM unnest($2::bytea[], $3::bigint[], $4::bigint[]) AS a (key, most, span) LEFT JOIN ostiary_budget USING (key)
), live AS MATERIALIZED (
	SELECT key, most, now, fresh, until > fresh AS wrong,
		CASE WHEN until > now THEN tries ELSE 0 END AS tries,
		CASE WHEN until > now THEN least(until, fresh) ELSE fresh END AS until
	FROM asked
), waits AS MATERIALIZED (
	SELECT max(until - now) AS wait FROM live WHERE tries >= most
), taken AS (
	INSERT INTO ostiary_budget (key, tries, until) SELECT key, 1, until FROM live WHERE (SELECT wait FROM waits) IS NULL ORDER BY key
	ON CONFLICT (key) DO UPDATE SET until = excluded.until,
		tries = CASE WHEN ostiary_budget.until > ` + now + ` THEN ostiary_budget.tries + 1 ELSE 1 END
), mended AS (
	UPDATE ostiary_budget AS b SET until = live.until FROM live WHERE b.key = live.key AND wrong AND (SELECT wait FROM waits) IS NOT NULL
)
SELECT coalesce(wait, 0) FROM waits`

// Spend implements ostiary.FactorStore.
func (s *Store) Spend(ctx context.Context, budgets ...ostiary.Budget) (wait time.Duration, err error) {
	if err := errors.Join(ctx.Err(), bounds.Budgets(budgets)); err != nil {
		return 0, s.fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var locks, limits, windows []int64
	var keys [][]byte
	for _, b := range budgets {
		locks = append(locks, lockOf("budget", b.Key))
		keys, limits, windows = append(keys, []byte(b.Key)), append(limits, int64(b.Limit)), append(windows, b.Window.Milliseconds())
	}
	if len(budgets) == 0 {
		return 0, nil
	}
	slices.Sort(locks)
	var ms int64
	err = s.send(ctx, func() *pgx.Batch {
		b := new(pgx.Batch)
		for _, number := range locks {
			b.Queue(lock, number)
		}
		b.Queue(spend, s.now(), keys, limits, windows).QueryRow(func(row pgx.Row) error { return row.Scan(&ms) })
		return b
	})
	if err != nil {
		return 0, s.fault(err)
	}
	if ms < 0 {
		return 0, s.fault(errDamaged)
	}
	return time.Duration(ms) * time.Millisecond, nil
}
