package sqlite_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/sqlite"
)

// cpuTime is what this process has had of the processors until now.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkSignIn is all that a sign-in with a second factor asks of the store.
// "cpu-µs/op" is the time of our processors, without the wait for the disk.
func BenchmarkSignIn(b *testing.B) {
	s := bench(b, filepath.Join(b.TempDir(), "ostiary.db"))
	ctx, account := b.Context(), "directory:ada"
	code := ostiary.Record{ID: rand.Text(), Kind: "totp", Data: make([]byte, 350), Created: time.Now()}
	if err := s.Change(ctx, account, ostiary.Change{Add: []ostiary.Record{code}}); err != nil {
		b.Fatal(err)
	}
	code.Version = 1
	begun := cpuTime(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := signIn(ctx, s, account, &code); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-begun).Microseconds())/float64(b.N), "cpu-µs/op")
}

func signIn(ctx context.Context, s *sqlite.Store, account string, code *ostiary.Record) error {
	if _, err := s.Records(ctx, account); err != nil {
		return err
	}
	pending := ostiary.Record{ID: rand.Text(), Kind: ".pending", Data: make([]byte, 500), Created: time.Now(), Expires: time.Now().Add(5 * time.Minute)}
	if err := s.Change(ctx, account, ostiary.Change{Add: []ostiary.Record{pending}}); err != nil {
		return err
	}
	if _, err := s.Records(ctx, account); err != nil {
		return err
	}
	mine, ours := "second:"+account, "network:192.0.2.0"
	wait, err := s.Spend(ctx, ostiary.Budget{Key: mine, Limit: 5, Window: time.Minute}, ostiary.Budget{Key: ours, Limit: 50, Window: time.Hour})
	if wait > 0 || err != nil {
		return fmt.Errorf("wait %v: %w", wait, err)
	}
	pending.Version = 1
	c := ostiary.Change{Update: []ostiary.Record{*code}, Remove: []ostiary.Record{pending}, Refund: []string{mine, ours}}
	if err := s.Change(ctx, account, c); err != nil {
		return err
	}
	code.Version++
	return nil
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
