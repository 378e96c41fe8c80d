package session_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary/session"
)

const (
	secretA = "kTz0pX4cVbQm9sWfJ2hLr7YdGu5eNa1oRi8x-A"
	secretB = "Zq3vT8nJw6RkYb1fHs0mXc9dLg5pUe2aVi7o-B"
	secretC = "m4Qx7cPz1LrVt9Jw2NbKs8HfYd3gXa6uEo5i-C"
)

var (
	start   = time.Unix(1768478400, 0)
	formats = []session.Format{session.NextAuthV4, session.AuthJSV5}
)

func newCodec(t testing.TB, c session.Config) *session.Codec {
	t.Helper()
	if c.Secrets == nil {
		c.Secrets = []string{secretA}
	}
	codec, err := session.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// full is a token with every claim that there is.
func full() *session.Token {
	return &session.Token{
		Subject: "42", Name: session.String("Grete \"M\u00fc\u00dfig\"\\ \U0001f98a\n\t\r\x00\u2028"), Email: session.String("grete@example.test"),
		Picture: session.Null(), ID: session.NewID(), IssuedAt: start.Unix(), NotBefore: start.Unix(), Expires: start.Unix() + 3600,
		SessionID: "s-1", Realm: "acme", Provider: "credentials", AuthTime: start.Unix(), Started: start.Unix() - 5,
		MaxAge: 600, CheckedAt: start.Unix(), Transient: true, Methods: []string{"pwd", "otp"}, Groups: []string{"a b", "c,\"d\""},
		Extra: extras("role", `"admin"`, "deep", `{"a":[1,2.5e-3,{"b":null}],"c":true}`, "", `0`, "aud", `["x"]`),
	}
}

// extras are claims: name, JSON, name, JSON.
func extras(pairs ...string) (e session.Extra) {
	for i := 0; i < len(pairs); i += 2 {
		e.Set(pairs[i], json.RawMessage(pairs[i+1]))
	}
	return e
}

func TestSealAndOpen(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		for name, want := range map[string]*session.Token{
			"every claim": full(),
			"two claims":  {Subject: "1", Expires: start.Unix() + 60},
			"odd types":   {Subject: "1", Expires: start.Unix() + 60, Extra: extras("name", `7`, "groups", `[{"id":1}]`)},
		} {
			t.Run(string(format)+" "+name, func(t *testing.T) {
				sealed, err := codec.Seal(want)
				if err != nil {
					t.Fatal(err)
				}
				got, err := codec.Open(sealed, start)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
				again, _ := codec.Seal(want)
				if sealed == again {
					t.Error("JWE-5: sealed twice alike")
				}
			})
		}
	}
}

func TestSealRefuses(t *testing.T) {
	codec := newCodec(t, session.Config{})
	for name, change := range map[string]func(*session.Token){
		"JWE-7 no exp":                 func(t *session.Token) { t.Expires = 0 },
		"JWE-7 no sub":                 func(t *session.Token) { t.Subject = "" },
		"JWE-7 negative time":          func(t *session.Token) { t.AuthTime = -1 },
		"JWE-8 bytes that aren't text": func(t *session.Token) { t.Name = session.String("M\xfcller") },
		"JWE-8 faulty extra":           func(t *session.Token) { t.Extra.Set("a", json.RawMessage(`{"b":1,"b":2}`)) },
		"JWE-8 extra breaks out":       func(t *session.Token) { t.Extra.Set("a", json.RawMessage(`1,"sub":"2"`)) },
		"JWE-8 extra breaks out whole": func(t *session.Token) { t.Extra.Set("a", json.RawMessage(`1},{"b":2`)) },
		"JWE-8 empty extra":            func(t *session.Token) { t.Extra.Set("a", nil) },
		"JWE-8 too deep": func(t *session.Token) {
			t.Extra.Set("a", json.RawMessage(strings.Repeat("[", 32)+strings.Repeat("]", 32)))
		},
		"SES-10 reserved extra":      func(t *session.Token) { t.Extra.Set("sid", json.RawMessage(`"x"`)) },
		"SES-10 extra beside field":  func(t *session.Token) { t.Extra.Set("name", json.RawMessage(`"x"`)) },
		"COO-5 larger than can open": func(t *session.Token) { t.Name = session.String(strings.Repeat("x", 30000)) },
	} {
		t.Run(name, func(t *testing.T) {
			token := full()
			change(token)
			if sealed, err := codec.Seal(token); err == nil {
				t.Errorf("sealed %d characters", len(sealed))
			}
		})
	}
}

func TestRotation(t *testing.T) {
	for _, format := range formats {
		sealed := func(secrets ...string) string {
			s, err := newCodec(t, session.Config{Secrets: secrets, Format: format}).Seal(full())
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		opens := func(token string, secrets ...string) bool {
			_, err := newCodec(t, session.Config{Secrets: secrets, Format: format}).Open(token, start)
			if err != nil && !errors.Is(err, session.ErrInvalid) {
				t.Errorf("got %v", err)
			}
			return err == nil
		}
		for _, row := range []struct {
			name  string
			token string
			with  []string
			want  bool
		}{
			{"JWE-9 the first seals", sealed(secretA, secretB), []string{secretA}, true},
			{"JWE-9 the second doesn't seal", sealed(secretA, secretB), []string{secretB}, false},
			{"JWE-9 all open", sealed(secretB), []string{secretA, secretC, secretB}, true},
			{"JWE-9 a removed secret stops", sealed(secretB), []string{secretA, secretC}, false},
		} {
			t.Run(string(format)+" "+row.name, func(t *testing.T) {
				if got := opens(row.token, row.with...); got != row.want {
					t.Errorf("got %v, want %v", got, row.want)
				}
			})
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format, Secrets: []string{secretA, secretB}})
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for i := range 50 {
					want := strings.Repeat("x", worker*50+i+1)
					sealed, err := codec.Seal(&session.Token{Subject: want, Expires: start.Unix() + 60})
					if err != nil {
						t.Error(err)
						return
					}
					if got, err := codec.Open(sealed, start); err != nil || got.Subject != want {
						t.Errorf("JWE-11: got %+v, %v, want %q", got, err, want)
						return
					}
				}
			})
		}
		group.Wait()
	}
}

func TestNewID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 200 {
		id := session.NewID()
		if !form.MatchString(id) || seen[id] {
			t.Errorf("got %q", id)
		}
		seen[id] = true
	}
}

func TestFormat(t *testing.T) {
	for format, want := range map[session.Format]bool{session.NextAuthV4: true, session.AuthJSV5: true, "": false, "next-auth-v5": false} {
		if format.Valid() != want {
			t.Errorf("%q: got %v", format, !want)
		}
	}
	if got := session.Format("").CookieName(true); got != "__Secure-next-auth.session-token" {
		t.Errorf("zero: got %q", got)
	}
}

// TestAppendSeal: what was in the buffer stays, also when nothing can be added.
func TestAppendSeal(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		got, err := codec.AppendSeal([]byte("cookie="), full())
		token, found := strings.CutPrefix(string(got), "cookie=")
		if err != nil || !found {
			t.Fatalf("%s: %q, %v", format, got, err)
		}
		if opened, err := codec.Open(token, start); err != nil || opened.Subject != "42" {
			t.Errorf("%s: %v, %v", format, opened, err)
		}
		if got, err = codec.AppendSeal([]byte("cookie="), &session.Token{}); err == nil || string(got) != "cookie=" {
			t.Errorf("%s: a token without a subject: %q, %v", format, got, err)
		}
	}
}
