package ostiary_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

const day = 24 * time.Hour

func lives(lifetime, absolute time.Duration) func(*ostiary.Config) {
	return func(c *ostiary.Config) { c.Session.Lifetime, c.Session.Absolute = lifetime, absolute }
}

// TestAbsoluteEnd walks the clock: a session that is used every day is renewed
// every day, and ends at its absolute end all the same (SES-2).
func TestAbsoluteEnd(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, lives(10*day, 30*day))
		b := h.script().enter()
		started := b.token().Started
		for n := 1; n < 30; n++ {
			h.clock.turn(day)
			view := b.session()
			if view == nil {
				t.Fatalf("signed out on day %d", n)
			}
			end := dayOne.Add(30 * day)
			if rolling := h.clock.now().Add(10 * day); rolling.Before(end) {
				end = rolling
			}
			if want := end.Format("2006-01-02T15:04:05.000Z"); view["expires"] != want {
				t.Errorf("day %d: expires %v, want %v", n, view["expires"], want)
			}
			if b.token().Started != started {
				t.Fatalf("day %d: started %d, want %d", n, b.token().Started, started)
			}
		}
		copied := b.clone()
		h.clock.turn(day)
		for _, each := range []*browser{b, copied} {
			for _, c := range each.jar {
				c.Expires = time.Time{} // a thief's browser doesn't forget
			}
			if each.session() != nil {
				t.Error("alive at its absolute end")
			}
		}
	})
}

func TestIdleEnd(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, lives(day, 30*day))
		b := h.script().enter()
		for _, c := range b.jar {
			c.Expires = time.Time{}
		}
		h.clock.turn(day + 20*time.Second) // leeway is 15 s
		r := b.get("session")
		if h.sessionOf(r) != nil {
			t.Error("SES-2 alive after its life")
		}
		if c := r.cookie(h.cookieName("session")); c == nil || c.MaxAge >= 0 {
			t.Error("COO-7 the dead cookie is not deleted")
		}
	})
}

// TestRemember holds both choices of a person, over renewals and a closed
// browser.
func TestRemember(t *testing.T) {
	remember := func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "stay", Type: "checkbox"})
		c.Providers[0].Remember = "stay"
		c.Session.BrowserLifetime = 2 * time.Hour
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, remember)
		stays := h.script().enter("stay", "on")
		leaves := h.script()
		r := leaves.login()
		if c := r.cookie(h.cookieName("session")); c == nil || !c.Expires.IsZero() || c.MaxAge != 0 {
			t.Fatalf("the cookie of a browser session has an end: %v", c)
		}
		h.clock.turn(time.Hour)
		r = leaves.get("session")
		if c := r.cookie(h.cookieName("session")); c == nil || !c.Expires.IsZero() {
			t.Errorf("the renewed cookie of a browser session: %v", c)
		}
		if view := h.sessionOf(r); view["expires"] != "2026-03-01T12:00:00.000Z" {
			t.Errorf("expires %v", view["expires"])
		}
		idle := leaves.clone()
		stays.close()
		leaves.close()
		if stays.session() == nil || leaves.session() != nil {
			t.Error("the wrong one survives the end of the browser")
		}
		h.clock.turn(2*time.Hour + 20*time.Second)
		if idle.session() != nil {
			t.Error("a browser session lives beyond BrowserLifetime")
		}
		h.clock.turn(20 * day)
		if stays.session() == nil {
			t.Error("a remembered session ends early")
		}
	})
}

// TestRememberOverStep holds that the choice survives a next step.
func TestRememberOverStep(t *testing.T) {
	for _, stay := range []string{"on", ""} {
		h, _ := openSMS(t, func(c *ostiary.Config) {
			c.Providers[0].Form = append(loginForm(), form.Field{Name: "stay", Type: "checkbox"})
			c.Providers[0].Remember = "stay"
		})
		b := h.script()
		b.login("stay", stay)
		b.post("callback/credentials", "code", "222")
		c := b.post("callback/credentials", "code", "111").cookie(h.cookieName("session"))
		if c == nil || c.Expires.IsZero() != (stay == "") {
			t.Errorf("stay %q: cookie %v", stay, c)
		}
	}
}

// TestNewSignInEndsTheOld is SES-1, and session fixation.
func TestNewSignInEndsTheOld(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b := h.script().enter()
		old := b.clone()
		first := b.token()
		b.enter()
		second := b.token()
		if first.SessionID == second.SessionID || first.ID == second.ID {
			t.Error("the new session has the id of the old one")
		}
		if old.session() != nil || b.session() == nil {
			t.Error("the old session lives, or the new one doesn't")
		}
		planted := h.script()
		planted.jar[h.cookieName("session")] = &http.Cookie{Value: "chosen-by-an-attacker"}
		planted.enter()
		if planted.token().SessionID == "chosen-by-an-attacker" || planted.token().ID == "chosen-by-an-attacker" {
			t.Error("an id that the client offered was adopted")
		}
	})
}

// TestSignOutRevokes is SES-6: a copy of the cookie is worth nothing afterwards,
// nor is any earlier token of the session.
func TestSignOutRevokes(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b := h.script().enter()
		atSignIn := b.clone()
		h.clock.turn(time.Hour)
		b.session()
		renewed, other := b.clone(), h.script().enter()
		r := b.post("signout", "callbackUrl", "/bye").is(200)
		if r.leads() != external+"/bye" || b.session() != nil {
			t.Errorf("leads to %q", r.leads())
		}
		for name, copied := range map[string]*browser{"token of the sign-in": atSignIn, "renewed token": renewed} {
			if copied.session() != nil {
				t.Errorf("the %s lives on", name)
			}
			if got := get(h.Require(page("secret")), copied, "/x"); got.StatusCode == 200 {
				t.Errorf("Require lets the %s in", name)
			}
		}
		if other.session() == nil {
			t.Error("another session of the same person ended, too")
		}
		b.post("signout").is(200) // signing out twice is no fault
	})
}

func TestRecheck(t *testing.T) {
	changed := jsmith()
	changed.Name, changed.Email, changed.Groups = "J Jones", "", []string{"board"}
	rows := []struct {
		name string
		user *ostiary.User
		err  error
		want string // the name in the session, "" when it ended
	}{
		{"still there", jsmith(), nil, "J Smith"},
		{"changed name", changed, nil, "J Jones"},
		{"gone", nil, nil, ""},
		{"IDN-3 another id", &ostiary.User{ID: "43", Name: "K"}, nil, ""},
		{"refused", nil, &ostiary.Refusal{Code: "disabled"}, ""},
		{"I3 not to be had", nil, errors.New("down"), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
				asked := 0
				h := open(t, wire, func(c *ostiary.Config) {
					c.Session.Recheck = time.Hour
					c.Providers[0].Lookup = func(_ context.Context, id string) (*ostiary.User, error) {
						asked++
						if id != "42" {
							t.Errorf("asked for %q", id)
						}
						return row.user, row.err
					}
				})
				b := h.script().enter()
				h.clock.turn(time.Hour - time.Second)
				if b.session() == nil || asked != 0 {
					t.Errorf("asked %d times before its time", asked)
				}
				h.clock.turn(time.Second)
				copied := b.clone()
				view := b.session()
				got := ""
				if view != nil {
					got, _ = view["user"].(map[string]any)["name"].(string)
				}
				if got != row.want || asked != 1 {
					t.Errorf("SES-3 name %q, want %q; asked %d times", got, row.want, asked)
				}
				if row.want == "" {
					if copied.session() != nil {
						t.Error("a copy of the cookie lives on")
					}
					if row.err == nil && h.Session(request(copied)) != nil {
						t.Error("a copy of the cookie still opens")
					}
					return
				}
				b.session()
				if asked != 1 {
					t.Error("asked again at once")
				}
				if token := b.token(); token.CheckedAt != h.clock.now().Unix() || token.AuthTime != dayOne.Unix() {
					t.Errorf("token %+v", token)
				}
			})
		})
	}
}

// TestRotation is JWE-9: a new secret in front signs nobody out, and a secret
// that is gone opens nothing.
func TestRotation(t *testing.T) {
	secrets := func(list ...string) func(*ostiary.Config) {
		return func(c *ostiary.Config) { c.Secrets = list }
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		before, both, after := open(t, wire, secrets(secretA)), open(t, wire, secrets(secretB, secretA)), open(t, wire, secrets(secretB))
		b := before.script().enter()
		kept := b.clone()
		move := func(b *browser, h *house) { b.h, b.handler = h, h }
		move(b, both)
		if b.session() == nil {
			t.Fatal("signed out by a new secret")
		}
		back := b.clone()
		move(back, before)
		if back.session() != nil {
			t.Error("the renewed token is not sealed with the new secret")
		}
		move(b, after)
		if b.session() == nil {
			t.Error("signed out although renewed under the new secret")
		}
		move(kept, after)
		if kept.session() != nil {
			t.Error("the removed secret still opens")
		}
		// Two replicas in any order, and a step begun on the one ends on the other.
		stepBefore, _ := openSMS(t, wire)
		stepBoth, _ := openSMS(t, wire, secrets(secretB, secretA))
		s := stepBefore.script()
		s.login()
		move(s, stepBoth)
		if stepBefore.v5 {
			return // v5 hashes the whole list into the CSRF pair (contract, section 6)
		}
		if r := s.post("callback/credentials", "code", "111"); !r.sets(stepBoth) {
			t.Errorf("the step does not go on: %s", r.body)
		}
	})
}

// TestAlsoAccept moves from one format to the other without signing anybody out.
func TestAlsoAccept(t *testing.T) {
	old := open(t)
	both := open(t, wireV5, func(c *ostiary.Config) { c.Session.AlsoAccept = []session.Format{session.NextAuthV4, session.AuthJSV5} })
	strict := open(t, wireV5)
	b := old.script().enter()
	b.h, b.handler = strict, strict
	if b.session() != nil {
		t.Error("the other format opens unasked")
	}
	b = old.script().enter()
	b.h, b.handler = both, both
	r := b.get("session")
	if both.sessionOf(r) == nil || !r.sets(both) {
		t.Fatal("the other format does not open, or is not renewed in ours")
	}
	if c := r.cookie(old.cookieName("session")); c == nil || c.MaxAge >= 0 {
		t.Error("COO-5 the old cookie stays")
	}
	if b.session() == nil {
		t.Error("signed out after the change")
	}
	copied := b.clone()
	b.post("signout")
	if copied.session() != nil {
		t.Error("SES-6 a copy lives on")
	}
}

func TestBearer(t *testing.T) {
	for _, accept := range []bool{false, true} {
		bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
			h := open(t, wire, func(c *ostiary.Config) { c.Session.AcceptBearer = accept })
			token := h.script().enter().jar[h.cookieName("session")].Value
			ask := func(headers ...string) bool {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				for i := 0; i+1 < len(headers); i += 2 {
					r.Header.Add(headers[i], headers[i+1])
				}
				return h.Session(r) != nil
			}
			if got := ask("Authorization", "Bearer "+token); got != accept {
				t.Errorf("SES-9 bearer %v, want %v", got, accept)
			}
			if got := ask("Authorization", "Bearer "+strings.ReplaceAll(token, ".", "%2E")); got != accept {
				t.Errorf("percent-encoded bearer %v, want %v", got, accept)
			}
			for name, headers := range map[string][]string{
				"other scheme":                  {"Authorization", "bearer " + token},
				"two":                           {"Authorization", "Bearer " + token, "Authorization", "Bearer " + token},
				"damaged escape":                {"Authorization", "Bearer %zz" + token},
				"a bad cookie beside it":        {"Authorization", "Bearer " + token, "Cookie", h.cookieName("session") + "=bad"},
				"nothing":                       {"Authorization", "Bearer "},
				"altered":                       {"Authorization", "Bearer " + token + "A"},
				"COO-2 unprefixed cookie names": {"Cookie", strings.TrimPrefix(h.cookieName("session"), "__Secure-") + "=" + token},
			} {
				if ask(headers...) {
					t.Errorf("%s: a session", name)
				}
			}
		})
	}
}

// TestUpdate is update() of the clients: only the JWT callback sees the data,
// and nothing of it reaches the token by itself (SES-7).
func TestUpdate(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		mass := map[string]any{"name": "Mallory", "sub": "1", "user": map[string]any{"name": "Mallory"}, "amr": []string{"otp"}}
		t.Run("without a callback nothing changes", func(t *testing.T) {
			h := open(t, wire)
			b := h.script().enter()
			before := b.token()
			r := b.postJSON("session", map[string]any{"data": mass})
			view := h.sessionOf(r)
			if view["user"].(map[string]any)["name"] != "J Smith" || b.token().Subject != before.Subject || b.token().Extra.Len() != 0 {
				t.Errorf("view %v token %+v", view, b.token())
			}
		})
		t.Run("with one", func(t *testing.T) {
			h := open(t, wire, func(c *ostiary.Config) {
				c.Callbacks.JWT = func(_ context.Context, j *ostiary.JWT) error {
					if j.Trigger == "update" {
						if string(j.Update) == "" || j.User != nil {
							t.Errorf("update %q user %v", j.Update, j.User)
						}
						j.Token.Name = session.String("New Name")
						j.Token.Subject, j.Token.Methods, j.Token.AuthTime = "1", []string{"otp"}, 1 // SES-10
					}
					return nil
				}
			})
			b := h.script().enter()
			r := b.postJSON("session", map[string]any{"data": mass})
			if h.sessionOf(r)["user"].(map[string]any)["name"] != "New Name" {
				t.Errorf("view %s", r.body)
			}
			if token := b.token(); token.Subject != "42" || token.Methods[0] != "pwd" || token.AuthTime != dayOne.Unix() {
				t.Errorf("SES-10 token %+v", token)
			}
		})
		t.Run("CSR-5 without the pair", func(t *testing.T) {
			h := open(t, wire)
			b := h.script().enter()
			b.send(b.form("session", "csrfToken", "wrong")).is(http.StatusBadRequest)
			b.send(b.form("session")).is(http.StatusBadRequest)
			if b.session() == nil {
				t.Error("signed out by a forged update")
			}
		})
		t.Run("signed out", func(t *testing.T) {
			h := open(t, wire)
			if h.sessionOf(h.script().postJSON("session", nil)) != nil {
				t.Error("a session from nothing")
			}
		})
	})
}

// TestForeignSession reads a session that another program made with the same
// secret, and gives it a beginning.
func TestForeignSession(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, lives(10*day, 30*day))
		c := session.Config{Secrets: []string{secretA}, Secure: true}
		if h.v5 {
			c.Format = session.AuthJSV5
		}
		codec, err := session.New(c)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := codec.Seal(&session.Token{
			Subject: "9", Name: session.String("Elsewhere"), ID: "made-elsewhere", IssuedAt: dayOne.Unix(), Expires: dayOne.Add(day).Unix(),
		})
		if err != nil {
			t.Fatal(err)
		}
		b := h.script()
		b.jar[h.cookieName("session")] = &http.Cookie{Value: sealed}
		copied := b.clone()
		if view := b.session(); view["user"].(map[string]any)["name"] != "Elsewhere" {
			t.Fatalf("view %v", view)
		}
		if token := b.token(); token.SessionID != "made-elsewhere" || token.Started != dayOne.Unix() || token.AuthTime != 0 {
			t.Errorf("token %+v", token)
		}
		if found := h.Session(request(b)); !found.AuthTime.IsZero() || found.Account.Realm != "" {
			t.Errorf("found %+v", found)
		}
		b.post("signout")
		if copied.session() != nil {
			t.Error("SES-6 the first token lives on")
		}
	})
}
