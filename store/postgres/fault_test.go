package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary"
	testserver "github.com/ostiary/ostiary/internal/testserver/postgres"
	"github.com/ostiary/ostiary/store/postgres"
	"github.com/ostiary/ostiary/storetest"
)

// calls are all that can fail.
func calls(s storetest.Store) map[string]func(ctx context.Context) error {
	until := time.Now().Add(time.Hour)
	return map[string]func(ctx context.Context) error{
		"Records":     func(ctx context.Context) error { _, err := s.Records(ctx, "directory:ada"); return err },
		"RecordByKey": func(ctx context.Context) error { _, err := s.RecordByKey(ctx, "k"); return err },
		"Accounts":    func(ctx context.Context) error { _, err := s.Accounts(ctx, "", 10); return err },
		"Change": func(ctx context.Context) error {
			return s.Change(ctx, "directory:ada", ostiary.Change{Add: []ostiary.Record{{ID: "late", Kind: "totp"}}})
		},
		"Spend": func(ctx context.Context) error {
			_, err := s.Spend(ctx, ostiary.Budget{Key: "k", Limit: 1, Window: time.Hour})
			return err
		},
		"TakeOnce": func(ctx context.Context) error { _, err := s.TakeOnce(ctx, "mark", until); return err },
		"Revoke":   func(ctx context.Context) error { return s.Revoke(ctx, "session", until) },
	}
}

// TestDatabaseIsSlow freezes the server: calls end with their context.
func TestDatabaseIsSlow(t *testing.T) {
	server := testserver.Start(t)
	s := openDatabase(t, server.DSN(server.Database(t)))
	defer s.Close()
	server.Freeze()
	thawed := false
	defer func() {
		if !thawed {
			server.Thaw()
		}
	}()
	for name, call := range calls(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		begun := time.Now()
		if err := call(ctx); err == nil || errors.Is(err, ostiary.ErrNoRecord) {
			t.Errorf("THR-9 %s of a frozen database: got %v, want an error", name, err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s took %v, want 100 ms", name, took)
		}
		cancel()
	}
	server.Thaw()
	thawed = true
	recovers(t, s)
}

// TestDatabaseIsAway kills the server and starts it again.
func TestDatabaseIsAway(t *testing.T) {
	server := testserver.Start(t)
	s := openDatabase(t, server.DSN(server.Database(t)))
	defer s.Close()
	server.Kill()
	for name, call := range calls(s) {
		if err := call(t.Context()); err == nil || errors.Is(err, ostiary.ErrNoRecord) {
			t.Errorf("THR-9 %s without a database: got %v, want an error", name, err)
		}
	}
	if !s.Revoked("session") {
		t.Error("SES-3: a session that was to end goes on because the database was away")
	}
	server.Restart(t)
	recovers(t, s)
}

// recovers waits until every call succeeds, each soon.
func recovers(t *testing.T, s storetest.Store) {
	t.Helper()
	for name, call := range calls(s) {
		var err error
		for range 50 {
			if err = call(t.Context()); err == nil || errors.Is(err, ostiary.ErrNoRecord) || errors.Is(err, ostiary.ErrKeyTaken) {
				err = nil
				break
			}
		}
		if err != nil {
			t.Errorf("%s when the database is back: %v", name, err)
		}
	}
}

// TestConnectionsEnd has somebody end all connections of a pool: who reads does
// not notice.
func TestConnectionsEnd(t *testing.T) {
	server := testserver.Start(t)
	base := server.Database(t)
	s := openDatabase(t, server.DSN(base))
	defer s.Close()
	var readers sync.WaitGroup
	for range 32 { // so that there are some connections
		readers.Go(func() {
			if _, err := s.Records(t.Context(), "directory:ada"); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
	server.Exec(t, base, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ostiary'")
	for range 3 {
		if _, err := s.Records(t.Context(), "directory:ada"); err != nil {
			t.Errorf("got %v", err)
		}
	}
	recovers(t, s)
}

func TestOpenIsRefused(t *testing.T) {
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	newer := s.Database(t)
	openDatabase(t, s.DSN(newer)).Close()
	s.Exec(t, newer, "INSERT INTO ostiary_migration (number, name) VALUES (1000, 'later')")
	poor := s.Database(t, "DROP ROLE IF EXISTS poor", "CREATE ROLE poor LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	for name, row := range map[string]struct {
		config postgres.Config
		want   string
	}{
		"FAL-5 no DSN":             {postgres.Config{}, "DSN: is empty"},
		"FAL-5 negative":           {postgres.Config{DSN: ostiary.NewSecret(s.DSN(poor)), MaxConns: -1}, "MaxConns: is negative"},
		"FAL-5 a newer version":    {postgres.Config{DSN: ostiary.NewSecret(s.DSN(newer))}, "of a newer version (1000, known is 1)"},
		"FAL-5 no right to tables": {postgres.Config{DSN: ostiary.NewSecret(s.DSNAs("poor", "", poor))}, "GRANT CREATE"},
		"FAL-5 no such database":   {postgres.Config{DSN: ostiary.NewSecret(s.DSN("nowhere"))}, "CREATE DATABASE it"},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := postgres.Open(t.Context(), row.config)
			if err == nil {
				_ = store.Close()
				t.Fatal("it is opened")
			}
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %q, want %q in it", err, row.want)
			}
		})
	}
}

// TestDamagedRows has somebody write into the tables what the store would not.
func TestDamagedRows(t *testing.T) {
	for name, change := range map[string]string{
		"a version of nothing": "UPDATE ostiary_record SET version = 0",
		"an empty key":         "UPDATE ostiary_record SET key = ''",
		"an id too long":       "UPDATE ostiary_record SET id = repeat('i', 65)",
		"an id with a newline": "UPDATE ostiary_record SET id = E'a\\nb'",
		"too much data":        "UPDATE ostiary_record SET data = decode(repeat('00', 16385), 'hex')",
		"no kind":              "UPDATE ostiary_record SET kind = ''",
		"a key beyond ASCII":   "UPDATE ostiary_record SET key = 'ä'",
		"a version in words":   "ALTER TABLE ostiary_record ALTER version TYPE text USING 'one'",
	} {
		t.Run("FAL-7 "+name, func(t *testing.T) {
			dsn := schema(t)
			s := openDatabase(t, dsn)
			defer s.Close()
			if err := s.Change(t.Context(), "directory:ada", ostiary.Change{Add: []ostiary.Record{{ID: "1", Kind: "totp", Key: "k"}}}); err != nil {
				t.Fatal(err)
			}
			execute(t, dsn, change)
			if list, err := s.Records(t.Context(), "directory:ada"); err == nil {
				t.Errorf("it is read: %+v", list)
			}
		})
	}
}

// TestTimeOfTheDatabase has replicas without a clock of their own (THR-3).
func TestTimeOfTheDatabase(t *testing.T) {
	dsn := database(t)
	a, b := openDatabase(t, dsn), openDatabase(t, dsn)
	defer a.Close()
	defer b.Close()
	ctx, now := t.Context(), time.Now()
	add := ostiary.Change{Add: []ostiary.Record{
		{ID: "over", Kind: ".pending", Expires: now.Add(-time.Minute)}, {ID: "waits", Kind: ".pending", Expires: now.Add(time.Hour)},
	}}
	if err := a.Change(ctx, "directory:ada", add); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Records(ctx, "directory:ada"); len(list) != 1 || list[0].ID != "waits" || err != nil {
		t.Errorf("got %d records, %v, want the one that waits", len(list), err)
	}
	for mark, want := range map[string]bool{"over": false, "waits": true} {
		until := map[bool]time.Time{true: now.Add(time.Hour), false: now.Add(-time.Minute)}[want]
		if first, err := a.TakeOnce(ctx, mark, until); first != want || err != nil {
			t.Errorf("mark %s: got %t, %v", mark, first, err)
		}
		if first, err := b.TakeOnce(ctx, mark, until); first || err != nil {
			t.Errorf("mark %s in another replica: got %t, %v", mark, first, err)
		}
	}
	tries := ostiary.Budget{Key: "tries", Limit: 1, Window: time.Hour}
	if wait, err := a.Spend(ctx, tries); wait != 0 || err != nil {
		t.Errorf("got %v, %v", wait, err)
	}
	if wait, err := b.Spend(ctx, tries); wait <= 59*time.Minute || wait > time.Hour || err != nil {
		t.Errorf("THR-2: in another replica got %v, %v, want an hour", wait, err)
	}
}

// execute runs a statement past the store.
func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
