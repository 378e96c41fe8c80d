package ostiary_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/memory/factors"
)

// TestEpoch holds that removing a factor ends every other session of the account,
// and a reset all of them (SES-6), and that the account goes on.
func TestEpoch(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := enrolled(t, wire)
		enter := func() *browser {
			b := h.browser()
			b.login()
			h.clock.turn(30 * time.Second)
			if len(h.ids(smithAccount)) > 0 {
				b.post("callback/totp", "code", h.code(appSecret))
			}
			if b.session() == nil {
				t.Fatal("not in")
			}
			return b
		}
		first, second := enter(), enter()
		pending := h.browser()
		pending.login()
		stolen := second.clone()
		authTime := second.token().AuthTime
		h.clock.turn(time.Minute)
		second.follow(second.post("account/remove", "id", h.ids(smithAccount)[0])).shows(`role="status"`)
		if first.session() != nil || stolen.session() != nil {
			t.Error("SES-6 another session lives on")
		}
		if second.session() == nil || second.token().AuthTime != authTime {
			t.Error("the session of who removed it is over, or is fresher than it was")
		}
		if r := pending.post("callback/totp", "code", h.code(appSecret)); r.sets(h) {
			t.Error("MFA-4 a sign-in of before the removal goes on")
		}
		third := enter()
		h.give(smithAccount)
		if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); err != nil {
			t.Fatal(err)
		}
		if second.session() != nil || third.session() != nil {
			t.Error("SES-6 a session lives on after a reset")
		}
		if enter().token().Epoch != 2 {
			t.Error("the account does not go on")
		}
		if _, err := h.FactorAdmin().Reseal(context.Background(), smithAccount); err != nil {
			t.Error(err)
		}
	})
}

// forgetful is a store whose Revoke fails when told to, and which calls between,
// once, after the records were read.
type forgetful struct {
	*factors.Store
	fails   atomic.Bool
	between atomic.Pointer[func()]
}

func (s *forgetful) Revoke(ctx context.Context, id string, until time.Time) error {
	if s.fails.Load() {
		return errors.New("the engine is gone")
	}
	return s.Store.Revoke(ctx, id, until)
}

func (s *forgetful) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	list, err := s.Store.Records(ctx, account)
	if then := s.between.Swap(nil); then != nil {
		(*then)()
	}
	return list, err
}

// TestEpochAfterACrash is FAL-2 and SES-6: what was not done any more after the
// change of the factors is made up for as soon as the account is heard of.
func TestEpochAfterACrash(t *testing.T) {
	var store *forgetful
	h := guarded(t, func(c *ostiary.Config) { store = &forgetful{Store: factors.New(c.Now)}; c.Store = store })
	stolen := h.browser().enter()
	h.give(smithAccount)
	for name, heard := range map[string]func(){
		"a sign-in":     func() { h.script().login() },
		"another reset": func() { h.FactorAdmin().Reset(context.Background(), smithAccount, false) },
	} {
		t.Run(name, func(t *testing.T) {
			stolen := h.under(t).script()
			if stolen.login(); stolen.session() == nil {
				stolen.post("callback/totp", "code", h.code(appSecret))
			}
			h.clock.turn(time.Minute)
			store.fails.Store(true)
			if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); err == nil {
				t.Fatal("a reset that ended no session is a success")
			}
			store.fails.Store(false)
			if stolen.session() == nil {
				t.Fatal("the session is over by itself; this test shows nothing")
			}
			heard()
			if stolen.session() != nil {
				t.Error("the session lives on")
			}
			now := h.script()
			if now.login(); now.session() == nil {
				t.Error("the account is shut")
			}
		})
	}
	if stolen.session() != nil {
		t.Error("the first session lives on")
	}
}

// TestEndedTwiceAtOnce has two operators reset an account at once, for the first
// time: it goes on, and the next reset ends what began since.
func TestEndedTwiceAtOnce(t *testing.T) {
	var store *forgetful
	h := guarded(t, func(c *ostiary.Config) { store = &forgetful{Store: factors.New(c.Now)}; c.Store = store })
	reset := func() {
		if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); err != nil {
			t.Error(err)
		}
	}
	store.between.Store(&reset)
	reset()
	b := h.browser().enter()
	reset()
	if b.session() != nil {
		t.Error("SES-6 the session lives on")
	}
	if h.browser().enter().session() == nil {
		t.Error("the account is shut")
	}
}

// TestResetTakesAll is MFA-9: a factor that is enrolled while the operator resets
// the account does not stay.
func TestResetTakesAll(t *testing.T) {
	var store *forgetful
	h := guarded(t, func(c *ostiary.Config) { store = &forgetful{Store: factors.New(c.Now)}; c.Store = store })
	enrol := func() { h.give(smithAccount) }
	store.between.Store(&enrol)
	if n, err := h.FactorAdmin().Reset(context.Background(), smithAccount, true); n != 1 || err != nil {
		t.Errorf("%d factors removed, %v", n, err)
	}
	if left := h.ids(smithAccount); len(left) != 0 {
		t.Errorf("%v stay", left)
	}
}

// TestEndedThisMoment is SES-6: a session that is ended while it proves a factor
// is not carried over into the time after.
func TestEndedThisMoment(t *testing.T) {
	var store *forgetful
	h := enrolled(t, func(c *ostiary.Config) { store = &forgetful{Store: factors.New(c.Now)}; c.Store = store })
	b := h.script()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	h.clock.turn(time.Minute)
	store.fails.Store(true) // the mark comes later than the change
	h.FactorAdmin().Reset(context.Background(), smithAccount, false)
	h.give(smithAccount)
	store.fails.Store(false)
	if r := b.post("callback/totp", "code", h.code(appSecret)).is(http.StatusUnauthorized); r.sets(h) {
		t.Error("the session goes on in the new epoch")
	}
}
