package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/sqlite"
)

// run runs a statement in a file, past the store.
func run(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	write := func(text string, mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, row := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"FAL-5 of another program": {func(t *testing.T, path string) {
			run(t, path, "CREATE TABLE account (name TEXT)")
		}, "is the database of another program"},
		"FAL-5 of a newer version": {func(t *testing.T, path string) {
			openFile(t, path).Close()
			run(t, path, "INSERT INTO ostiary_migration (number, name) VALUES (1000, '1000_later.sql')")
		}, "tables of a newer version (1000, known is 1)"},
		"FAL-5 no database":         {write(strings.Repeat("no database ", 1000), 0o600), "is no SQLite database"},
		"FAL-5 writable by others":  {write("", 0o602), "can be written by others; chmod go-w"},
		"FAL-5 writable by a group": {write("", 0o620), "can be written by others; chmod go-w"},
		"FAL-5 a log of others": {func(t *testing.T, path string) {
			write("", 0o666)(t, path+"-wal")
		}, "-wal can be written by others"},
		"FAL-5 a symbolic link": {func(t *testing.T, path string) {
			if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), path); err != nil {
				t.Fatal(err)
			}
		}, "is a symbolic link; name the file itself"},
		"FAL-5 a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "is no file"},
		"FAL-5 no folder": {func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, "the folder is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			row.prepare(t, path)
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err == nil {
				_ = s.Close()
				t.Fatal("it is opened")
			}
			if text := err.Error(); !strings.Contains(text, row.want) || !strings.HasPrefix(text, "Path: ") {
				t.Errorf("got %q, want %q in it", text, row.want)
			}
		})
	}
	if _, err := sqlite.Open(t.Context(), sqlite.Config{}); err == nil || !strings.HasPrefix(err.Error(), "Path: names no file") {
		t.Errorf("without a path: got %v", err)
	}
}

func TestFileIsForItsOwner(t *testing.T) {
	path := newFile(t)
	s := openFile(t, path)
	defer s.Close()
	if err := s.Change(t.Context(), "directory:ada", ostiary.Change{Add: []ostiary.Record{{ID: "1", Kind: "totp"}}}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %o, want 600", filepath.Base(path+suffix), mode)
		}
	}
}

// TestDamagedRows has somebody write into the tables what the store would not.
func TestDamagedRows(t *testing.T) {
	for name, change := range map[string]string{
		"a version of nothing": "UPDATE record SET version = 0",
		"an empty key":         "UPDATE record SET key = ''",
		"an id too long":       "UPDATE record SET id = hex(zeroblob(33))",
		"an id with a newline": "UPDATE record SET id = 'a' || char(10)",
		"too much data":        "UPDATE record SET data = zeroblob(16385)",
		"no kind":              "UPDATE record SET kind = ''",
		"a key beyond ASCII":   "UPDATE record SET key = char(228)",
		"no id":                "UPDATE record SET id = ''",
		"a key of megabytes":   "UPDATE record SET key = hex(zeroblob(1000000))",
	} {
		t.Run("FAL-7 "+name, func(t *testing.T) {
			path := newFile(t)
			s := openFile(t, path)
			defer s.Close()
			if err := s.Change(t.Context(), "directory:ada", ostiary.Change{Add: []ostiary.Record{{ID: "1", Kind: "totp", Key: "k"}}}); err != nil {
				t.Fatal(err)
			}
			run(t, path, change)
			if list, err := s.Records(t.Context(), "directory:ada"); err == nil {
				t.Errorf("it is read: %+v", list)
			}
		})
	}
}
