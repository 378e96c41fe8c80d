package ldap_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

// crowd is people who sign in one after the other, some of whom nobody knows:
// wrong passwords of somebody would lock them.
type crowd struct {
	in, out, away atomic.Int64 // signed in, refused, unavailable
	stop          context.CancelFunc
	all           sync.WaitGroup
}

// limit is how long each of them waits.
const limit = 3 * time.Second

func gather(t *testing.T, c *ldap.Connector, right, want string) *crowd {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	f := &crowd{stop: stop}
	for i := range 8 {
		name := []string{"ada", "nobody"}[i%2]
		credentials := values(t, name, right)
		f.all.Go(func() {
			for ctx.Err() == nil {
				within, cancel := context.WithTimeout(ctx, limit)
				begun := time.Now()
				u, err := c.Authorize(within, credentials, nil)
				f.count(t, u, err, name == "ada", want)
				if took := time.Since(begun); took > limit+5*time.Second {
					t.Errorf("CON-2: an answer took %v", took)
				}
				cancel()
			}
		})
	}
	return f
}

func (f *crowd) count(t *testing.T, u *ostiary.User, err error, right bool, want string) {
	switch {
	case u != nil && (err != nil || !right || u.ID != want):
		t.Errorf("somebody was let in: %+v, %v", u, err)
	case u != nil:
		f.in.Add(1)
	case errors.Is(err, ostiary.ErrUnavailable):
		f.away.Add(1)
	case err == nil && !right:
		f.out.Add(1)
	default:
		t.Errorf("the right password: %+v, %v", u, err)
	}
}

// until waits for ten more of a kind.
func (f *crowd) until(t *testing.T, what string, count *atomic.Int64) {
	t.Helper()
	goal := count.Load() + 10
	for end := time.Now().Add(time.Minute); count.Load() < goal; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("no %s any more", what)
		}
	}
}

// through kills a server in mid-flood, twice, and starts it again: nobody is let in
// by it, nobody waits beyond the deadline, and sign-in works again by itself.
func through(t *testing.T, c *ldap.Connector, right, want string, kill, restart func()) {
	t.Helper()
	f := gather(t, c, right, want)
	defer f.all.Wait()
	defer f.stop()
	for range 2 {
		f.until(t, "sign-in", &f.in)
		kill()
		f.until(t, "unavailable", &f.away)
		restart()
		f.until(t, "sign-in after the restart", &f.in)
		f.until(t, "refusal after the restart", &f.out)
	}
}
