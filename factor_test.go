package ostiary_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/totp"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/store/memory/factors"
)

const (
	smithAccount = "credentials:42"
	appSecret    = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
)

// app is an authenticator app.
func app(t testing.TB, secret string) totp.Key {
	t.Helper()
	parsed, err := totp.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp.Key{Secret: parsed}
}

// code is what the app shows now.
func (h *house) code(secret string) string { return app(h.t, secret).At(h.clock.now()) }

// wrong is a code that the app does not show.
func (h *house) wrong(secret string) string {
	for _, code := range []string{"000000", "111111", "222222", "333333", "444444"} {
		key, now := app(h.t, secret), h.clock.now()
		if !slices.Contains([]string{key.At(now), key.At(now.Add(-30 * time.Second)), key.At(now.Add(30 * time.Second))}, code) {
			return code
		}
	}
	h.t.Fatal("five codes are right")
	return ""
}

func codes(t testing.TB) ostiary.Factor {
	t.Helper()
	f, err := totp.New(totp.Config{Issuer: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// guarded opens a house with authenticator apps as second factors.
func guarded(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	return open(t, append([]func(*ostiary.Config){func(c *ostiary.Config) {
		c.Store = factors.New(c.Now)
		c.Factors = ostiary.Factors{Kinds: []ostiary.Factor{codes(t)}}
	}}, changes...)...)
}

func required(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsRequired }

// enrolled is guarded, and jsmith has an app.
func enrolled(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	h := guarded(t, changes...)
	h.give(smithAccount)
	return h
}

func (h *house) give(account string) {
	h.t.Helper()
	_, err := h.FactorAdmin().Import(context.Background(), account, "totp", appSecret)
	if errors.Is(err, ostiary.ErrEnrolled) { // another one then
		_, err = h.FactorAdmin().Import(context.Background(), account, "totp", totp.NewSecret(totp.SHA1).Text())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// waits reports whether an answer asks for what the code names.
func (b *browser) waits(r *reply, code string) {
	b.h.t.Helper()
	if r.sets(b.h) || b.session() != nil {
		b.h.t.Fatalf("I1 a session before the second factor: %s", r.body)
	}
	if !b.json {
		if r.leads() != b.h.base+"/factor" {
			b.h.t.Fatalf("leads to %q", r.leads())
		}
		return
	}
	if got := r.is(http.StatusUnauthorized).said().Code; got != code {
		b.h.t.Fatalf("code %q, want %q: %s", got, code, r.body)
	}
}

func (b *browser) listed() map[string]struct{ Type string } {
	b.h.t.Helper()
	var list map[string]struct{ Type string }
	if err := json.Unmarshal([]byte(b.get("providers").body), &list); err != nil {
		b.h.t.Fatal(err)
	}
	return list
}

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

// under is the same browser, its faults told to another test.
func (b *browser) under(t testing.TB) *browser {
	same := b.clone()
	same.h = b.h.under(t)
	return same
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

// secretOn returns the secret that a page shows, "" for none.
func secretOn(r *reply) string {
	shown := regexp.MustCompile(`<code id="secret".*</code>`).FindString(r.body)
	return strings.Join(regexp.MustCompile(`\b[A-Z2-7]{4}\b`).FindAllString(shown, -1), " ")
}

var enrolmentOnPage = regexp.MustCompile(`name="enrolment" value="([A-Z2-7]+)"`)

// enrol goes through the pages and returns the secret of the new app.
func (b *browser) enrol(confirm func(secret string) string) (secret string, last *reply) {
	b.h.t.Helper()
	page := b.follow(b.post("account/enrol", "kind", "totp"))
	secret = secretOn(page)
	id := enrolmentOnPage.FindStringSubmatch(page.body)
	if secret == "" || id == nil {
		b.h.t.Fatalf("nothing to enrol: %.2000s", page.body)
	}
	return secret, b.post("account/confirm", "enrolment", id[1], "code", confirm(secret), "name", "Phone <b>")
}

func TestEnrolOnAccountPage(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := guarded(t, wire)
		b := h.browser().enter()
		before := b.token()
		b.get("account").is(200).shows("account/enrol")

		secret, r := b.enrol(h.wrong)
		if r.sets(h) {
			t.Error("MFA-7 a wrong code enrols")
		}
		other := h.script()
		if r := other.login(); !r.sets(h) {
			t.Errorf("MFA-7 an enrolment that is not confirmed counts: %s", r.body)
		}
		page := b.follow(r)
		page.shows(`role="alert"`)
		if secretOn(page) != secret {
			t.Error("after a wrong code the page shows another secret")
		}
		id := enrolmentOnPage.FindStringSubmatch(page.body)[1]
		r = b.post("account/confirm", "enrolment", id, "code", h.code(secret), "name", "Phone <b>")
		if !r.sets(h) {
			t.Fatalf("not enrolled: %d %s", r.StatusCode, r.body)
		}
		b.follow(r).shows("Phone &lt;b&gt;")
		after := b.token()
		if after.SessionID == before.SessionID || !slices.Equal(after.Factors, []string{"totp"}) || after.Started != before.Started {
			t.Errorf("SES-1 the session is %v", after.Claims())
		}
		next := h.script()
		next.waits(next.login(), "second_factor")
		if r := next.post("callback/totp", "code", h.code(secret)); r.sets(h) {
			t.Error("OTP-4 the code that confirmed is accepted again")
		}
		if again := b.clone().post("account/confirm", "enrolment", id, "code", h.code(secret)); again.sets(h) {
			t.Error("MFA-7 confirmed twice")
		}
		if lines := h.log.lines("factor"); len(lines) == 0 || lines[0]["what"] != "enrolled" || lines[0]["account"] != smithAccount {
			t.Errorf("LOG-3 the log says %v", lines)
		}
		if strings.Contains(h.log.String(), strings.ReplaceAll(secret, " ", "")) || strings.Contains(h.log.String(), secret) {
			t.Error("OTP-5 the secret is in the log")
		}
	})
}

func TestEnrolmentIsBound(t *testing.T) {
	h := guarded(t)
	begin := func() (*browser, string, string) {
		b := h.browser().enter()
		page := b.follow(b.post("account/enrol", "kind", "totp"))
		return b, enrolmentOnPage.FindStringSubmatch(page.body)[1], secretOn(page)
	}
	t.Run("MFA-7 to its session", func(t *testing.T) {
		_, id, secret := begin()
		other := h.browser().enter()
		if other.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("another session confirms it")
		}
	})
	t.Run("MFA-7 for ten minutes", func(t *testing.T) {
		b, id, secret := begin()
		h.clock.turn(10 * time.Minute)
		if b.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("confirmed after ten minutes")
		}
	})
	t.Run("MFA-7 replaced by the next", func(t *testing.T) {
		b, id, secret := begin()
		b.post("account/enrol", "kind", "totp")
		if b.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("the old one is confirmed")
		}
	})
	t.Run("MFA-7 the secret is not the browser's", func(t *testing.T) {
		b, id, _ := begin()
		r := b.post("account/confirm", "enrolment", id, "code", h.code(appSecret), "secret", appSecret)
		if r.sets(h) {
			t.Error("a secret of the browser's is enrolled")
		}
	})
}

func TestEnrolmentNeedsFreshProof(t *testing.T) {
	t.Run("MFA-6 of the sign-in, for the first factor", func(t *testing.T) {
		h := guarded(t)
		b := h.browser().enter()
		h.clock.turn(6 * time.Minute)
		b.get("account").shows("signin?callbackUrl=")
		b.follow(b.post("account/enrol", "kind", "totp")).hides("JBSW")
		if strings.Contains(b.get("account/enrol").body, "<svg") {
			t.Error("enrolment began")
		}
	})
	t.Run("MFA-6 of a factor, for the next", func(t *testing.T) {
		h := enrolled(t)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		h.clock.turn(6 * time.Minute)
		id := h.ids(smithAccount)[0]
		b.get("account").shows("/factor?callbackUrl=")
		b.post("account/remove", "id", id)
		if len(h.ids(smithAccount)) != 1 {
			t.Fatal("a stolen cookie removes a factor")
		}
		r := b.post("callback/totp", "code", h.code(appSecret), "callbackUrl", h.base+"/account")
		if !r.sets(h) || r.leads() != h.base+"/account" {
			t.Fatalf("step-up: %d, leads to %q", r.StatusCode, r.leads())
		}
		b.post("account/rename", "id", id, "name", "Old phone")
		b.get("account").shows("Old phone")
		b.post("account/remove", "id", id)
		if len(h.ids(smithAccount)) != 0 {
			t.Error("not removed")
		}
	})
}

func (h *house) ids(account string) (ids []string) {
	h.t.Helper()
	list, err := h.FactorAdmin().List(context.Background(), account)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range list {
		if e.Kind[0] != '.' {
			ids = append(ids, e.ID)
		}
		if e.Data != nil {
			h.t.Error("the list holds secrets")
		}
	}
	return ids
}

func TestRequired(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := guarded(t, wire, required)
		b := meet(h)
		b.waits(b.login("callbackUrl", "/inbox"), "enrolment_required")
		page := h.browser()
		page.jar = b.jar
		page.follow(page.get("signin")).shows("account/enrol", `value="totp"`)
		secret, r := page.enrol(func(secret string) string { return h.code(secret) })
		if !r.sets(h) || r.leads() != external+"/inbox" {
			t.Fatalf("not in: %d, leads to %q", r.StatusCode, r.leads())
		}
		if token := page.token(); !slices.Equal(token.Factors, []string{"totp"}) || !slices.Contains(token.Methods, "mfa") {
			t.Errorf("the token says %v", token.Claims())
		}
		next := meet(h)
		next.waits(next.login(), "second_factor")
		if r := next.post("account/enrol", "kind", "totp"); strings.Contains(next.follow(r).body, "<svg") {
			t.Error("MFA-5 enrolled by the password alone beside a factor")
		}
		h.clock.turn(30 * time.Second)
		if r := next.post("callback/totp", "code", h.code(secret)); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
	})
	t.Run("MFA-9 the last one stays", func(t *testing.T) {
		h := enrolled(t, required)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		b.follow(b.post("account/remove", "id", h.ids(smithAccount)[0])).shows(`role="alert"`)
		if len(h.ids(smithAccount)) != 1 {
			t.Error("removed")
		}
	})
}

func TestEnrolmentModes(t *testing.T) {
	mode := func(m ostiary.EnrolmentMode) func(*ostiary.Config) {
		return func(c *ostiary.Config) { c.Factors.Enrolment = m }
	}
	t.Run("MFA-8 closed", func(t *testing.T) {
		h := guarded(t, required, mode(ostiary.EnrolClosed))
		b := h.script()
		if r := b.login().is(401); r.sets(h) || r.said().Code != "factor_missing" {
			t.Errorf("said %s", r.body)
		}
	})
	t.Run("MFA-8 invite", func(t *testing.T) {
		h := guarded(t, required, mode(ostiary.EnrolInvite))
		b := h.browser()
		b.waits(b.login(), "enrolment_required")
		b.get("factor").shows(`name="invite"`)
		code, err := h.FactorAdmin().Invite(context.Background(), smithAccount, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{"", "AAAA-AAAA-AAAA-AAAA"} {
			b.follow(b.post("account/enrol", "kind", "totp", "invite", wrong)).hides("<svg viewBox")
			if secretOn(b.get("account/enrol")) != "" {
				t.Errorf("invited by %q", wrong)
			}
		}
		page := b.follow(b.post("account/enrol", "kind", "totp", "invite", strings.ToLower(code)))
		secret, id := secretOn(page), enrolmentOnPage.FindStringSubmatch(page.body)
		if id == nil {
			t.Fatalf("not invited: %.500s", page.body)
		}
		if r := b.post("account/confirm", "enrolment", id[1], "code", h.code(secret)); !r.sets(h) {
			t.Fatalf("not enrolled: %s", r.body)
		}
		if n, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		again := h.browser()
		again.waits(again.login(), "enrolment_required")
		again.follow(again.post("account/enrol", "kind", "totp", "invite", code))
		if secretOn(again.get("account/enrol")) != "" {
			t.Error("the invitation is good twice")
		}
	})
	t.Run("MFA-9 must enrol again", func(t *testing.T) {
		h := enrolled(t)
		if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, true); err != nil {
			t.Fatal(err)
		}
		b := h.browser()
		b.waits(b.login(), "enrolment_required")
		if _, r := b.enrol(h.code); !r.sets(h) {
			t.Fatalf("not enrolled: %s", r.body)
		}
		if lines := h.log.lines("factor"); lines[len(lines)-2]["what"] != "reset" {
			t.Errorf("LOG-3 the log says %v", lines)
		}
	})
}

func TestRules(t *testing.T) {
	rule := func(p ostiary.FactorPolicy) ostiary.FactorRule { return ostiary.FactorRule{Policy: p} }
	for _, c := range []struct {
		name   string
		change func(*ostiary.Config)
		want   string // the code that is asked for, "" for none
	}{
		{"optional without a factor", func(*ostiary.Config) {}, ""},
		{"required by the provider", func(c *ostiary.Config) { c.Providers[0].Factors = rule("required") }, "enrolment_required"},
		{"required by a group", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("required")}
		}, "enrolment_required"},
		{"the strictest of two groups", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("required"), "everybody": rule("off")}
			answering(&ostiary.User{ID: "42", Groups: []string{"everybody", "staff"}}, nil)(c)
		}, "enrolment_required"},
		{"the group before the provider", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("off")}
			c.Providers[0].Factors = rule("required")
		}, ""},
		{"the account before all", func(c *ostiary.Config) {
			required(c)
			c.Factors.Accounts = map[string]ostiary.FactorRule{smithAccount: rule("off")}
		}, ""},
		{"off", func(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsOff }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := guarded(t, c.change)
			b := h.script()
			r := b.login()
			if c.want == "" && !r.sets(h) {
				t.Errorf("not in: %s", r.body)
			}
			if c.want != "" {
				b.waits(r, c.want)
			}
		})
	}
}

// TestGroupsTogether is MFA-12 for members of several groups: the order in which the
// user system lists them decides nothing, and none undoes what another demands.
func TestGroupsTogether(t *testing.T) {
	type rules = map[string]ostiary.FactorRule
	keys, apps := []string{"webauthn"}, []string{"totp"}
	for _, c := range []struct {
		name   string
		rules  rules
		closed bool
		want   string // after the code of an app
	}{
		{name: "kinds of one", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "required", Kinds: keys}}, want: "enrolment_required"},
		{name: "kinds of the less strict", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "optional", Kinds: keys}}, want: "enrolment_required"},
		{name: "kinds of both", rules: rules{"staff": {Policy: "required", Kinds: apps}, "admins": {Policy: "required", Kinds: []string{"webauthn", "totp"}}}},
		{name: "kinds of one that is off", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "off", Kinds: keys}}},
		{name: "no kind in common", rules: rules{"staff": {Policy: "required", Kinds: apps}, "admins": {Policy: "required", Kinds: keys}}, want: "factor_missing"},
		{name: "nothing to enrol", rules: rules{"admins": {Policy: "required", Kinds: keys}}, closed: true, want: "factor_missing"},
	} {
		for _, groups := range [][]string{{"staff", "admins"}, {"admins", "staff"}} {
			t.Run(c.name+", "+groups[0]+" first", func(t *testing.T) {
				h := enrolled(t, func(config *ostiary.Config) {
					config.Factors.Kinds = append(config.Factors.Kinds, echo{})
					config.Factors.Groups = c.rules
					if c.closed {
						config.Factors.Enrolment = ostiary.EnrolClosed
					}
				}, answering(&ostiary.User{ID: "42", Groups: groups}, nil))
				b := h.script()
				b.waits(b.login(), "second_factor")
				r := b.post("callback/totp", "code", h.code(appSecret))
				if c.want == "" {
					if !r.sets(h) {
						t.Errorf("not in: %s", r.body)
					}
					return
				}
				b.waits(r, c.want)
				if c.want == "factor_missing" {
					person := h.browser()
					person.login()
					h.clock.turn(time.Minute)
					person.follow(person.post("callback/totp", "code", h.code(appSecret))).shows("ask the people who run this service", `name="password"`)
				}
			})
		}
	}
}

// TestRulesChangeMeanwhile opens the page of a pending sign-in when the rules that it
// began under are no more: it starts again, and never in a circle.
func TestRulesChangeMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		now   func(*ostiary.Config)
		shows string
	}{
		"off": {func(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsOff }, `name="password"`},
		"nothing that could be enrolled": {func(c *ostiary.Config) {
			required(c)
			c.Factors.Enrolment = ostiary.EnrolClosed
		}, "ask the people who run this service"},
	} {
		t.Run(name, func(t *testing.T) {
			shared := factors.New((&clock{at: dayOne}).now)
			use := func(c *ostiary.Config) { c.Store = shared }
			b := guarded(t, use, required).browser()
			b.waits(b.login(), "enrolment_required")
			b.h = guarded(t, use, c.now)
			b.handler = b.h
			b.follow(b.get("factor")).is(200).shows(c.shows)
			if b.session() != nil {
				t.Error("a session")
			}
		})
	}
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

func TestRememberedDevice(t *testing.T) {
	remember := func(c *ostiary.Config) { c.Factors.RememberDevice = 30 * 24 * time.Hour }
	trust := func(t *testing.T, changes ...func(*ostiary.Config)) (*house, *browser) {
		h := enrolled(t, append([]func(*ostiary.Config){remember}, changes...)...)
		b := h.browser()
		b.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		b.login()
		b.get("factor").shows(`name="remember_device"`)
		if r := b.post("callback/totp", "code", h.code(appSecret), "remember_device", "on"); !r.sets(h) {
			t.Fatalf("not in: %s", r.body)
		}
		return h, b
	}
	t.Run("is not asked again", func(t *testing.T) {
		h, b := trust(t)
		b.get("account").shows("Firefox – Linux")
		b.post("signout")
		if r := b.login(); !r.sets(h) {
			t.Fatalf("asked again: %s", r.leads())
		}
		if token := b.token(); token.Factors != nil || slices.Contains(token.Methods, "mfa") {
			t.Errorf("MFA-11 the device counts as a proof: %v", token.Claims())
		}
		stranger := h.script()
		stranger.waits(stranger.login(), "second_factor")
	})
	t.Run("MFA-11 no step-up", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		b.login()
		r := get(h.RequireFactor()(page("vault")), b, "/vault", "Accept", "text/html")
		if strings.Contains(r.body, "vault") || !strings.Contains(r.leads(), "/factor?callbackUrl=") {
			t.Errorf("leads to %q", r.leads())
		}
	})
	t.Run("MFA-11 ends by itself", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		cookie := b.jar[h.cookieName("device")]
		h.clock.turn(30 * 24 * time.Hour)
		cookie.Expires = time.Time{}
		b.jar[h.cookieName("device")] = cookie
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 ends with a change of factors", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		h.give(smithAccount)
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 can be ended", func(t *testing.T) {
		h, b := trust(t)
		list, _ := h.FactorAdmin().List(context.Background(), smithAccount)
		for _, e := range list {
			if e.Kind == ".device" {
				b.post("account/forget", "id", e.ID)
			}
		}
		b.post("signout")
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 not before full success", func(t *testing.T) {
		h := enrolled(t, remember)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.wrong(appSecret), "remember_device", "on")
		if _, there := b.jar[h.cookieName("device")]; there {
			t.Error("remembered by a wrong code")
		}
	})
	t.Run("MFA-11 of one account", func(t *testing.T) {
		_, b := trust(t)
		other := enrolled(t, remember)
		alien := other.browser()
		alien.jar[other.cookieName("device")] = b.jar[other.cookieName("device")]
		alien.waits(alien.login(), "second_factor")
	})
}

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

// TestEnrolmentIsNoProof is MFA-6: to enrol something does not make the sign-in, or
// the factor that was proven, any fresher.
func TestEnrolmentIsNoProof(t *testing.T) {
	h := guarded(t, withRecovery(t))
	b := h.browser().enter()
	began := h.clock.now().Unix()
	h.clock.turn(4 * time.Minute)
	b.enrol(h.code)
	enrolled := h.clock.now().Unix()
	if token := b.token(); token.AuthTime != began || token.FactorTime != enrolled {
		t.Errorf("an app: %v", token.Claims())
	}
	h.clock.turn(4 * time.Minute)
	b.newCodes()
	if token := b.token(); token.AuthTime != began || token.FactorTime != enrolled || !slices.Equal(token.Factors, []string{"totp"}) {
		t.Errorf("recovery codes: %v", token.Claims())
	}
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

// TestFactorNames is PAG-6: what a person calls a factor is kept as far as it can be
// seen.
func TestFactorNames(t *testing.T) {
	h := enrolled(t)
	b := h.browser()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	for typed, want := range map[string]string{
		"  Old phone ":             "Old phone",
		"\x1b[2JPhone":             "[2JPhone",
		"\u202egpj.exe\u200b":      "gpj.exe",
		strings.Repeat("é", 40):    strings.Repeat("é", 32),
		"Téléphone d’été – حروف 📱": "Téléphone d’été – حروف 📱",
	} {
		b.post("account/rename", "id", h.ids(smithAccount)[0], "name", typed)
		list, err := h.FactorAdmin().List(context.Background(), smithAccount)
		if err != nil || list[0].Name != want {
			t.Errorf("%q is kept as %q, %v", typed, list[0].Name, err)
		}
	}
}

func TestCodeInForm(t *testing.T) {
	var seen []string
	oneForm := func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "token", Label: "2FA token", Type: "totp"})
		c.Providers[0].Authorize = func(ctx context.Context, v form.Values, r *http.Request) (*ostiary.User, error) {
			seen = append(seen, v.Get("token"))
			return directory(ctx, v, r)
		}
	}
	login := func(h *house, password, code string) *reply {
		return h.script().post("callback/credentials", "username", "jsmith", "password", password, "token", code)
	}
	t.Run("right", func(t *testing.T) {
		h := enrolled(t, oneForm)
		if r := login(h, jsmiths, h.code(appSecret)); !r.sets(h) {
			t.Fatalf("refused: %s", r.body)
		}
		if r := login(h, jsmiths, h.code(appSecret)).is(401); r.said().Code != "credentials" {
			t.Errorf("OTP-1 used twice: %s", r.body)
		}
		if slices.ContainsFunc(seen, func(s string) bool { return s != "" }) {
			t.Error("LOG-2 the code reaches the authorizer")
		}
	})
	t.Run("IDN-4 wrong code and wrong password look alike", func(t *testing.T) {
		h := enrolled(t, oneForm)
		bodies := map[string]bool{}
		for _, r := range []*reply{login(h, jsmiths, h.wrong(appSecret)), login(h, "wrong", h.code(appSecret)), login(h, "wrong", h.wrong(appSecret))} {
			s := r.is(401).said()
			s.Reference = ""
			bodies[mustJSON(s)] = true
		}
		if len(bodies) != 1 {
			t.Errorf("%v", bodies)
		}
	})
	t.Run("IDN-5 nor do they after many tries, where the code is required", func(t *testing.T) {
		for required, want := range map[bool][]string{true: {"credentials", "credentials"}, false: {"throttled", "credentials"}} {
			h := enrolled(t, oneForm, func(c *ostiary.Config) { c.Providers[0].Form[2].Required = required })
			for range 10 {
				login(h, jsmiths, h.wrong(appSecret)).is(401)
			}
			right, wrong := login(h, jsmiths, h.code(appSecret)), login(h, "wrong", h.code(appSecret))
			if got := []string{right.said().Code, wrong.said().Code}; !slices.Equal(got, want) || right.sets(h) {
				t.Errorf("required %v: %v, want %v", required, got, want)
			}
			if required && right.Header.Get("Retry-After") != "" {
				t.Error("a header tells")
			}
		}
	})
	t.Run("empty asks afterwards", func(t *testing.T) {
		h := enrolled(t, oneForm)
		if s := login(h, jsmiths, "").is(401).said(); s.Code != "second_factor" {
			t.Errorf("said %+v", s)
		}
	})
	t.Run("without a factor it is not looked at", func(t *testing.T) {
		h := guarded(t, oneForm)
		if r := login(h, jsmiths, "123456"); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
	})
	t.Run("MFA-12 a factor that does not count", func(t *testing.T) {
		h := enrolled(t, oneForm, func(c *ostiary.Config) {
			c.Factors.Kinds = append(c.Factors.Kinds, echo{})
			c.Providers[0].Factors = ostiary.FactorRule{Policy: "required", Kinds: []string{"webauthn"}}
		})
		b := h.script()
		b.waits(b.post("callback/credentials", "username", "jsmith", "password", jsmiths, "token", h.code(appSecret)), "enrolment_required")
		b.post("account/enrol", "kind", "totp")
		if r := b.post("callback/totp", "code", h.code(appSecret)); r.sets(h) {
			t.Error("in with an app")
		}
	})
	t.Run("behind the password", func(t *testing.T) {
		h := enrolled(t, func(c *ostiary.Config) { c.Providers[0].AppendedTOTP = true })
		b := h.script()
		if r := b.post("callback/credentials", "username", "jsmith", "password", jsmiths+h.code(appSecret)); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
		b = h.script()
		b.waits(b.login(), "second_factor")
	})
}

// TestSignInCallbackSeesNoCodes is LOG-2: the callback is asked once, at the end, and
// learns no code, however it was typed.
func TestSignInCallbackSeesNoCodes(t *testing.T) {
	var seen []string
	watch := func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "token", Type: "totp"})
		c.Providers[0].AppendedTOTP = true
		c.Callbacks.SignIn = func(_ context.Context, s ostiary.SignIn) (string, error) {
			v := s.Credentials
			seen = append(seen, s.Provider+"|"+v.Get("username")+"|"+v.Get("password")+"|"+v.Get("token")+v.Get("code"))
			return "", nil
		}
	}
	for name, c := range map[string]struct {
		fields []string
		second bool
		want   string
	}{
		"a step of its own":   {[]string{"password", jsmiths}, true, "credentials|||"},
		"a field of the form": {[]string{"password", jsmiths, "token", "CODE"}, false, "credentials|jsmith|" + jsmiths + "|"},
		"behind the password": {[]string{"password", jsmiths + "CODE"}, false, "credentials|jsmith|" + jsmiths + "|"},
	} {
		t.Run(name, func(t *testing.T) {
			seen = nil
			h := enrolled(t, watch)
			b := h.script()
			fields := append([]string{"username", "jsmith"}, c.fields...)
			for i := range fields {
				fields[i] = strings.Replace(fields[i], "CODE", h.code(appSecret), 1)
			}
			r := b.post("callback/credentials", fields...)
			if c.second {
				r = b.post("callback/totp", "code", h.code(appSecret))
			}
			if !r.sets(h) || !slices.Equal(seen, []string{c.want}) {
				t.Errorf("the callback saw %q, want %q once: %s", seen, c.want, r.body)
			}
		})
	}
}

// TestImportedTwice is OTP-1: a key that is imported once more is not there twice, so
// that a code is not good twice.
func TestImportedTwice(t *testing.T) {
	h := enrolled(t)
	for _, text := range []string{appSecret, "otpauth://totp/x?secret=" + appSecret} {
		if _, err := h.FactorAdmin().Import(context.Background(), smithAccount, "totp", text); !errors.Is(err, ostiary.ErrEnrolled) {
			t.Errorf("%s: %v, want ErrEnrolled", text, err)
		}
	}
	if n := len(h.ids(smithAccount)); n != 1 {
		t.Errorf("%d factors", n)
	}
	h.give("credentials:7") // somebody else may have the same
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

func TestMostFactors(t *testing.T) {
	h := enrolled(t)
	for range 19 {
		h.give(smithAccount)
	}
	b := h.browser()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	b.follow(b.post("account/enrol", "kind", "totp"))
	if secretOn(b.get("account/enrol")) != "" {
		t.Error("a factor beyond the twentieth")
	}
	b.get("account").hides(`value="totp"`)
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
