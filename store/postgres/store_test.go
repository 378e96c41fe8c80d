package postgres_test

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	testserver "github.com/ostiary/ostiary/internal/testserver/postgres"
	"github.com/ostiary/ostiary/store/postgres"
	"github.com/ostiary/ostiary/storetest"
)

// server is one for the whole package, started by the first test that wants it.
var server = sync.OnceValues(func() (*testserver.Server, error) {
	s, err := testserver.Open("max_connections=100")
	started = s
	return s, err
})

var started *testserver.Server

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		if err := started.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// database makes an empty one and returns its DSN.
func database(tb testing.TB) string {
	tb.Helper()
	s, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	return s.DSN(s.Database(tb))
}

var schemas atomic.Int64

// schema makes an empty one, which takes less time than a database, and returns a
// DSN that leads to it.
func schema(tb testing.TB) string {
	tb.Helper()
	s, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprint("test_", schemas.Add(1))
	s.Exec(tb, "postgres", "CREATE SCHEMA "+name)
	return s.DSN("postgres") + "?search_path=" + name
}

func open(tb testing.TB, c postgres.Config) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		return open(t, postgres.Config{DSN: ostiary.NewSecret(schema(t)), Now: now})
	})
}
