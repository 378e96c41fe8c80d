package ostiary_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// echo is a factor with a script that answers every question with itself, after
// the name of its key: it shows what the service makes of questions and answers.
type echo struct{}

func (echo) Kind() string { return "webauthn" }
func (echo) Form() form.Form {
	return form.Form{{Name: "data", Type: "hidden", MaxBytes: 4096, Required: true}}
}

func (echo) question() (json.RawMessage, []byte) {
	q := rand.Text()
	return json.RawMessage(`{"challenge":"` + q + `"}`), []byte(q)
}

func (e echo) Begin(context.Context, ostiary.Person, []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	options, state := e.question()
	return &ostiary.Enrolling{Form: e.Form(), Options: options, State: state}, nil
}

func (e echo) Options(context.Context, ostiary.Person, []ostiary.Enrolment) (*ostiary.Options, error) {
	options, state := e.question()
	return &ostiary.Options{JSON: options, State: state}, nil
}

func (echo) KeyOf(v form.Values) string {
	key, _, _ := strings.Cut(v.Get("data"), " ")
	return key
}

func (echo) right(a ostiary.Answer) bool {
	_, q, _ := strings.Cut(a.Values.Get("data"), " ")
	return q == string(a.State) && q != ""
}

func (e echo) Finish(_ context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	if !e.right(a) {
		return nil, nil
	}
	return &ostiary.Enrolment{Key: e.KeyOf(a.Values), Left: -1}, nil
}

func (e echo) Verify(_ context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	at := slices.IndexFunc(a.Enrolled, func(x ostiary.Enrolment) bool { return x.Key == e.KeyOf(a.Values) })
	if at < 0 || !e.right(a) {
		return nil, nil
	}
	return &ostiary.Verified{Enrolment: a.Enrolled[at], Methods: []string{"hwk"}}, nil
}

func (echo) Import(text string) (*ostiary.Enrolment, error) {
	return &ostiary.Enrolment{Key: text, Left: -1}, nil
}

func (echo) Same(a, b ostiary.Enrolment) bool { return a.Key == b.Key }

// keyed is a house where jsmith has the key "k1" and can be looked up.
func keyed(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	h := guarded(t, append([]func(*ostiary.Config){func(c *ostiary.Config) {
		c.Factors.Kinds = append(c.Factors.Kinds, echo{})
		c.Factors.Passkeys = true
		c.Providers[0].Lookup = func(_ context.Context, id string) (*ostiary.User, error) {
			if id != "42" {
				return nil, nil
			}
			return jsmith(), nil
		}
	}}, changes...)...)
	if _, err := h.FactorAdmin().Import(context.Background(), smithAccount, "webauthn", "k1"); err != nil {
		t.Fatal(err)
	}
	return h
}

// asked is the challenge of webauthn-options.
func (b *browser) asked(path string) string {
	b.h.t.Helper()
	r := b.get(path).is(http.StatusOK)
	var said struct {
		Action  string
		Options struct{ Challenge string }
	}
	if err := json.Unmarshal([]byte(r.body), &said); err != nil || said.Options.Challenge == "" {
		b.h.t.Fatalf("no challenge: %s", r.body)
	}
	return said.Options.Challenge
}

func TestChallenge(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := keyed(t, wire)
		answer := func(b *browser, path, challenge string) *reply {
			return b.post("callback/"+path, "action", "authenticate", "data", "k1 "+challenge)
		}
		t.Run("as a second factor", func(t *testing.T) {
			h := h.under(t)
			b := h.script()
			b.login()
			if kind := b.listed()["webauthn"].Type; kind != map[bool]string{true: "webauthn", false: "credentials"}[h.v5] {
				t.Errorf("listed as %q", kind)
			}
			challenge := b.asked("webauthn-options/webauthn?action=authenticate")
			if r := answer(b, "webauthn", challenge); !r.sets(h) {
				t.Fatalf("refused: %s", r.body)
			}
		})
		t.Run("alone", func(t *testing.T) {
			h := h.under(t)
			b := h.script()
			if r := answer(b, "passkey", b.asked("webauthn-options/passkey")); !r.sets(h) || b.token().Subject != "42" {
				t.Fatalf("refused: %s", r.body)
			}
			if token := b.token(); !slices.Equal(token.Factors, []string{"webauthn"}) || slices.Contains(token.Methods, "pwd") {
				t.Errorf("the token says %v", token.Claims())
			}
		})
		t.Run("WAN-1 once", func(t *testing.T) {
			h := h.under(t)
			b := h.script()
			challenge := b.asked("webauthn-options/passkey")
			b.csrf()
			var in atomic.Int64
			var all sync.WaitGroup
			for range 16 {
				mine := b.clone()
				r := mine.form("callback/passkey", "csrfToken", mine.csrf(), "data", "k1 "+challenge)
				all.Go(func() {
					if mine.send(r).sets(h) {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				t.Errorf("%d of 16 are in", in.Load())
			}
		})
		refused := func(name string, try func(t *testing.T, h *house) (*browser, *reply)) {
			t.Run(name, func(t *testing.T) {
				h := h.under(t)
				if b, r := try(t, h); r.sets(h) || b.session() != nil {
					t.Errorf("in: %s", r.body)
				}
			})
		}
		refused("WAN-1 too old", func(t *testing.T, h *house) (*browser, *reply) {
			b := h.script()
			challenge := b.asked("webauthn-options/passkey")
			h.clock.turn(5 * time.Minute)
			return b, answer(b, "passkey", challenge)
		})
		refused("WAN-1 of another browser", func(t *testing.T, h *house) (*browser, *reply) {
			b := h.script()
			return b, answer(b, "passkey", h.script().asked("webauthn-options/passkey"))
		})
		refused("WAN-1 one that asks anybody, as a second factor", func(t *testing.T, h *house) (*browser, *reply) {
			stranger := h.script()
			challenge := stranger.asked("webauthn-options/passkey")
			b := h.script()
			b.login()
			name := h.challengeCookie()
			b.jar[name] = stranger.jar[name]
			return b, answer(b, "webauthn", challenge)
		})
		refused("WAN-1 of another pending sign-in", func(t *testing.T, h *house) (*browser, *reply) {
			first := h.script()
			first.login()
			challenge := first.asked("webauthn-options/webauthn")
			b := h.script()
			b.login()
			name := h.challengeCookie()
			b.jar[name] = first.jar[name]
			return b, answer(b, "webauthn", challenge)
		})
		refused("WAN-1 made for a registration", func(t *testing.T, h *house) (*browser, *reply) {
			b := h.script()
			b.login()
			b.post("callback/webauthn", "data", "k1 "+b.asked("webauthn-options/webauthn"))
			challenge := b.asked("webauthn-options/passkey?action=register")
			b.post("signout")
			return b, answer(b, "passkey", challenge)
		})
		refused("a key of nobody", func(t *testing.T, h *house) (*browser, *reply) {
			b := h.script()
			return b, b.post("callback/passkey", "data", "k9 "+b.asked("webauthn-options/passkey"))
		})
	})
}

func (h *house) challengeCookie() string {
	if h.v5 {
		return "__Secure-authjs.challenge"
	}
	return h.cookieName("challenge")
}

func TestRegisterByClient(t *testing.T) {
	h := keyed(t, wireV5)
	b := h.script()
	b.get("webauthn-options/passkey?action=register").is(http.StatusBadRequest).shows(`{"error":"Invalid request"}`)
	b.get("webauthn-options/passkey?action=other").is(http.StatusBadRequest).shows(`{"error":"Invalid action"}`)
	b.login()
	b.get("webauthn-options/passkey?action=register").is(http.StatusBadRequest) // MFA-5
	b.post("callback/webauthn", "data", "k1 "+b.asked("webauthn-options/webauthn"))
	if r := b.post("callback/passkey", "action", "register", "data", "k2 "+b.asked("webauthn-options/passkey?action=register")); !r.sets(h) {
		t.Fatalf("not registered: %s", r.body)
	}
	if n := len(h.ids(smithAccount)); n != 2 {
		t.Errorf("%d keys", n)
	}
	if r := b.post("callback/passkey", "action", "register", "data", "k2 "+b.asked("webauthn-options/passkey?action=register")); r.sets(h) || r.said().Code != "key_taken" {
		t.Errorf("WAN-5 one key twice: %s", r.body)
	}
	h.clock.turn(6 * time.Minute)
	b.get("webauthn-options/passkey?action=register").is(http.StatusBadRequest) // MFA-6
}

// TestOptionsTellNothing holds that the answer is the same for names that exist and
// names that don't (IDN-6).
func TestOptionsTellNothing(t *testing.T) {
	h := keyed(t)
	shape := func(path string) string {
		r := h.script().get(path)
		return strings.Replace(r.body, h.script().asked("webauthn-options/passkey"), "", 1)[:24] + r.Header.Get("Content-Type")
	}
	known, unknown := shape("webauthn-options/passkey?email=jsmith@example.com"), shape("webauthn-options/passkey?email=nobody@example.com")
	if known != unknown {
		t.Errorf("IDN-6 %q and %q", known, unknown)
	}
}

// TestPasskeyOfWhoLeft holds that a key is worth nothing when the user system does
// not know its owner any more, or may not be asked.
func TestPasskeyOfWhoLeft(t *testing.T) {
	var answer atomic.Value
	h := keyed(t, func(c *ostiary.Config) {
		c.Providers[0].Lookup = func(context.Context, string) (*ostiary.User, error) {
			return answer.Load().(func() (*ostiary.User, error))()
		}
	})
	for name, c := range map[string]struct {
		say  func() (*ostiary.User, error)
		want int
	}{
		"IDN-3 gone":          {func() (*ostiary.User, error) { return nil, nil }, 401},
		"IDN-3 somebody else": {func() (*ostiary.User, error) { return &ostiary.User{ID: "43"}, nil }, 401},
		"refused":             {func() (*ostiary.User, error) { return nil, &ostiary.Refusal{} }, 401},
		"unavailable":         {func() (*ostiary.User, error) { return nil, ostiary.ErrUnavailable }, 503},
		"panic":               {func() (*ostiary.User, error) { panic("x") }, 503},
	} {
		t.Run(name, func(t *testing.T) {
			h := h.under(t)
			answer.Store(c.say)
			b := h.script()
			if r := b.post("callback/passkey", "data", "k1 "+b.asked("webauthn-options/passkey")).is(c.want); r.sets(h) {
				t.Error("in")
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	h := keyed(t)
	policy := h.script().get("signin").Header.Get("Permissions-Policy")
	for _, want := range []string{"publickey-credentials-get=(self)", "publickey-credentials-create=(self)"} {
		if !strings.Contains(policy, want) {
			t.Errorf("WAN-11 the policy is %q, without %s", policy, want)
		}
	}
}

// odd is a factor that answers as it is told.
type odd struct {
	verify func(a ostiary.Answer) (*ostiary.Verified, error)
}

func (odd) Kind() string { return "odd" }
func (odd) Form() form.Form {
	return form.Form{{Name: "code"}}
}

func (o odd) Begin(context.Context, ostiary.Person, []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	return &ostiary.Enrolling{Form: o.Form()}, nil
}

func (odd) Import(string) (*ostiary.Enrolment, error) { return &ostiary.Enrolment{Left: -1}, nil }

func (odd) Same(_, _ ostiary.Enrolment) bool { return false }

func (o odd) Verify(_ context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	return o.verify(a)
}

func (o odd) Finish(_ context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	v, err := o.verify(a)
	if v == nil {
		return nil, err
	}
	return &ostiary.Enrolment{Left: -1}, err
}

// TestOddFactors holds that whatever a factor answers but a clear yes lets nobody
// in (I3).
func TestOddFactors(t *testing.T) {
	yes := func(a ostiary.Answer) *ostiary.Verified {
		v := new(ostiary.Verified)
		if len(a.Enrolled) > 0 {
			v.Enrolment = a.Enrolled[0]
		}
		return v
	}
	for name, c := range map[string]struct {
		verify func(a ostiary.Answer) (*ostiary.Verified, error)
		want   int
	}{
		"yes":               {func(a ostiary.Answer) (*ostiary.Verified, error) { return yes(a), nil }, 200},
		"nothing":           {func(ostiary.Answer) (*ostiary.Verified, error) { return nil, nil }, 401},
		"a refusal":         {func(ostiary.Answer) (*ostiary.Verified, error) { return nil, &ostiary.Refusal{} }, 401},
		"yes and a refusal": {func(a ostiary.Answer) (*ostiary.Verified, error) { return yes(a), &ostiary.Refusal{} }, 401},
		"yes and a fault":   {func(a ostiary.Answer) (*ostiary.Verified, error) { return yes(a), context.DeadlineExceeded }, 503},
		"another enrolment": {func(ostiary.Answer) (*ostiary.Verified, error) {
			return &ostiary.Verified{Enrolment: ostiary.Enrolment{ID: "x", Kind: "odd"}}, nil
		}, 503},
		"a panic": {func(ostiary.Answer) (*ostiary.Verified, error) { panic("x") }, 503},
	} {
		t.Run("FAL-1 "+name, func(t *testing.T) {
			h := guarded(t, func(config *ostiary.Config) {
				config.Factors.Kinds = append(config.Factors.Kinds, odd{verify: c.verify})
			})
			if _, err := h.FactorAdmin().Import(t.Context(), smithAccount, "odd", ""); err != nil {
				t.Fatal(err)
			}
			b := h.script()
			b.waits(b.login(), "second_factor")
			if r := b.post("callback/odd", "code", "x").is(c.want); r.sets(h) != (c.want == 200) {
				t.Errorf("in: %v", r.sets(h))
			}
		})
	}
}

// TestOddEnrolments is the same for the end of an enrolment.
func TestOddEnrolments(t *testing.T) {
	for name, c := range map[string]struct {
		verify func(a ostiary.Answer) (*ostiary.Verified, error)
		want   bool
	}{
		"yes":             {func(ostiary.Answer) (*ostiary.Verified, error) { return &ostiary.Verified{}, nil }, true},
		"nothing":         {func(ostiary.Answer) (*ostiary.Verified, error) { return nil, nil }, false},
		"yes and a fault": {func(ostiary.Answer) (*ostiary.Verified, error) { return &ostiary.Verified{}, context.DeadlineExceeded }, false},
		"a panic":         {func(ostiary.Answer) (*ostiary.Verified, error) { panic("x") }, false},
	} {
		t.Run("FAL-1 "+name, func(t *testing.T) {
			h := guarded(t, func(config *ostiary.Config) {
				config.Factors.Kinds = append(config.Factors.Kinds, odd{verify: c.verify})
			})
			b := h.browser().enter()
			page := b.follow(b.post("account/enrol", "kind", "odd"))
			id := enrolmentOnPage.FindStringSubmatch(page.body)
			if id == nil {
				t.Fatalf("nothing begun: %.300s", page.body)
			}
			if r := b.post("account/confirm", "enrolment", id[1], "code", "x"); r.sets(h) != c.want || len(h.ids(smithAccount)) != map[bool]int{true: 1}[c.want] {
				t.Errorf("enrolled: %v, want %v", r.sets(h), c.want)
			}
		})
	}
}
