package ldap_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

// flood is people who sign in all the time: ada with her password, bob without his.
type flood struct {
	c           *ldap.Connector
	id          string
	over        chan struct{}
	let, faulty chan struct{} // what happened since they were last drained
}

// TestKilledInMidFlood kills the server twice while people sign in, and starts it
// again. Nobody with a wrong password is let in, nobody waits beyond the deadline,
// no fault becomes a refusal, and sign-in works again by itself.
func TestKilledInMidFlood(t *testing.T) {
	d := open(t)
	c := connect(t, d.config)
	ada, err := enter(t, c, "ada", password)
	if err != nil || ada == nil {
		t.Fatal(ada, err)
	}
	f := flood{c, ada.ID, make(chan struct{}), make(chan struct{}, 1), make(chan struct{}, 1)}
	var people sync.WaitGroup
	defer people.Wait()
	defer close(f.over)
	for range 4 {
		people.Go(func() { f.person(t, "ada", password) })
		people.Go(func() { f.person(t, "bob", "wrong") })
	}
	for range 2 {
		within(t, drained(f.let), "nobody is let in")
		d.Kill()
		within(t, drained(f.faulty), "no fault shows")
		d.Restart(t)
		within(t, drained(f.let), "sign-in does not come back")
	}
}

func (f *flood) person(t *testing.T, name, typed string) {
	const deadline, grace = 3 * time.Second, time.Second
	pace := time.NewTicker(5 * time.Millisecond) // refused connections are quick
	defer pace.Stop()
	for {
		select {
		case <-f.over:
			return
		case <-pace.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), deadline)
		began := time.Now()
		u, err := f.c.Authorize(ctx, values(t, name, typed), nil)
		cancel()
		if took := time.Since(began); took > deadline+grace {
			t.Errorf("CON-2: waited %v", took)
		}
		f.judge(t, u, err, typed == password)
	}
}

func (f *flood) judge(t *testing.T, u *ostiary.User, err error, right bool) {
	t.Helper()
	switch {
	case u != nil && (!right || err != nil || u.ID != f.id):
		t.Errorf("CON-1: let in: %+v, %v", u, err)
	case u != nil:
		signal(f.let)
	case err != nil && !errors.Is(err, ostiary.ErrUnavailable):
		t.Errorf("CON-1: got %v", err)
	case err != nil:
		signal(f.faulty)
	case right:
		t.Error("CON-1: a fault became a refusal")
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func drained(c chan struct{}) chan struct{} {
	select {
	case <-c:
	default:
	}
	return c
}

func within(t *testing.T, c chan struct{}, otherwise string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(40 * time.Second):
		t.Fatal(otherwise)
	}
}
