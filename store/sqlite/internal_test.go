package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
	"github.com/ostiary/ostiary/internal/ended"
)

// TestWithoutDatabase has the database vanish under a store: after a minute all
// sessions count as ended, and no longer when it is back (SES-5).
func TestWithoutDatabase(t *testing.T) {
	elapsed, ticks := new(atomic.Int64), make(chan time.Time)
	log := new(strings.Builder)
	s, err := open(t.Context(), Config{
		Path: filepath.Join(t.TempDir(), "ostiary.db"), Logger: slog.New(slog.NewTextHandler(log, nil)),
	}, ended.Config{Ticks: ticks, Elapsed: func() time.Duration { return time.Duration(elapsed.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	look := func() { // the second begins when the first is over
		ticks <- time.Time{}
		ticks <- time.Time{}
	}
	rename := func(from, to string) {
		err := s.write(t.Context(), func(c *conn, _ int64) error {
			_, err := c.exec("ALTER TABLE " + from + " RENAME TO " + to)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Revoke(t.Context(), "before", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	look()
	rename("revocation", "hidden")
	elapsed.Store(int64(59 * time.Second))
	look()
	if s.Revoked("a") {
		t.Error("a fault of less than a minute ends all sessions")
	}
	elapsed.Store(int64(61 * time.Second))
	if !s.Revoked("a") {
		t.Error("SES-5: nobody can tell, and the session counts")
	}
	err = s.write(t.Context(), func(c *conn, _ int64) error { // somebody brought back another copy
		_, err := c.exec("UPDATE hidden SET session = ?", []byte("meanwhile"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rename("hidden", "revocation")
	look()
	if s.Revoked("a") || !s.Revoked("before") || !s.Revoked("meanwhile") {
		t.Error("SES-5: the database is back, and not all that it tells counts")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "can't ask which sessions were ended") {
		t.Errorf("got the log %q", log)
	}
}

// TestPurge goes through tables in which much is over.
func TestPurge(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ostiary.db"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const many = 700
	for i := range many {
		key, life := fmt.Sprint(i), time.Minute
		if i%7 == 0 {
			life = time.Hour
		}
		r := ostiary.Record{ID: key, Kind: ".pending", Created: now, Expires: now.Add(life)}
		_, err1 := s.TakeOnce(t.Context(), key, now.Add(life))
		_, err2 := s.Spend(t.Context(), ostiary.Budget{Key: key, Limit: 1, Window: life})
		err3 := s.Revoke(t.Context(), key, now.Add(life))
		err4 := s.Change(t.Context(), "a:"+key, ostiary.Change{Add: []ostiary.Record{r}})
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
	}
	count := func(table string) (n int64) {
		err := s.readers.do(t.Context(), func(c *conn) (err error) {
			n, _, err = c.number("SELECT count(*) FROM " + table)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	purges := newPurges()
	for _, row := range []struct {
		pass time.Duration
		want int64
	}{{time.Minute - time.Millisecond, many}, {time.Millisecond, many / 7}, {time.Hour, 0}} {
		now = now.Add(row.pass)
		for range 8 {
			for _, p := range purges {
				if err := p.run(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, table := range []string{"record", "mark", "budget", "revocation"} {
			if got := count(table); got != row.want {
				t.Errorf("%v later %d rows of %s are left, want %d", row.pass, got, table, row.want)
			}
		}
	}
	if err := s.Revoke(t.Context(), "later", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	number := int64(0)
	err = s.readers.do(t.Context(), func(c *conn) (err error) {
		number, _, err = c.number("SELECT max(number) FROM revocation")
		return err
	})
	if number <= many || err != nil {
		t.Errorf("SES-3: the number %d was given twice, and other processes don't see it (%v)", number, err)
	}
}

// TestBatch has one transaction with jobs that succeed, that are refused, and
// whose callers gave up.
func TestBatch(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ostiary.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	put := func(ctx context.Context, key string, answer error) *job {
		return &job{ctx: ctx, done: make(chan error, 1), run: func(c *conn) error {
			if _, err := c.exec(`INSERT INTO mark (key, until) VALUES (?, 1)`, []byte(key)); err != nil {
				return err
			}
			return answer
		}}
	}
	jobs := []*job{
		put(t.Context(), "a", nil), put(t.Context(), "b", ostiary.ErrConflict), put(gone, "c", nil),
		put(t.Context(), "d", ostiary.ErrKeyTaken), put(t.Context(), "e", nil),
	}
	if !s.writer.commit(jobs) {
		t.Fatal("somebody else writes")
	}
	for i, want := range []error{nil, ostiary.ErrConflict, context.Canceled, ostiary.ErrKeyTaken, nil} {
		if got := <-jobs[i].done; !errors.Is(got, want) {
			t.Errorf("job %d: got %v, want %v", i, got, want)
		}
	}
	broken := []*job{put(t.Context(), "f", nil), put(t.Context(), "a", nil)} // there already: a fault
	s.writer.commit(broken)
	for i, j := range broken {
		if err := <-j.done; err == nil || isAnswer(err) {
			t.Errorf("job %d beside a fault: got %v", i, err)
		}
	}
	var keys []string
	err = s.readers.do(t.Context(), func(c *conn) error {
		return c.query("SELECT key FROM mark ORDER BY key", func(row []driver.Value) error {
			keys = append(keys, string(row[0].([]byte)))
			return nil
		})
	})
	if got := strings.Join(keys, " "); got != "a e" || err != nil {
		t.Errorf("got the marks %q, %v, want \"a e\"", got, err)
	}
}

// TestFullDisk lets the file grow no more for a while.
func TestFullDisk(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ostiary.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	limit := func(pages string) {
		err := s.write(t.Context(), func(c *conn, _ int64) error { return c.script("PRAGMA max_page_count = " + pages) })
		if err != nil {
			t.Fatal(err)
		}
	}
	large := func(id string) error {
		r := ostiary.Record{ID: id, Kind: "totp", Data: make([]byte, 16<<10)}
		return s.Change(t.Context(), "directory:ada", ostiary.Change{Add: []ostiary.Record{r}, Once: []ostiary.Mark{{Key: id, Until: time.Now().Add(time.Hour)}}})
	}
	limit("1")
	if err := large("1"); err == nil || isAnswer(err) {
		t.Errorf("FAL-2 on a full disk: got %v, want a fault", err)
	}
	limit("100000")
	if list, err := s.Records(t.Context(), "directory:ada"); len(list) != 0 || err != nil {
		t.Errorf("FAL-2 after a full disk: got %d records, %v", len(list), err)
	}
	if err := large("1"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// FuzzDecode reads rows of any values: what it takes is within bounds (FAL-7).
func FuzzDecode(f *testing.F) {
	f.Add("id", "directory:ada", "totp", "key", []byte("data"), int64(1), int64(2), int64(3), uint16(0))
	f.Add("", "", "", "", []byte(nil), int64(-1), int64(0), int64(0), uint16(0xffff))
	f.Fuzz(func(t *testing.T, id, account, kind, key string, data []byte, version, created, expires int64, kinds uint16) {
		row := []driver.Value{id, account, kind, key, data, version, created, nil, expires}
		for i := range row {
			switch other := kinds >> (i % 8) & 3; {
			case other == 1 && kinds > 0xff:
				row[i] = nil
			case other == 2 && kinds > 0xff:
				row[i] = version
			case other == 3 && kinds > 0xff:
				row[i] = data
			}
		}
		r, err := decode(row)
		if err != nil {
			if !errors.Is(err, errDamaged) || r.ID != "" {
				t.Errorf("got %+v, %v", r, err)
			}
			return
		}
		if bounds.Account(r.Account) != nil || bounds.Record(&r) != nil || r.Version < 1 {
			t.Errorf("took %+v", r)
		}
		if again := seconds(r.Expires); again != row[8] {
			t.Errorf("the end %v was read as %v", row[8], again)
		}
	})
}
