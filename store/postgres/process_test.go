package postgres_test

import (
	"testing"

	"github.com/ostiary/ostiary"
	testserver "github.com/ostiary/ostiary/internal/testserver/postgres"
	"github.com/ostiary/ostiary/store/postgres"
	"github.com/ostiary/ostiary/storetest"
)

func newDatabase(t *testing.T) string { return database(t) }

func openDatabase(t *testing.T, dsn string) storetest.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: ostiary.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProcesses(t *testing.T) { storetest.RunProcesses(t, newDatabase, openDatabase) }

func TestCrash(t *testing.T) { storetest.RunCrash(t, 5, newDatabase, openDatabase) }

func TestOutage(t *testing.T) {
	s := testserver.Start(t)
	dsn := s.DSN(s.Database(t))
	storetest.RunOutage(t, 4, func(t *testing.T) storetest.Store { return openDatabase(t, dsn) },
		func(*testing.T) { s.Kill() }, func(t *testing.T) { s.Restart(t) })
}
