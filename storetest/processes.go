package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// rounds is how often processes race each other.
const rounds = 4

// RunProcesses has two processes do the same things on one store, 64 at once: no
// more of them succeed than may. start makes an empty store, in the parent alone,
// and returns its address; open opens it, in all of them. Call it from a test
// that does nothing else: the children run that test again.
func RunProcesses(t *testing.T, start func(t *testing.T) (address string), open func(t *testing.T, address string) Store) {
	t.Helper()
	if told := role(); told != nil {
		s := open(t, told[0])
		compete(t, s, told[1])
		closed(t, s)
		return
	}
	address := start(t)
	s := open(t, address)
	children := []*child{spawn(t, address, "a"), spawn(t, address, "b")}
	for _, c := range children {
		if got := c.line(); got != "ready" {
			t.Fatalf("a child says %q", got)
		}
	}
	for round := range rounds {
		contest{s, round}.prepare(t)
		for _, c := range children {
			c.tell(t, fmt.Sprint(round))
		}
		var sum counts
		for _, c := range children {
			var own counts
			if err := json.Unmarshal([]byte(c.line()), &own); err != nil {
				t.Fatalf("a child's counts: %v", err)
			}
			sum.add(own)
		}
		if want := (counts{1, budgetLimit, 1, 1, 1, 1}); sum != want {
			t.Errorf("THR-2, OTP-1, REC-2: in two processes got %+v, want %+v", sum, want)
		}
	}
	shareEnds(t, s, children)
	for _, c := range children {
		c.end(t)
	}
	closed(t, s)
	s = open(t, address)
	remembers(t, s)
	closed(t, s)
}

func closed(t *testing.T, s Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// shareEnds ends a session in each process, which all others learn (SES-3).
func shareEnds(t *testing.T, s Store, children []*child) {
	t.Helper()
	if err := s.Revoke(t.Context(), "session of the parent", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, c := range children {
		c.tell(t, "revoked?")
		if got := c.line(); got != "revoked" {
			t.Errorf("SES-3: a session ended in another process; a child says %q", got)
		}
	}
	for _, name := range []string{"a", "b"} {
		eventually(t, "SES-3: a session ended in another process", func() bool { return s.Revoked("session of " + name) })
	}
}

// remembers holds a store that was opened again to what it has acknowledged.
func remembers(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	if wait, err := s.Spend(ctx, contest{s, 0}.budget()); wait == 0 || err != nil {
		t.Errorf("FAL-3: a spent budget was forgotten (%v)", err)
	}
	if first, err := s.TakeOnce(ctx, contest{s, 0}.name("mark"), time.Now().Add(time.Hour)); first || err != nil {
		t.Errorf("FAL-3: a mark was forgotten (%v)", err)
	}
	if !s.Revoked("session of the parent") || !s.Revoked("session of a") {
		t.Error("FAL-3: the end of a session was forgotten")
	}
}

// compete is the life of a child: for each round that it is told, it tells how
// often it did what.
func compete(t *testing.T, s Store, name string) {
	if err := s.Revoke(t.Context(), "session of "+name, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	say(t, "ready")
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		if orders.Text() == "revoked?" {
			eventually(t, "SES-3", func() bool { return s.Revoked("session of the parent") })
			say(t, "revoked")
			continue
		}
		var round int
		if _, err := fmt.Sscan(orders.Text(), &round); err != nil {
			t.Fatal(err)
		}
		done, err := json.Marshal(contest{s, round}.run(t, name))
		if err != nil {
			t.Fatal(err)
		}
		say(t, string(done))
	}
}

// counts are how often something succeeded.
type counts struct{ Marks, Tries, Updates, Removals, Keys, Firsts int }

func (c *counts) add(o counts) {
	c.Marks, c.Tries, c.Updates = c.Marks+o.Marks, c.Tries+o.Tries, c.Updates+o.Updates
	c.Removals, c.Keys, c.Firsts = c.Removals+o.Removals, c.Keys+o.Keys, c.Firsts+o.Firsts
}

// contest is one round.
type contest struct {
	Store
	round int
}

const budgetLimit = 10

func (c contest) name(what string) string { return fmt.Sprintf("%s of round %d", what, c.round) }

func (c contest) budget() ostiary.Budget {
	return ostiary.Budget{Key: c.name("budget"), Limit: budgetLimit, Window: time.Hour}
}

// prepare adds what the children then use up.
func (c contest) prepare(t *testing.T) {
	t.Helper()
	for _, id := range []string{c.name("step"), c.name("code")} {
		add := ostiary.Change{Add: []ostiary.Record{{ID: id, Kind: "totp"}}}
		if err := c.Change(t.Context(), ada, add); err != nil {
			t.Fatal(err)
		}
	}
}

// run does everything in half a crowd; the other child is the other half.
func (c contest) run(t *testing.T, process string) counts {
	until := time.Now().Add(time.Hour)
	change := func(ctx context.Context, account string, change ostiary.Change) (bool, error) {
		return changed(c.Change(ctx, account, change))
	}
	half := func(call func(ctx context.Context, i int) (bool, error)) int {
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		yes, err := many(crowd/2, func(i int) (bool, error) { return call(ctx, i) })
		if err != nil {
			t.Error(err)
		}
		return yes
	}
	return counts{
		Marks: half(func(ctx context.Context, _ int) (bool, error) { return c.TakeOnce(ctx, c.name("mark"), until) }),
		Tries: half(func(ctx context.Context, _ int) (bool, error) {
			wait, err := c.Spend(ctx, c.budget())
			return wait == 0 && err == nil, err
		}),
		Updates: half(func(ctx context.Context, i int) (bool, error) {
			r := ostiary.Record{ID: c.name("step"), Version: 1, Data: fmt.Append(nil, process, i)}
			return change(ctx, ada, ostiary.Change{Update: []ostiary.Record{r}})
		}),
		Removals: half(func(ctx context.Context, _ int) (bool, error) {
			return change(ctx, ada, ostiary.Change{Remove: []ostiary.Record{{ID: c.name("code")}}})
		}),
		Keys: half(func(ctx context.Context, i int) (bool, error) {
			r := ostiary.Record{ID: c.name(fmt.Sprint("key ", process, i)), Kind: "webauthn", Key: c.name("key")}
			return change(ctx, fmt.Sprint(process, i), ostiary.Change{Add: []ostiary.Record{r}})
		}),
		Firsts: half(func(ctx context.Context, i int) (bool, error) {
			r := ostiary.Record{ID: c.name(fmt.Sprint("first ", process, i)), Kind: "totp"}
			return change(ctx, c.name("account"), ostiary.Change{Factors: []string{}, Add: []ostiary.Record{r}})
		}),
	}
}
