package ostiary_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/session"
)

// TestCallbackOrder is the contract's section 5: which callback and event comes
// when, and with what.
func TestCallbackOrder(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		var heard []string
		say := func(what string) { heard = append(heard, what) }
		h := open(t, wire, func(c *ostiary.Config) {
			c.Callbacks = ostiary.Callbacks{
				SignIn: func(_ context.Context, s ostiary.SignIn) (string, error) {
					say("signIn " + s.User.ID + " " + s.Provider + " " + s.Account.Realm + " " + s.Credentials.Get("username"))
					return "", nil
				},
				JWT: func(_ context.Context, j *ostiary.JWT) error {
					who := ""
					if j.User != nil {
						who = j.User.ID
					}
					say(strings.Join([]string{"jwt", j.Trigger, who, j.Account.UserID, string(j.Update)}, "|"))
					return nil
				},
				Session: func(_ context.Context, v *ostiary.View, t *session.Token) error {
					say("session " + t.Subject)
					v.Extra = map[string]any{"extra": true}
					return nil
				},
				Redirect: func(_ context.Context, target, base string) string { say("redirect " + target); return base + target },
			}
			c.Events = ostiary.Events{
				SignIn: func(_ context.Context, s ostiary.SignIn) {
					say("event signIn " + s.User.ID)
					if s.Credentials != nil {
						t.Error("the event got the credentials")
					}
				},
				SignOut: func(_ context.Context, t *session.Token) { say("event signOut " + t.Subject) },
				Session: func(_ context.Context, v *ostiary.View, _ *session.Token) { say("event session") },
				Refused: func(_ context.Context, r ostiary.Refused) {
					say("event refused " + r.Provider + " " + r.Code + " " + r.Addr.String())
				},
			}
		})
		b := h.script()
		token := b.csrf()
		expect := func(want ...string) {
			t.Helper()
			if !slices.Equal(heard, want) {
				t.Errorf("heard %q, want %q", heard, want)
			}
			heard = nil
		}
		b.send(b.form("callback/credentials", "csrfToken", token, "username", "jsmith", "password", jsmiths, "callbackUrl", "/x"))
		expect("redirect /x", "signIn 42 credentials credentials jsmith", "jwt|signIn|42|42|", "event signIn 42")
		if view := b.session(); view["extra"] != true {
			t.Errorf("view %v", view)
		}
		heard = slices.DeleteFunc(heard, func(s string) bool { return strings.HasPrefix(s, "redirect ") }) // the cookie's
		expect("jwt||||", "session 42", "event session")
		b.postJSON("session", map[string]any{"data": map[string]any{"a": 1}})
		heard = slices.DeleteFunc(heard, func(s string) bool { return strings.HasPrefix(s, "redirect ") })
		expect(`jwt|update|||{"a":1}`, "session 42", "event session")
		b.send(b.form("signout", "csrfToken", token, "callbackUrl", "/y"))
		expect("redirect /y", "event signOut 42")
		b.send(b.form("callback/credentials", "csrfToken", token, "username", "jsmith", "password", "wrong", "callbackUrl", "/x"))
		expect("redirect /x", "event refused credentials credentials 192.0.2.1")
		b.send(b.form("signout", "csrfToken", token, "callbackUrl", "/y"))
		expect("redirect /y") // nobody was signed in
	})
}

func TestSignInCallback(t *testing.T) {
	rows := []struct {
		name     string
		redirect string
		err      error
		status   int
		v4, v5   string
		code     string
	}{
		{"denied", "", ostiary.ErrAccessDenied, 403, "/error?error=AccessDenied", "/error?error=AccessDenied", "access_denied"},
		{"I3 any error", "", errors.New("canary text"), 403, "/error?error=AccessDenied", "/error?error=AccessDenied", "access_denied"},
		{
			"a Refusal", "", &ostiary.Refusal{Code: "not_yet", Sentence: "Not before May."}, 401,
			"/error?error=Not%20before%20May.&code=not_yet", "/signin?error=CredentialsSignin&code=not_yet", "not_yet",
		},
		{
			"a Refusal with a time", "", &ostiary.Refusal{Code: "wait", RetryAfter: 9e9}, 429,
			"/error?error=wait&code=wait", "/signin?error=CredentialsSignin&code=wait", "wait",
		},
		{"elsewhere", "/terms", nil, 200, external + "/terms", external + "/terms", ""},
		{"RED-1 a foreign address", "https://evil.example/x", nil, 200, external, external, ""},
		{"an error wins over an address", "/terms", ostiary.ErrAccessDenied, 403, "/error?error=AccessDenied", "/error?error=AccessDenied", "access_denied"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
				h := open(t, wire, func(c *ostiary.Config) {
					c.Callbacks.SignIn = func(context.Context, ostiary.SignIn) (string, error) { return row.redirect, row.err }
				})
				b := meet(h)
				r := b.login()
				at := row.v4
				if h.v5 {
					at = row.v5
				}
				if strings.HasPrefix(at, "/") {
					at = h.base + at
				}
				if r.leads() != at || r.sets(h) || b.session() != nil {
					t.Errorf("leads to %q, want %q; session %v", r.leads(), at, r.sets(h))
				}
				if !b.json {
					if row.status == 403 {
						b.follow(r).is(403).hides("canary text")
					}
					return
				}
				if s := r.is(row.status).said(); s.Code != row.code || strings.Contains(r.body, "canary") {
					t.Errorf("said %s", r.body)
				}
			})
		})
	}
}

func TestJWTCallback(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		jwt := func(f func(*ostiary.JWT) error) func(*ostiary.Config) {
			return func(c *ostiary.Config) {
				c.Callbacks.JWT = func(_ context.Context, j *ostiary.JWT) error { return f(j) }
			}
		}
		t.Run("claims", func(t *testing.T) {
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				j.Token.Email = session.Text{}
				return j.Token.Set("role", "admin")
			}))
			b := h.script().enter()
			if token := b.token(); string(token.Extra.Get("role")) != `"admin"` || token.Email.Present() {
				t.Errorf("token %+v", token)
			}
		})
		t.Run("SES-10 facts are put back", func(t *testing.T) {
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				*j.Token = session.Token{Subject: "1", SessionID: "mine", Realm: "other", Started: 1, AuthTime: 1, Methods: []string{"hwk"}, Groups: []string{"admins"}, Expires: 1 << 40}
				return nil
			}))
			token := h.script().enter().token()
			if token.Subject != "42" || token.SessionID == "mine" || token.Realm != "credentials" || token.Started != dayOne.Unix() ||
				token.AuthTime != dayOne.Unix() || token.Methods[0] != "pwd" || token.Groups[0] != "staff" || token.Expires != dayOne.Add(30*day).Unix() {
				t.Errorf("token %+v", token)
			}
		})
		t.Run("SES-10 a reserved claim", func(t *testing.T) {
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				j.Token.Extra.Set("amr", json.RawMessage(`["otp"]`))
				return nil
			}))
			if h.script().login().is(503).sets(h) {
				t.Error("signed in")
			}
		})
		t.Run("a claim that is not JSON", func(t *testing.T) {
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				j.Token.Extra.Set("x", json.RawMessage(`{"broken`))
				return nil
			}))
			if h.script().login().is(503).sets(h) {
				t.Error("signed in")
			}
		})
		t.Run("end of session at sign-in", func(t *testing.T) {
			h := open(t, wire, jwt(func(j *ostiary.JWT) error { return ostiary.ErrEndSession }))
			b := h.script()
			if r := b.login("callbackUrl", "/x").is(200); r.sets(h) || r.leads() != external+"/x" {
				t.Errorf("leads to %q, session %v", r.leads(), r.sets(h))
			}
			if b.session() != nil {
				t.Error("a session")
			}
		})
		t.Run("end of session later", func(t *testing.T) {
			over := false
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				if over {
					return ostiary.ErrEndSession
				}
				return nil
			}))
			b := h.script().enter()
			copied := b.clone()
			over = true
			r := b.get("session")
			if h.sessionOf(r) != nil {
				t.Error("a session")
			}
			if c := r.cookie(h.cookieName("session")); c == nil || c.MaxAge >= 0 {
				t.Error("the cookie stays")
			}
			if h.Session(request(copied)) != nil {
				t.Error("SES-6 a copy of the cookie still opens")
			}
		})
		t.Run("I3 an error later", func(t *testing.T) {
			var fault error
			h := open(t, wire, jwt(func(*ostiary.JWT) error { return fault }))
			b := h.script().enter()
			fault = errors.New("canary text")
			r := b.get("session")
			if h.sessionOf(r.is(503)) != nil || !strings.Contains(h.log.String(), "canary text") {
				t.Error("a session, or no line in the log")
			}
			if fault = nil; b.session() == nil {
				t.Error("signed out for a passing fault")
			}
		})
		t.Run("SES-1 the old session outlives a sign-in that fails", func(t *testing.T) {
			var fault error
			h := open(t, wire, jwt(func(j *ostiary.JWT) error {
				if j.Trigger == "signIn" {
					return fault
				}
				return nil
			}))
			b := h.script().enter()
			fault = errors.New("no")
			b.login().is(503)
			if b.session() == nil {
				t.Error("signed out")
			}
		})
	})
}

func TestSessionCallback(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		var change func(*ostiary.View) error
		h := open(t, wire, func(c *ostiary.Config) {
			c.Callbacks.Session = func(_ context.Context, v *ostiary.View, _ *session.Token) error { return change(v) }
		})
		b := h.script().enter()
		change = func(v *ostiary.View) error {
			delete(v.User, "email")
			v.User["role"] = "admin"
			v.Extra = map[string]any{"token": "t", "user": "overwritten"}
			return nil
		}
		if got, want := b.get("session").body, `{"expires":"2026-03-31T09:00:00.000Z","token":"t","user":{"name":"J Smith","role":"admin"}}`; got != want {
			t.Errorf("session %s, want %s", got, want)
		}
		change = func(v *ostiary.View) error { v.User["f"] = func() {}; return nil }
		if r := b.get("session"); r.StatusCode != 503 || strings.Contains(r.body, "J Smith") {
			t.Errorf("what JSON has no word for: %d %s", r.StatusCode, r.body)
		}
	})
}

func TestSessionCallbackFails(t *testing.T) {
	h := open(t, func(c *ostiary.Config) {
		c.Callbacks.Session = func(context.Context, *ostiary.View, *session.Token) error { return errors.New("canary text") }
	})
	b := h.script().enter()
	r := b.get("session")
	if h.sessionOf(r) != nil || !strings.Contains(h.log.String(), "canary text") {
		t.Error("I3 a session, or no line in the log")
	}
}

// TestRedirectCallback holds what may come out of it.
func TestRedirectCallback(t *testing.T) {
	rows := []struct{ says, want string }{
		{"/own", external + "/own"},
		{"https://elsewhere.example/a?b=c", "https://elsewhere.example/a?b=c"}, // the callback's own decision
		{"http://elsewhere.example", "http://elsewhere.example"},
		{"javascript:alert(1)", external},
		{"data:text/html,x", external},
		{"//evil.example", external},
		{`/\evil.example`, external},
		{"https://user:pw@elsewhere.example/", external},
		{"https:///x", external},
		{"", external},
		{"relative", external},
		{"https://a.example/\r\nSet-Cookie: x=y", external},
	}
	for _, row := range rows {
		t.Run("RED-2 "+row.says, func(t *testing.T) {
			bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
				h := open(t, wire, func(c *ostiary.Config) {
					c.Callbacks.Redirect = func(_ context.Context, target, base string) string {
						if base != external {
							t.Errorf("base %q", base)
						}
						return row.says
					}
				})
				r := h.browser().login("callbackUrl", "/asked").is(http.StatusFound)
				if r.leads() != row.want {
					t.Errorf("leads to %q, want %q", r.leads(), row.want)
				}
			})
		})
	}
}
