package ostiary_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/store/memory/factors"
)

func TestSecondFactor(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := enrolled(t, wire)
		b := meet(h)
		if _, there := b.listed()["totp"]; there {
			t.Error("a factor is listed to a browser without a pending sign-in")
		}
		r := b.login("callbackUrl", "/inbox")
		b.waits(r, "second_factor")
		if b.json {
			at := "/signin?error=second_factor&code=second_factor"
			if h.v5 {
				at = "/signin?error=CredentialsSignin&code=second_factor"
			}
			if r.leads() != h.base+at || !strings.Contains(r.body, `"id":"totp"`) {
				t.Errorf("said %s", r.body)
			}
		}
		if listed := b.listed(); listed["totp"].Type != "credentials" || len(listed) != 2 {
			t.Errorf("providers: %v", listed)
		}
		page := b.follow(b.get("signin"))
		page.shows(`name="code"`, `autocomplete="one-time-code"`, "again=true")
		page.hides(`name="password"`)

		r = b.post("callback/totp", "code", h.wrong(appSecret))
		if b.json && r.is(401).said().Code != "second_factor_wrong" || r.sets(h) {
			t.Errorf("a wrong code: %s", r.body)
		}
		if !b.json {
			b.follow(r).shows(`role="alert"`, `name="code"`)
		}
		r = b.post("callback/totp", "code", h.code(appSecret))
		if r.leads() != external+"/inbox" || !r.sets(h) {
			t.Fatalf("leads to %q; %s", r.leads(), r.body)
		}
		token := b.token()
		if !slices.Equal(token.Methods, []string{"pwd", "otp", "mfa"}) || !slices.Equal(token.Factors, []string{"totp"}) ||
			token.FactorTime != h.clock.now().Unix() || token.Name.Value() != "J Smith" || !slices.Equal(token.Groups, []string{"staff"}) {
			t.Errorf("MFA-10 the token says %v", token.Claims())
		}
		if _, held := b.jar[h.cookieName("factor")]; held {
			t.Error("MFA-2 the pending cookie stays")
		}
	})
}

func TestCodeOnce(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := enrolled(t, wire)
		code := h.code(appSecret)
		first, second := h.script(), h.script()
		first.login()
		second.login()
		if r := first.post("callback/totp", "code", code); !r.sets(h) {
			t.Fatalf("refused: %s", r.body)
		}
		for _, spelled := range []string{code, code[:3] + " " + code[3:]} {
			if r := second.post("callback/totp", "code", spelled); r.is(401).sets(h) || r.said().Code != "second_factor_spent" {
				t.Errorf("OTP-1 a code that was used: %s", r.body)
			}
		}
		h.clock.turn(30 * time.Second)
		if r := second.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
			t.Errorf("the next code: %s", r.body)
		}
	})
}

// TestSubmittedAtOnce submits one code 64 times at once, from one pending sign-in
// and from many.
func TestSubmittedAtOnce(t *testing.T) {
	for name, one := range map[string]bool{"OTP-1 from many sign-ins": false, "MFA-2 from one sign-in": true} {
		t.Run(name, func(t *testing.T) {
			h := enrolled(t)
			b := h.script()
			b.login()
			var sets atomic.Int64
			var all sync.WaitGroup
			gate := make(chan struct{})
			for range 64 {
				mine := b
				if !one {
					mine = h.script()
					mine.login()
				}
				mine = mine.clone()
				request := mine.form("callback/totp", "csrfToken", mine.csrf(), "code", h.code(appSecret))
				all.Go(func() {
					<-gate
					if mine.send(request).sets(h) {
						sets.Add(1)
					}
				})
			}
			close(gate)
			all.Wait()
			if sets.Load() != 1 {
				t.Errorf("%d of 64 are signed in", sets.Load())
			}
		})
	}
}

// TestOverMeanwhile holds that a browser whose pending sign-in is gone from the
// store is led to sign in, and not in a circle.
func TestOverMeanwhile(t *testing.T) {
	h := enrolled(t)
	b := h.browser()
	b.login()
	if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); err != nil {
		t.Fatal(err)
	}
	b.follow(b.get("signin")).shows(`name="password"`)
}

func TestFactorFaults(t *testing.T) {
	t.Run("MFA-3 the store is down at the first step", func(t *testing.T) {
		var store *brokenStore
		h := guarded(t, func(c *ostiary.Config) { store = &brokenStore{Store: factors.New(c.Now)}; c.Store = store })
		store.broken.Store(true)
		if r := h.script().login().is(http.StatusServiceUnavailable); r.sets(h) {
			t.Error("in without a store")
		}
	})
	t.Run("MFA-3 the store is down at the second step", func(t *testing.T) {
		var store *brokenStore
		h := enrolled(t, func(c *ostiary.Config) { store = &brokenStore{Store: factors.New(c.Now)}; c.Store = store })
		b := h.script()
		b.login()
		store.broken.Store(true)
		if r := b.post("callback/totp", "code", h.code(appSecret)).is(http.StatusServiceUnavailable); r.sets(h) {
			t.Error("in without a store")
		}
		store.broken.Store(false)
		if r := b.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
			t.Errorf("not in when the store is back: %s", r.body)
		}
	})
	t.Run("MFA-3 a secret is missing", func(t *testing.T) {
		shared := factors.New((&clock{at: dayOne}).now)
		use := func(c *ostiary.Config) { c.Store = shared }
		enrolled(t, use)
		h := guarded(t, use, func(c *ostiary.Config) { c.Secrets = []string{secretB} })
		if r := h.script().login().is(http.StatusServiceUnavailable); r.sets(h) {
			t.Error("a factor that does not open counts as none")
		}
		both := guarded(t, use, func(c *ostiary.Config) { c.Secrets = []string{secretB, secretA} })
		if n, err := both.FactorAdmin().Reseal(context.Background(), smithAccount); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		b := guarded(t, use, func(c *ostiary.Config) { c.Secrets = []string{secretB} }).script()
		b.waits(b.login(), "second_factor")
	})
	t.Run("OTP-5 a row of another account", func(t *testing.T) {
		shared := factors.New((&clock{at: dayOne}).now)
		enrolled(t, func(c *ostiary.Config) { c.Store = shared })
		records, err := shared.Records(context.Background(), smithAccount)
		if err != nil {
			t.Fatal(err)
		}
		records[0].ID, records[0].Account = "stolen", "credentials:eve"
		if err := shared.Change(context.Background(), "credentials:eve", ostiary.Change{Add: records}); err != nil {
			t.Fatal(err)
		}
		eve := authorizing(func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
			return &ostiary.User{ID: "eve"}, nil
		})
		h := guarded(t, eve, func(c *ostiary.Config) { c.Store = shared })
		h.script().login().is(http.StatusServiceUnavailable)
	})
	t.Run("MFA-4 the user is gone meanwhile", func(t *testing.T) {
		var gone atomic.Bool
		h := enrolled(t, func(c *ostiary.Config) {
			c.Providers[0].Lookup = func(context.Context, string) (*ostiary.User, error) {
				if gone.Load() {
					return nil, nil
				}
				return jsmith(), nil
			}
		})
		b := h.script()
		b.login()
		gone.Store(true)
		if r := b.post("callback/totp", "code", h.code(appSecret)).is(401); r.sets(h) {
			t.Error("in although the user is gone")
		}
	})
}

// brokenStore is a store that loses its engine when told to.
type brokenStore struct {
	*factors.Store
	broken atomic.Bool
}

func (s *brokenStore) Records(ctx context.Context, account string) ([]ostiary.Record, error) {
	if s.broken.Load() {
		return nil, context.DeadlineExceeded
	}
	return s.Store.Records(ctx, account)
}

// TestWrongFactorStays shows the form that was filled in wrongly, not the first.
func TestWrongFactorStays(t *testing.T) {
	_, b, _ := recoverable(t)
	b.post("signout")
	b.login()
	p := b.follow(b.post("callback/recovery", "code", "0000-0000-0000-0000"))
	p.shows(`role="alert"`, "callback/recovery")
	p.hides("callback/totp")
	b.get("factor").shows("callback/totp")
}

// TestTwoPeopleAtOnce has two people in their second step on one service
// (MFA-14).
func TestTwoPeopleAtOnce(t *testing.T) {
	users := authorizing(func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
		return &ostiary.User{ID: c.Get("username")}, nil
	})
	h := guarded(t, users)
	var all sync.WaitGroup
	for _, name := range []string{"ada", "eve", "kim", "lee"} {
		h.give("credentials:" + name)
		b := h.script()
		b.post("callback/credentials", "username", name, "password", "x")
		all.Go(func() {
			if r := b.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
				t.Errorf("MFA-14 %s: %s", name, r.body)
			} else if got := b.token().Subject; got != name {
				t.Errorf("MFA-14 %s is signed in as %s", name, got)
			}
		})
	}
	all.Wait()
}

// TestFactorEvents holds that the owner can be told of everything that happens to
// their factors, and of a second factor that was refused after the right password.
func TestFactorEvents(t *testing.T) {
	var mu sync.Mutex
	var told []string
	var refused []ostiary.Refused
	h := guarded(t, func(c *ostiary.Config) {
		c.Factors.RememberDevice = time.Hour
		c.Events.Factor = func(_ context.Context, e ostiary.FactorEvent) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e.What+" "+e.Kind+" "+e.Account.String())
			if e.What == "removed" {
				panic("an event changes nothing")
			}
		}
		c.Events.Refused = func(_ context.Context, r ostiary.Refused) {
			mu.Lock()
			defer mu.Unlock()
			refused = append(refused, r)
		}
	})
	b := h.browser().enter()
	secret, _ := b.enrol(h.code)
	b.post("account/rename", "id", h.ids(smithAccount)[0], "name", "Phone")
	other := h.script()
	other.login()
	other.post("callback/totp", "code", h.wrong(secret))
	h.clock.turn(30 * time.Second)
	other.post("callback/totp", "code", h.code(secret), "remember_device", "on")
	list, err := h.FactorAdmin().List(context.Background(), smithAccount)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	b.post("account/forget", "id", list[1].ID)
	b.post("account/forget", "id", list[1].ID)
	b.post("account/remove", "id", h.ids(smithAccount)[0])
	want := []string{"enrolled totp", "renamed totp", "proven totp", "remembered .device", "forgotten .device", "removed totp"}
	for i := range want {
		want[i] += " " + smithAccount
	}
	if !slices.Equal(told, want) {
		t.Errorf("MFA-13 told of %q, want %q", told, want)
	}
	if len(h.ids(smithAccount)) != 0 {
		t.Error("the panic of an event keeps a factor")
	}
	if len(refused) != 1 || refused[0].Account.String() != smithAccount || refused[0].Provider != "totp" {
		t.Errorf("THR-12 told of %+v", refused)
	}
}

// TestImpatient sends the password several times at once from one browser that
// waits already: each time it is asked for the code, and none is a fault.
func TestImpatient(t *testing.T) {
	h := enrolled(t)
	b := h.script()
	b.login()
	token := b.csrf()
	var all sync.WaitGroup
	for range 16 {
		mine := b.clone()
		r := mine.form("callback/credentials", "csrfToken", token, "username", "jsmith", "password", jsmiths)
		all.Go(func() {
			if got := mine.send(r); got.StatusCode != http.StatusUnauthorized || got.said().Code != "second_factor" {
				t.Errorf("%d %s", got.StatusCode, got.body)
			}
		})
	}
	all.Wait()
}
