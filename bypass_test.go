package ostiary_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// TestBypass goes to every endpoint in every half-done state: none ever makes a
// session.
func TestBypass(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		users := authorizing(func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
			return &ostiary.User{ID: c.Get("username")}, nil
		})
		h := enrolled(t, wire, users)
		h.give("credentials:ada")
		h.give("credentials:eve")
		signIn := func(name string) *browser {
			b := h.script()
			b.waits(b.post("callback/credentials", "username", name, "password", "x"), "second_factor")
			return b
		}
		states := map[string]func() *browser{
			"MFA-1 no sign-in": h.script,
			"MFA-1 pending":    func() *browser { return signIn("eve") },
			"MFA-2 expired":    func() *browser { b := signIn("eve"); h.clock.turn(5 * time.Minute); return b },
			"MFA-2 of another browser": func() *browser {
				b := h.script()
				b.get("csrf")
				b.jar[h.cookieName("factor")] = signIn("ada").jar[h.cookieName("factor")]
				return b
			},
			"MFA-2 replayed": func() *browser {
				b := signIn("eve")
				used := b.clone()
				h.clock.turn(30 * time.Second)
				if r := used.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
					t.Fatalf("refused: %s", r.body)
				}
				return b
			},
			"I5 the pending cookie as a session": func() *browser {
				b := signIn("eve")
				c := *b.jar[h.cookieName("factor")]
				c.Name = h.cookieName("session")
				b.jar[c.Name] = &c
				return b
			},
			"I5 the pending cookie as a step": func() *browser {
				b := signIn("eve")
				c := *b.jar[h.cookieName("factor")]
				c.Name = h.cookieName("pending")
				b.jar[c.Name] = &c
				return b
			},
		}
		posts := [][]string{
			{"callback/totp", "code", "000000"},
			{"callback/totp"},
			{"callback/totp", "code", ""},
			{"callback/credentials", "code", "000000"},
			{"callback/webauthn", "data", "{}", "action", "authenticate"},
			{"callback/passkey", "data", "{}", "action", "authenticate"},
			{"callback/recovery", "code", "x"},
			{"session"},
			{"signin"},
			{"signin/totp"},
			{"signout"},
			{"account/enrol", "kind", "totp"},
			{"account/confirm", "enrolment", "x", "code", "000000"},
			{"account/codes", "enrolment", "x"},
			{"account/remove", "id", "x"},
			{"account/rename", "id", "x", "name", "y"},
			{"account/forget", "id", "x"},
		}
		gets := []string{
			"session", "csrf", "providers", "providers/totp/form", "providers/credentials/form", "signin", "signin?again=true", "signout", "error",
			"factor", "factor?factor=totp", "account", "account/enrol", "callback/totp", "webauthn-options/webauthn?action=register", "webauthn-options/passkey",
		}
		for state, begin := range states {
			t.Run(state, func(t *testing.T) {
				for _, p := range posts {
					b := begin().under(t)
					if r := b.post(p[0], p[1:]...); r.sets(h) || b.clone().session() != nil {
						t.Errorf("I1 POST %v makes a session: %d %s", p, r.StatusCode, r.body)
					}
				}
				b := begin().under(t)
				for _, path := range gets {
					r := b.get(path)
					if r.sets(h) || b.session() != nil {
						t.Errorf("I1 GET %s makes a session: %d %s", path, r.StatusCode, r.body)
					}
					r.hides("otpauth", "QRPath", "JBSW") // MFA-5
				}
			})
		}
	})
}

func TestFactorBudgets(t *testing.T) {
	const many = 10
	t.Run("THR-1 five for a pending sign-in", func(t *testing.T) {
		h := enrolled(t)
		b := h.script()
		b.login()
		for range 5 {
			b.post("callback/totp", "code", h.wrong(appSecret)).is(401)
		}
		r := b.post("callback/totp", "code", h.code(appSecret)).is(http.StatusTooManyRequests)
		if r.sets(h) || r.Header.Get("Retry-After") != "600" {
			t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
		}
	})
	t.Run("THR-1 ten for the account, which no new password renews", func(t *testing.T) {
		h := enrolled(t)
		for i := range many {
			b := h.script()
			b.login()
			b.post("callback/totp", "code", h.wrong(appSecret)).is(401)
			if i == many-1 {
				b.post("callback/totp", "code", h.code(appSecret)).is(http.StatusTooManyRequests)
			}
		}
		other := h.script()
		other.login()
		other.post("callback/totp", "code", h.code(appSecret)).is(http.StatusTooManyRequests)
		h.clock.turn(15 * time.Minute)
		again := h.script()
		again.login()
		if r := again.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
			t.Errorf("THR-5 locked for ever: %s", r.body)
		}
	})
	t.Run("THR-2 given back on success", func(t *testing.T) {
		h := enrolled(t)
		for range 2 * many {
			b := h.script()
			b.login()
			if r := b.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
				t.Fatalf("refused: %s", r.body)
			}
			h.clock.turn(30 * time.Second)
		}
	})
	t.Run("THR-2 many at once", func(t *testing.T) {
		h := enrolled(t)
		b := h.script()
		b.login()
		var tried atomic.Int64
		var all sync.WaitGroup
		for range 64 {
			mine := b.clone()
			r := mine.form("callback/totp", "csrfToken", mine.csrf(), "code", h.wrong(appSecret))
			all.Go(func() {
				if mine.send(r).StatusCode == 401 {
					tried.Add(1)
				}
			})
		}
		all.Wait()
		if tried.Load() != 5 {
			t.Errorf("%d tries, want 5", tried.Load())
		}
	})
	t.Run("THR-8 step-up counts", func(t *testing.T) {
		h := enrolled(t)
		b := h.script()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		for range many {
			b.post("callback/totp", "code", h.wrong(appSecret)).is(401)
		}
		b.post("callback/totp", "code", h.wrong(appSecret)).is(http.StatusTooManyRequests)
	})
}

// TestForgedFactors sends every POST of second factors without the pair, and from
// another site: nothing is proven, begun, changed or shown (CSR-5), and no other
// method does anything either (CSR-1).
func TestForgedFactors(t *testing.T) {
	h := enrolled(t)
	owner := h.browser()
	owner.login()
	owner.post("callback/totp", "code", h.code(appSecret))
	h.clock.turn(30 * time.Second)
	waiting := h.browser()
	waiting.login()
	id := h.ids(smithAccount)[0]
	posts := []struct {
		who    *browser
		path   string
		fields []string
	}{
		{waiting, "callback/totp", []string{"code", h.code(appSecret)}},
		{owner, "callback/totp", []string{"code", h.code(appSecret)}},
		{owner, "account/enrol", []string{"kind", "totp"}},
		{owner, "account/confirm", []string{"enrolment", "x", "code", "000000"}},
		{owner, "account/codes", []string{"enrolment", "x"}},
		{owner, "account/rename", []string{"id", id, "name", "Mallory"}},
		{owner, "account/remove", []string{"id", id}},
		{owner, "account/forget", []string{"id", id}},
	}
	for _, p := range posts {
		token := p.who.csrf()
		tries := map[string]func() *http.Request{
			"CSR-4 without the token": func() *http.Request { return p.who.form(p.path, p.fields...) },
			"CSR-2 cross-site": func() *http.Request {
				r := p.who.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				return r
			},
			"CSR-3 another origin": func() *http.Request {
				r := p.who.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				r.Header.Set("Origin", "https://evil.example")
				return r
			},
		}
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			tries["CSR-1 "+method] = func() *http.Request {
				r := p.who.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				r.Method = method
				return r
			}
		}
		for name, try := range tries {
			r := p.who.clone().send(try())
			if r.sets(h) || secretOn(r) != "" || secretOn(p.who.clone().get("account/enrol")) != "" {
				t.Errorf("%s: POST %s is heard: %d %s", name, p.path, r.StatusCode, r.body)
			}
		}
	}
	list, err := h.FactorAdmin().List(context.Background(), smithAccount)
	if err != nil || len(list) != 1 || list[0].Name != "" {
		t.Errorf("CSR-5 something changed: %+v, %v", list, err)
	}
}
