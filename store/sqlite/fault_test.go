package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/sqlite"
)

// TestLockedByAnother has another process hold the file: who writes gives up with
// their context, who reads does not notice, and all goes on when it is over.
func TestLockedByAnother(t *testing.T) {
	path := newFile(t)
	s := openFile(t, path)
	defer s.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 5 {
		writers.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			add := ostiary.Change{Add: []ostiary.Record{{ID: fmt.Sprint(i), Kind: "totp"}}}
			if err := s.Change(ctx, "directory:ada", add); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the context", err)
			}
		})
	}
	writers.Wait()
	if list, err := s.Records(t.Context(), "directory:ada"); len(list) != 0 || err != nil {
		t.Errorf("a reader got %d records, %v", len(list), err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if first, err := s.TakeOnce(t.Context(), "mark", time.Now().Add(time.Hour)); !first || err != nil {
		t.Errorf("when it is over: got %t, %v", first, err)
	}
	if list, err := s.Records(t.Context(), "directory:ada"); len(list) != 0 || err != nil {
		t.Errorf("of those who gave up %d were written all the same, %v", len(list), err)
	}
}

func TestClosed(t *testing.T) {
	s := openFile(t, newFile(t))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	_, err1 := s.Records(ctx, "directory:ada")
	_, err2 := s.TakeOnce(ctx, "mark", time.Now().Add(time.Hour))
	err3 := s.Change(ctx, "directory:ada", ostiary.Change{})
	for i, err := range []error{err1, err2, err3} {
		if !errors.Is(err, sqlite.ErrClosed) {
			t.Errorf("call %d: got %v, want ErrClosed", i+1, err)
		}
	}
}

// TestCloseAmongWriters closes a store while many write.
func TestCloseAmongWriters(t *testing.T) {
	s := openFile(t, newFile(t))
	var writers sync.WaitGroup
	for i := range 32 {
		writers.Go(func() {
			for n := 0; ; n++ {
				first, err := s.TakeOnce(context.Background(), fmt.Sprint(i, n), time.Now().Add(time.Hour))
				if errors.Is(err, sqlite.ErrClosed) {
					return
				}
				if !first || err != nil {
					t.Errorf("got %t, %v", first, err)
					return
				}
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	writers.Wait()
}

// TestOpenAtOnce has many open a file that is not there yet.
func TestOpenAtOnce(t *testing.T) {
	path := newFile(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if first, err := s.TakeOnce(t.Context(), fmt.Sprint(i), time.Now().Add(time.Hour)); !first || err != nil {
				t.Errorf("got %t, %v", first, err)
			}
		})
	}
	all.Wait()
}
