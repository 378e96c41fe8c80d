package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/ostiary/ostiary/store/sqlite"
	"github.com/ostiary/ostiary/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) storetest.Store {
		return open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "a ?#%.db"), Now: now})
	})
}

func open(t *testing.T, c sqlite.Config) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
