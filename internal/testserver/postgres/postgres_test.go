package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary/internal/testserver/postgres"
)

func TestServer(t *testing.T) {
	s := postgres.Start(t, "max_connections=20")
	name := s.Database(t, "CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1)")
	if other := s.Database(t); other == name {
		t.Errorf("two databases are called %s", name)
	}
	count := func() (n int, err error) {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, s.DSN(name))
		if err != nil {
			return 0, err
		}
		defer conn.Close(ctx)
		err = conn.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n)
		return n, err
	}
	if n, err := count(); n != 1 || err != nil {
		t.Errorf("got %d rows, %v, want 1", n, err)
	}
	address := s.Addr()
	s.Kill()
	if _, err := count(); err == nil {
		t.Error("a killed server answers")
	}
	s.Restart(t)
	if n, err := count(); n != 1 || err != nil || s.Addr() != address {
		t.Errorf("after the restart: got %d rows at %s, %v, want 1 at %s", n, s.Addr(), err, address)
	}
	s.Freeze()
	s.Thaw()
	if _, err := count(); err != nil {
		t.Errorf("after the thaw: %v", err)
	}
}
