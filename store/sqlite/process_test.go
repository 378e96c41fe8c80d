package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/ostiary/ostiary/store/sqlite"
	"github.com/ostiary/ostiary/storetest"
)

func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "ostiary.db") }

func openFile(t *testing.T, path string) storetest.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProcesses(t *testing.T) { storetest.RunProcesses(t, newFile, openFile) }

func TestCrash(t *testing.T) { storetest.RunCrash(t, 40, newFile, openFile) }
