//go:build unix

package htpasswd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

// TestUnfitFiles has what is no password file, at the start and later.
func TestUnfitFiles(t *testing.T) {
	for _, row := range []struct {
		name string
		make func(t *testing.T, file string)
		want string
	}{
		{"a pipe that nobody writes into", func(t *testing.T, file string) { must(t, syscall.Mkfifo(file, 0o600)) }, "is not a regular file"},
		{"a directory", func(t *testing.T, file string) { must(t, os.Mkdir(file, 0o700)) }, "is not a regular file"},
		{"a device", func(t *testing.T, file string) { must(t, os.Symlink("/dev/zero", file)) }, "is not a regular file"},
		{"a link to a pipe", func(t *testing.T, file string) {
			must(t, syscall.Mkfifo(file+".pipe", 0o600))
			must(t, os.Symlink(file+".pipe", file))
		}, "is not a regular file"},
		{"a link to itself", func(t *testing.T, file string) { must(t, os.Symlink(file, file)) }, "too many levels of symbolic links"},
		{"a link to nothing", func(t *testing.T, file string) { must(t, os.Symlink(file+".gone", file)) }, "no such file"},
		{"a file that everybody may write", func(t *testing.T, file string) { put(t, file, 0o606) }, "can be written by everybody; run chmod o-w on it"},
		{"a link to a file that everybody may write", func(t *testing.T, file string) {
			put(t, file+".real", 0o666)
			must(t, os.Symlink(file+".real", file))
		}, "can be written by everybody; run chmod o-w on it"},
		{"a file beyond 16 MiB", func(t *testing.T, file string) {
			put(t, file, 0o600)
			must(t, os.Truncate(file, 16<<20+1))
		}, "is larger than 16 MiB"},
		{"a file of 16 MiB without a line", func(t *testing.T, file string) {
			put(t, file, 0o600)
			must(t, os.Truncate(file, 16<<20))
		}, "line 2: there is no colon between name and hash"},
	} {
		t.Run("HTP-1 "+row.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "people")
			row.make(t, file)
			within(t, func() {
				if c, err := htpasswd.New(htpasswd.Config{File: file}); c != nil || err == nil || !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), "File: ") {
					t.Errorf("at the start: got %v, want %s", err, row.want)
				}
			})
			b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
			b.clock.pass(time.Minute)
			must(t, os.Remove(b.file))
			row.make(t, b.file)
			within(t, func() {
				b.says("ada", horse, "user ada")
				b.says("eve", horse, "refused")
				if err := b.Check(t.Context()); err == nil || !strings.Contains(err.Error(), row.want) {
					t.Errorf("Check: got %v, want %s", err, row.want)
				}
			})
			b.logged("htpasswd file not read; the people of the last good one count", 1)
			b.logged(row.want, 1)
		})
	}
}

// put writes a file that would let eve in, with any mode, whatever the umask.
func put(t *testing.T, file string, mode os.FileMode) {
	t.Helper()
	must(t, os.WriteFile(file, []byte("eve:"+horseBcr+"\n"), 0o600))
	must(t, os.Chmod(file, mode))
}

// within fails the test of what blocks.
func within(t *testing.T, work func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("it blocks")
	}
}

// TestLinks follows links, and notices when they lead elsewhere: so Kubernetes
// replaces the files of a secret.
func TestLinks(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	dir := filepath.Dir(b.file)
	for name, line := range map[string]string{"one": "eve:" + horseBcr, "two": "joe:" + horseBcr} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		file := filepath.Join(dir, name, "people")
		must(t, os.WriteFile(file, []byte(line+"\n"), 0o600))
		must(t, os.Chtimes(file, b.clock.Now(), b.clock.Now()))
	}
	point := func(to string) {
		next := filepath.Join(dir, "next")
		must(t, os.Symlink(to, next))
		must(t, os.Rename(next, filepath.Join(dir, "data")))
		b.clock.pass(time.Minute)
	}
	point("one")
	must(t, os.Remove(b.file))
	must(t, os.Symlink("data/people", b.file))
	b.says("ada", horse, "refused")
	b.says("eve", horse, "user eve")
	point("two")
	b.says("eve", horse, "refused")
	b.says("joe", horse, "user joe")
	b.logged("not read", 0)
}

// TestReadableByAll is a warning, at the start.
func TestReadableByAll(t *testing.T) {
	for mode, want := range map[os.FileMode]int{0o640: 0, 0o644: 1, 0o604: 1} {
		b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
		must(t, os.Chmod(b.file, mode))
		open(b)
		b.logged("can be read by everybody; run chmod o-r on it", want)
	}
}
