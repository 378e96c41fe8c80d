package ostiary_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// sms is a user system that sends a code after the password: 111 is right, 222
// asks again, everything else is refused.
func sms(asked *atomic.Int64) ostiary.Authorizer {
	codeForm := form.Form{{Name: "code", Label: "Code", Attributes: map[string]any{"inputmode": "numeric"}}, {Name: "note"}}
	return func(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
		asked.Add(1)
		state, inStep := ostiary.StepState(ctx)
		switch {
		case !inStep && c.Get("password") == jsmiths:
			return nil, &ostiary.NextStep{
				Form: codeForm, State: []byte("for " + c.Get("username")), Code: "sms", Title: "Check your phone", Sentence: "We sent a code to the number ending in 42.",
			}
		case inStep && string(state) == "for jsmith" && c.Get("code") == "111":
			return jsmith(), nil
		case inStep && c.Get("code") == "222":
			return nil, &ostiary.NextStep{Form: codeForm, State: state, Code: "sms_again"}
		}
		return nil, nil
	}
}

func openSMS(t *testing.T, changes ...func(*ostiary.Config)) (*house, *atomic.Int64) {
	asked := new(atomic.Int64)
	return open(t, append([]func(*ostiary.Config){authorizing(sms(asked))}, changes...)...), asked
}

func TestNextStep(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h, _ := openSMS(t, wire)
		b := meet(h)
		r := b.login("callbackUrl", "/inbox")
		at := "/signin?error=sms&code=sms"
		if h.v5 {
			at = "/signin?error=CredentialsSignin&code=sms"
		}
		if r.leads() != h.base+at || r.sets(h) || b.session() != nil {
			t.Errorf("leads to %q; session %v", r.leads(), r.sets(h))
		}
		if b.json {
			s := r.is(http.StatusUnauthorized).said()
			if s.Code != "sms" || s.Next == nil || s.Next.Title != "Check your phone" || s.Next.Provider != "credentials" ||
				len(s.Next.Form.Fields) != 2 || s.Next.Form.Fields[0]["name"] != "code" || s.Next.Expires != "2026-03-01T09:05:00.000Z" {
				t.Errorf("said %s", r.body)
			}
		}
		page := b.follow(b.get("signin"))
		page.shows("Check your phone", "number ending in 42", `name="code"`, "again=true")
		page.hides(`name="password"`)
		r = b.post("callback/credentials", "code", "111")
		if r.leads() != external+"/inbox" || !r.sets(h) {
			t.Errorf("leads to %q; session %v; %s", r.leads(), r.sets(h), r.body)
		}
		if _, held := b.jar[h.cookieName("pending")]; held {
			t.Error("the pending cookie stays after the step")
		}
		b.get("signin").shows(`name="password"`)
	})
}

func TestNextStepRefused(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h, _ := openSMS(t, wire)
		b := meet(h)
		b.login()
		r := b.post("callback/credentials", "code", "999")
		if want := map[bool]int{true: 401, false: 302}[b.json]; r.is(want).sets(h) {
			t.Error("a session was made")
		}
		if _, held := b.jar[h.cookieName("pending")]; held {
			t.Error("I4 the pending cookie stays after a wrong code")
		}
		b.follow(r).hides("Check your phone")
	})
}

// TestNextStepRepeats holds that an authorizer may allow another try, and that
// each try is a step of its own.
func TestNextStepRepeats(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h, asked := openSMS(t, wire)
		b := h.script()
		b.login()
		first := b.jar[h.cookieName("pending")].Value
		for range 3 {
			if s := b.post("callback/credentials", "code", "222").is(401).said(); s.Code != "sms_again" || s.Next == nil {
				t.Fatalf("said %+v", s)
			}
		}
		if b.jar[h.cookieName("pending")].Value == first {
			t.Error("the next step has the cookie of the one before")
		}
		old := b.clone()
		old.jar[h.cookieName("pending")].Value = first
		before := asked.Load()
		if s := old.post("callback/credentials", "code", "111").is(401).said(); s.Code != "step_expired" || asked.Load() != before {
			t.Errorf("I4 a step that is over: %+v", s)
		}
	})
}

// TestNextStepBounds holds what a pending sign-in is bound to.
func TestNextStepBounds(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		begin := func(t *testing.T) (*house, *browser, *atomic.Int64) {
			h, asked := openSMS(t, wire, func(c *ostiary.Config) {
				c.Providers = append(c.Providers, ostiary.Provider{
					ID: "other", Form: form.Form{{Name: "code"}},
					Authorize: func(ctx context.Context, _ form.Values, _ *http.Request) (*ostiary.User, error) {
						if _, in := ostiary.StepState(ctx); in {
							t.Error("the other provider got the step")
						}
						return nil, nil
					},
				}, ostiary.Provider{ID: "third", Form: loginForm(), Authorize: directory})
			})
			b := h.script()
			b.login()
			asked.Store(0)
			return h, b, asked
		}
		expired := func(t *testing.T, r *reply, asked *atomic.Int64) {
			t.Helper()
			if s := r.is(401).said(); s.Code != "step_expired" || s.Next != nil || len(s.Problems) != 0 {
				t.Errorf("said %+v", s)
			}
			if asked.Load() != 0 {
				t.Error("the authorizer was asked")
			}
		}
		t.Run("I4 replayed after success", func(t *testing.T) {
			_, b, asked := begin(t)
			copied := b.clone()
			b.post("callback/credentials", "code", "111").is(200)
			asked.Store(0)
			expired(t, copied.post("callback/credentials", "code", "111"), asked)
		})
		t.Run("FAL-8 replayed after the clock stepped back", func(t *testing.T) {
			h, b, asked := begin(t)
			copied := b.clone()
			h.clock.turn(5*time.Minute - time.Second)
			b.post("callback/credentials", "code", "111").is(200)
			h.clock.turn(time.Minute) // the step is over, and its mark may be swept away soon
			b.h.script().get("session")
			h.clock.turn(-time.Minute)
			asked.Store(0)
			copied.jar[h.cookieName("pending")].Expires = time.Time{}
			expired(t, copied.post("callback/credentials", "code", "111"), asked)
		})
		t.Run("expired", func(t *testing.T) {
			h, b, asked := begin(t)
			copied := b.clone()
			h.clock.turn(5*time.Minute - time.Second)
			b.post("callback/credentials", "code", "222").is(401)
			h.clock.turn(time.Second)
			asked.Store(0)
			copied.jar[h.cookieName("pending")].Expires = time.Time{} // a thief's browser doesn't forget
			expired(t, copied.post("callback/credentials", "code", "111"), asked)
		})
		t.Run("bound to the CSRF pair", func(t *testing.T) {
			h, b, asked := begin(t)
			thief := h.script()
			thief.csrf()
			thief.jar[h.cookieName("pending")] = b.jar[h.cookieName("pending")]
			expired(t, thief.post("callback/credentials", "code", "111"), asked)
			thief.get("signin").hides("Check your phone")
			thief.get("providers/credentials/form").hides(`"code"`)
		})
		t.Run("bound to the provider", func(t *testing.T) {
			_, b, asked := begin(t)
			if s := b.post("callback/other", "code", "111").is(401).said(); s.Code != "credentials" || asked.Load() != 0 {
				t.Errorf("said %+v", s)
			}
			if s := b.post("callback/third", "code", "111").is(400).said(); s.Code != form.CodeUndeclared || asked.Load() != 0 {
				t.Errorf("said %+v", s)
			}
			b.post("callback/credentials", "code", "111").is(200) // and is not used up by that
		})
		t.Run("altered", func(t *testing.T) {
			h, b, asked := begin(t)
			c := b.jar[h.cookieName("pending")]
			c.Value = c.Value[:len(c.Value)-4] + "AAAA"
			expired(t, b.post("callback/credentials", "code", "111"), asked)
		})
		t.Run("CSR-5 cross-site", func(t *testing.T) {
			h, b, asked := begin(t)
			r := b.form("callback/credentials", "csrfToken", b.csrf(), "code", "111")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			if b.send(r).is(403).sets(h) || asked.Load() != 0 {
				t.Error("heard")
			}
			b.post("callback/credentials", "code", "111").is(200) // and is not used up by that
		})
		t.Run("never a session (I5, JWE-6)", func(t *testing.T) {
			h, b, _ := begin(t)
			h2 := open(t, wire, func(c *ostiary.Config) { c.Session.AcceptBearer = true })
			for _, house := range []*house{h, h2} {
				for _, what := range []string{"session", "csrf", "attempt"} {
					r := httptest.NewRequest(http.MethodGet, "/api/auth/session", nil)
					r.AddCookie(&http.Cookie{Name: house.cookieName(what), Value: b.jar[h.cookieName("pending")].Value})
					if house.Session(r) != nil {
						t.Errorf("the pending cookie opens as %s", what)
					}
				}
				r := httptest.NewRequest(http.MethodGet, "/api/auth/session", nil)
				r.Header.Set("Authorization", "Bearer "+b.jar[h.cookieName("pending")].Value)
				if house.Session(r) != nil {
					t.Error("the pending cookie opens as bearer token")
				}
			}
		})
		t.Run("JWE-6 no session opens as a step", func(t *testing.T) {
			h, b, asked := begin(t)
			signedIn := h.script()
			signedIn.post("callback/third", "username", "jsmith", "password", jsmiths)
			b.jar[h.cookieName("pending")].Value = signedIn.jar[h.cookieName("session")].Value
			expired(t, b.post("callback/credentials", "code", "111"), asked)
		})
	})
}

// TestNextStepOnce posts one step 64 times at once.
func TestNextStepOnce(t *testing.T) {
	h, asked := openSMS(t, func(c *ostiary.Config) { c.Limits.Waiting = 256 })
	b := h.script()
	b.login()
	asked.Store(0)
	token := b.csrf()
	var made atomic.Int64
	var crowd sync.WaitGroup
	for range 64 {
		each := b.clone()
		crowd.Go(func() {
			if each.send(each.form("callback/credentials", "csrfToken", token, "code", "111")).sets(h) {
				made.Add(1)
			}
		})
	}
	crowd.Wait()
	if made.Load() != 1 || asked.Load() != 1 {
		t.Errorf("I4 %d sessions, %d questions of one step", made.Load(), asked.Load())
	}
}

// TestNextStepMistakes holds that values that can't be right cost nothing: the
// step can be answered again.
func TestNextStepMistakes(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h, asked := openSMS(t, wire)
		b := meet(h)
		b.login()
		asked.Store(0)
		r := b.post("callback/credentials", "code", "111", "code", "222", "note", "kept as typed")
		if want := map[bool]int{true: 400, false: 302}[b.json]; r.is(want).sets(h) || asked.Load() != 0 {
			t.Error("heard")
		}
		if !b.json {
			b.follow(b.get("signin")).shows("Check your phone", "kept as typed")
		}
		if r := b.post("callback/credentials", "code", "111"); !r.sets(h) {
			t.Errorf("not signed in after the mistake: %d %s", r.StatusCode, r.body)
		}
	})
}

func TestNextStepAgain(t *testing.T) {
	h, _ := openSMS(t)
	b := h.browser()
	b.login()
	b.get("signin?again=true").shows(`name="password"`)
	b.get("signin").shows("Check your phone")
	// The first form again, in another tab: the newer step counts.
	b.login()
	if r := b.post("callback/credentials", "code", "111"); !r.sets(h) {
		t.Error("not signed in")
	}
}

// TestNextStepForm holds the JSON that a front end draws the step from.
func TestNextStepForm(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h, _ := openSMS(t, wire)
		b := h.script()
		b.get("providers/credentials/form").is(200).shows(`"name":"password"`, `"provider":"credentials"`)
		b.login()
		r := b.get("providers/credentials/form").is(200)
		r.shows(`"name":"code"`, `"title":"Check your phone"`, `"code":"sms"`)
		r.hides("for jsmith")
		h.browser().get("providers/credentials/form").hides("phone")
		for _, path := range []string{"providers/nobody/form", "providers/credentials", "providers/credentials/other", "providers/credentials/form/x"} {
			b.get(path).is(http.StatusBadRequest)
		}
	})
}

// TestNextStepFaults are steps that can't be: the fault is the provider's.
func TestNextStepFaults(t *testing.T) {
	var many form.Form
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		many = append(many, form.Field{Name: strings.Repeat(string(c), 60), Label: strings.Repeat("l", 200)})
	}
	for name, step := range map[string]*ostiary.NextStep{
		"a form that does not compile": {Form: form.Form{{Name: "csrfToken"}}},
		"too much state":               {Form: form.Form{{Name: "code"}}, State: make([]byte, 1025)},
		"COO-5 too large for a cookie": {Form: many},
	} {
		t.Run(name, func(t *testing.T) {
			bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
				h := open(t, wire, answering(nil, step))
				b := h.script()
				if r := b.login().is(http.StatusServiceUnavailable); r.cookie(h.cookieName("pending")) != nil {
					t.Error("a pending cookie was set")
				}
			})
		})
	}
	t.Run("SES-5 a store that can't mark", func(t *testing.T) {
		store := &faultyStore{take: true}
		h, asked := openSMS(t, func(c *ostiary.Config) { store.Store = newMemory(c); c.Store = store })
		b := h.script()
		b.login().is(401)
		asked.Store(0)
		if b.post("callback/credentials", "code", "111").is(503).sets(h) || asked.Load() != 0 {
			t.Error("I4 the authorizer was asked although the step was not marked")
		}
	})
}

// TestNextStepCookie holds that the cookie gives nothing away and fits.
func TestNextStepCookie(t *testing.T) {
	h := open(t, answering(nil, &ostiary.NextStep{Form: form.Form{{Name: "code"}}, State: []byte(strings.Repeat("canary", 170))}))
	r := h.script().login()
	c := r.cookie(h.cookieName("pending"))
	if c == nil || strings.Contains(c.Value, "canary") || strings.Contains(r.body, "canary") {
		t.Fatal("no cookie, or the state is in the open")
	}
	if !c.HttpOnly || !c.Secure || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 300 || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("COO-1 %s", c.Raw)
	}
	if len(c.Raw) > 4096+200 || len(c.Name)+len(c.Value) > 4096 {
		t.Errorf("COO-5 %d bytes", len(c.Raw))
	}
}
