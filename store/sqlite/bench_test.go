package sqlite_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary/store/sqlite"
	"github.com/ostiary/ostiary/storetest"
)

// cpuTime is what this process has had of the processors until now.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkSignIn also tells "cpu-µs/op", the time of our processors without the
// wait for the disk.
func BenchmarkSignIn(b *testing.B) {
	s := bench(b, filepath.Join(b.TempDir(), "ostiary.db"))
	begun := cpuTime(b)
	storetest.BenchmarkSignIn(b, s)
	b.ReportMetric(float64((cpuTime(b)-begun).Microseconds())/float64(b.N), "cpu-µs/op")
}

func bench(b *testing.B, path string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

const manyAccounts = 100_000

func accountName(i int) string { return fmt.Sprintf("directory:person-%06d", i) }

// BenchmarkRecords100k reads accounts among a hundred thousand, each with three
// records, and tells how long the slowest hundredth takes and how large the file is.
func BenchmarkRecords100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ostiary.db")
	if err := bench(b, path).Close(); err != nil { // makes the tables
		b.Fatal(err)
	}
	fill(b, path)
	s := bench(b, path)
	var took []time.Duration
	i := 0
	for b.Loop() {
		i = (i + 7919) % manyAccounts // hops about
		begun := time.Now()
		list, err := s.Records(b.Context(), accountName(i))
		took = append(took, time.Since(begun))
		if len(list) != 3 || err != nil {
			b.Fatal(len(list), err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// fill writes three records for each account past the store.
func fill(b *testing.B, path string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.Prepare(`INSERT INTO record (id, account, kind, key, data, version, created, used) VALUES (?, ?, ?, ?, ?, 1, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	data, now := make([]byte, 350), time.Now().Unix()
	for i := range 3 * manyAccounts { // accounts enrol at different times
		kind, key := "totp", any(nil)
		if i%3 == 0 {
			kind, key = "webauthn", rand.Text()+rand.Text()+rand.Text() // 78 bytes
		}
		_, _ = rand.Read(data)
		if _, err := insert.Exec(rand.Text(), accountName(i%manyAccounts), kind, key, data, now, now); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
