package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/ended"
	testserver "github.com/ostiary/ostiary/internal/testserver/postgres"
)

// paced opens a store whose looks the test sets off.
func paced(t *testing.T, dsn string) (s *Store, look func(), elapsed *atomic.Int64) {
	t.Helper()
	elapsed, ticks := new(atomic.Int64), make(chan time.Time)
	s, err := open(t.Context(), Config{DSN: ostiary.NewSecret(dsn)}, ended.Config{
		Ticks: ticks, Elapsed: func() time.Duration { return time.Duration(elapsed.Load()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, func() { // the second begins when the first is over
		ticks <- time.Time{}
		ticks <- time.Time{}
	}, elapsed
}

// TestEndsAcrossReplicas ends sessions in one replica and asks the other, also
// when the database is away for a while.
func TestEndsAcrossReplicas(t *testing.T) {
	server := testserver.Start(t)
	dsn := server.DSN(server.Database(t))
	a, _, _ := paced(t, dsn)
	b, look, elapsed := paced(t, dsn)
	ctx, until := t.Context(), time.Now().Add(time.Hour)
	if err := a.Revoke(ctx, "first", until); err != nil {
		t.Fatal(err)
	}
	look()
	if !b.Revoked("first") || b.Revoked("second") {
		t.Error("SES-3: ended in one replica, and not in the other")
	}

	number := func() (n int64) {
		if err := a.pool.QueryRow(ctx, "SELECT number FROM ostiary_revocation WHERE session = 'first'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := number()
	if err := a.Revoke(ctx, "first", until.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if after := number(); after <= before {
		t.Errorf("SES-3: an end that was put off has the number %d after %d, and is overlooked", after, before)
	}

	// Its number is given before that of the next, and seen after it.
	slow, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close(context.Background())
	tx, err := slow.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, insertRevocation, []byte("slow"), until.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if err := a.Revoke(ctx, "quick", until); err != nil {
		t.Fatal(err)
	}
	look()
	if !b.Revoked("quick") || b.Revoked("slow") {
		t.Error("SES-3: the quick one is not ended, or the slow one already")
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	look()
	if !b.Revoked("slow") {
		t.Error("SES-3: what was seen late is overlooked")
	}

	server.Kill()
	elapsed.Store(int64(59 * time.Second))
	look()
	if b.Revoked("second") {
		t.Error("a fault of less than a minute ends all sessions")
	}
	elapsed.Store(int64(61 * time.Second))
	if !b.Revoked("second") {
		t.Error("SES-5: the database is away, and a session counts")
	}
	server.Restart(t)
	look()
	look()
	if b.Revoked("second") || !b.Revoked("first") {
		t.Error("SES-5: the database is back, and not what it was")
	}
}

// TestPurge forgets what is over and nothing else.
func TestPurge(t *testing.T) {
	server := testserver.Start(t)
	now := time.Unix(1_000_000, 0)
	s, err := Open(t.Context(), Config{DSN: ostiary.NewSecret(server.DSN(server.Database(t))), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	for i, life := range []time.Duration{time.Minute, time.Minute, time.Hour} {
		key := fmt.Sprint(i)
		_, err1 := s.TakeOnce(ctx, key, now.Add(life))
		_, err2 := s.Spend(ctx, ostiary.Budget{Key: key, Limit: 1, Window: life})
		err3 := s.Revoke(ctx, key, now.Add(life))
		r := ostiary.Record{ID: key, Kind: ".pending", Expires: now.Add(life)}
		err4 := s.Change(ctx, "a:"+key, ostiary.Change{Add: []ostiary.Record{r}})
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
	}
	const count = `SELECT (SELECT count(*) FROM ostiary_record), (SELECT count(*) FROM ostiary_mark),
		(SELECT count(*) FROM ostiary_budget), (SELECT count(*) FROM ostiary_revocation)`
	for _, row := range []struct {
		pass time.Duration
		want int
	}{{time.Minute - time.Millisecond, 3}, {time.Millisecond, 1}, {time.Hour, 0}} {
		now = now.Add(row.pass)
		if err := s.purgeAll(ctx); err != nil {
			t.Fatal(err)
		}
		var got [4]int
		if err := s.pool.QueryRow(ctx, count).Scan(&got[0], &got[1], &got[2], &got[3]); err != nil {
			t.Fatal(err)
		}
		if got != [4]int{row.want, row.want, row.want, row.want} {
			t.Errorf("%v later %v rows are left, want %d of each", row.pass, got, row.want)
		}
	}
}

// TestDurable has a database that would acknowledge before it is sure.
func TestDurable(t *testing.T) {
	server := testserver.Start(t, "synchronous_commit=off")
	s, err := Open(t.Context(), Config{DSN: ostiary.NewSecret(server.DSN(server.Database(t)))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var setting string
	if err := s.pool.QueryRow(t.Context(), "SHOW synchronous_commit").Scan(&setting); err != nil || setting != "on" {
		t.Errorf("FAL-2: synchronous_commit is %s, %v", setting, err)
	}
}
