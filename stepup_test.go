package ostiary_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

func TestStepUp(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := enrolled(t, wire)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		vault := h.RequireFactor("totp")(page("vault"))
		get(vault, b, "/vault").shows("vault")
		get(h.RequireFactor("webauthn")(page("vault")), b, "/vault").is(401).hides("vault")

		before := b.token()
		h.clock.turn(10 * time.Minute)
		fresh := h.RequireFresh(5 * time.Minute)(page("vault"))
		r := get(fresh, b, "/vault", "Accept", "text/html")
		if want := h.base + "/factor?again=true&callbackUrl=https%3A%2F%2Fapp.example.com%2Fvault"; r.leads() != want {
			t.Fatalf("leads to %q, want %q", r.leads(), want)
		}
		old := b.clone()
		b.get(r.leads()).shows(`name="code"`)
		r = b.post("callback/totp", "code", h.code(appSecret), "callbackUrl", "/vault")
		if r.leads() != external+"/vault" || !r.sets(h) {
			t.Fatalf("step-up leads to %q: %s", r.leads(), r.body)
		}
		get(fresh, b, "/vault").shows("vault")
		after := b.token()
		if after.SessionID == before.SessionID || after.Started != before.Started || after.AuthTime != h.clock.now().Unix() || after.Name != before.Name {
			t.Errorf("SES-1 the session is %v", after.Claims())
		}
		if old.session() != nil {
			t.Error("SES-1 the session before lives on")
		}
	})
}

// TestStepUpOfAKind has pages that want a factor of one kind: the way leads to that
// and to no other, and to its enrolment for whom has none.
func TestStepUpOfAKind(t *testing.T) {
	wants := func(h *house, b *browser, kinds ...string) *reply {
		r := get(h.RequireFactor(kinds...)(page("vault")), b, "/vault", "Accept", "text/html")
		if r.StatusCode == http.StatusOK {
			t.Error("the page shows")
		}
		return r
	}
	both := func(t *testing.T, also ...string) (*house, *browser) {
		h := guarded(t, func(c *ostiary.Config) { c.Factors.Kinds = append(c.Factors.Kinds, echo{}) })
		h.give(smithAccount)
		for _, key := range also {
			if _, err := h.FactorAdmin().Import(context.Background(), smithAccount, "webauthn", key); err != nil {
				t.Fatal(err)
			}
		}
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		return h, b
	}
	needed := "needs a second factor that you don’t have yet"
	t.Run("the one of several", func(t *testing.T) {
		h, b := both(t, "k1")
		r := wants(h, b, "webauthn")
		if want := h.base + "/factor?only=webauthn&callbackUrl=https%3A%2F%2Fapp.example.com%2Fvault"; r.leads() != want {
			t.Fatalf("leads to %q, want %q", r.leads(), want)
		}
		p := b.follow(r)
		p.is(200).shows("callback/webauthn")
		p.hides("callback/totp", "factor=totp", `href="`+external+`/vault"`) // whose "Cancel" would lead back here
		p.shows(`href="` + external + `"`)
		b.follow(wants(h, b, "recovery", "webauthn")).hides("factor=totp")
		b.get("factor").shows("callback/totp", "factor=webauthn")
		b.get("factor?only=canary").is(200).hides("canary")
		for target, back := range map[string]string{"/api/authority": external, "/api/auth/account": external + "/api/auth/account"} {
			b.get("factor?only=webauthn&callbackUrl=" + target).shows(`href="` + back + `"`)
		}
	})
	t.Run("none of it yet", func(t *testing.T) {
		h, b := both(t)
		b.follow(wants(h, b, "webauthn")).shows(needed, external+"/vault")
	})
	t.Run("no factor at all", func(t *testing.T) {
		h := guarded(t)
		b := h.browser().enter()
		b.follow(wants(h, b)).shows(needed, external+"/vault")
		_, r := b.enrol(h.code)
		b.follow(r).shows("Done: the new factor is set up", external+"/vault")
		get(h.RequireFactor()(page("vault")), b, "/vault").is(200).shows("vault")
	})
	t.Run("one that is not configured", func(t *testing.T) {
		h, b := both(t)
		r := wants(h, b, "canary")
		if want := h.base + "/account?callbackUrl=https%3A%2F%2Fapp.example.com%2Fvault"; r.leads() != want {
			t.Fatalf("leads to %q, want %q", r.leads(), want)
		}
		b.follow(r).is(200).shows("ask the people who run this service")
		if said := get(h.RequireFactor("canary")(page("vault")), b, "/vault").is(401).said(); said.Code != "factor_missing" || said.URL != h.base+"/account" {
			t.Errorf("a program is told %+v", said)
		}
		if !strings.Contains(h.log.String(), `"factors":["canary"]`) {
			t.Error("the log says nothing")
		}
		b.follow(wants(h, b, "canary", "webauthn")).is(200).shows(needed)
	})
	t.Run("none is configured", func(t *testing.T) {
		h := open(t)
		b := h.browser().enter()
		wants(h, b).is(403).shows("Access Denied")
		if said := get(h.RequireFactor("totp")(page("vault")), b, "/vault").is(403).said(); said.Code != "factor_missing" {
			t.Errorf("a program is told %+v", said)
		}
		if !strings.Contains(h.log.String(), "no such factor is configured") {
			t.Error("the log says nothing")
		}
	})
	t.Run("none that could be enrolled", func(t *testing.T) {
		h := guarded(t, func(c *ostiary.Config) { c.Factors.Enrolment = ostiary.EnrolClosed })
		b := h.browser().enter()
		b.follow(wants(h, b)).shows("ask the people who run this service")
	})
}

// TestFreshWithoutFactors has somebody who removed the factor that they came in by:
// the password makes the session fresh again.
func TestFreshWithoutFactors(t *testing.T) {
	h := enrolled(t)
	b := h.browser()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	b.post("account/remove", "id", h.ids(smithAccount)[0])
	h.clock.turn(10 * time.Minute)
	fresh := h.RequireFresh(5 * time.Minute)(page("vault"))
	b.follow(get(fresh, b, "/vault", "Accept", "text/html")).shows(`name="password"`, "vault")
	if r := b.post("callback/credentials", "username", "jsmith", "password", jsmiths); r.leads() != external+"/vault" {
		t.Fatalf("leads to %q", r.leads())
	}
	get(fresh, b, "/vault").is(200).shows("vault")
}

// TestStepUpOfWhoLeft is MFA-4 in a session: who is gone proves nothing any more,
// and is signed out.
func TestStepUpOfWhoLeft(t *testing.T) {
	var answer atomic.Value
	is := func(u *ostiary.User, err error) {
		answer.Store(func() (*ostiary.User, error) { return u, err })
	}
	is(jsmith(), nil)
	h := enrolled(t, func(c *ostiary.Config) {
		c.Providers[0].Lookup = func(context.Context, string) (*ostiary.User, error) {
			return answer.Load().(func() (*ostiary.User, error))()
		}
	})
	b := h.script()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	h.clock.turn(time.Minute)
	is(nil, ostiary.ErrUnavailable)
	if r := b.post("callback/totp", "code", h.code(appSecret)).is(503); r.sets(h) || b.session() == nil {
		t.Error("an outage counts as a proof, or ends the session")
	}
	is(nil, nil)
	if r := b.post("callback/totp", "code", h.code(appSecret)).is(401); r.sets(h) || b.session() != nil {
		t.Error("the session of somebody who is gone goes on")
	}
}
