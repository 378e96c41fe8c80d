package ostiary_test

import (
	"context"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/sqlite"
)

// BenchmarkSecondStep is what a code of an app costs beyond the first step, with a
// store on disk: CPU of the whole process, because the store works in goroutines
// of its own and waits for the disk.
func BenchmarkSecondStep(b *testing.B) {
	open := func(b *testing.B) *house {
		b.Helper()
		return guarded(b, func(c *ostiary.Config) {
			store, err := sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(b.TempDir(), "ostiary.db"), Now: c.Now})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { store.Close() })
			c.Store, c.Logger = store, nil
		})
	}
	b.Run("password alone", func(b *testing.B) {
		h := open(b)
		benchmarkCPU(b, func() {
			if person, token := visitor(h); !person.send(login(person, token)).sets(h) {
				b.Fatal("not in")
			}
		})
	})
	b.Run("password and code", func(b *testing.B) {
		h := open(b)
		h.give(smithAccount)
		benchmarkCPU(b, func() {
			h.clock.turn(30 * time.Second)
			person, token := visitor(h)
			person.send(login(person, token))
			if !person.send(person.form("callback/totp", "csrfToken", token, "code", h.code(appSecret))).sets(h) {
				b.Fatal("not in")
			}
		})
	})
	b.Run("the browser's part of one more request", func(b *testing.B) { // to be taken off
		h := open(b)
		person, token := visitor(h)
		benchmarkCPU(b, func() { person.send(person.form("nowhere", "csrfToken", token, "code", h.code(appSecret))) })
	})
}

func visitor(h *house) (person *browser, token string) {
	person = h.script()
	return person, person.csrf()
}

func login(person *browser, token string) *http.Request {
	return person.form("callback/credentials", "csrfToken", token, "username", "jsmith", "password", jsmiths)
}

func benchmarkCPU(b *testing.B, f func()) {
	b.Helper()
	before := cpu(b)
	n := 0
	for b.Loop() {
		f()
		n++
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
