package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/session"
)

// job is one call of the real encode, decode or getToken (clients/tokens.mjs).
type job struct {
	Generation string         `json:"generation"`
	Call       string         `json:"call"`
	Secret     any            `json:"secret"` // text, or in v5 a list
	Salt       string         `json:"salt,omitempty"`
	Token      string         `json:"token,omitempty"`
	Claims     map[string]any `json:"claims,omitempty"`
	MaxAge     int            `json:"maxAge,omitempty"`
	Cookie     string         `json:"cookie,omitempty"`
	CookieName string         `json:"cookieName,omitempty"`
	Secure     bool           `json:"secure,omitempty"`
}

// realPackages runs the jobs in Node.
func realPackages(t *testing.T, jobs ...job) []json.RawMessage {
	t.Helper()
	need(t, "clients")
	input, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), need(t, "node"), "clients/tokens.mjs")
	cmd.Stdin = strings.NewReader(string(input))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []json.RawMessage
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(jobs) {
		t.Fatalf("%v, %d answers to %d jobs\n%s", err, len(answers), len(jobs), out)
	}
	return answers
}

// saltOf is what keys a token of the generation, beside the secret.
func saltOf(generation, cookieName string) string {
	if generation == "v5" {
		return cookieName
	}
	return ""
}

// TestRealPackagesReadOurCookies signs in by hand and has getToken of the real
// packages read the cookies (JWE-12): whole and in chunks, plain and secure.
func TestRealPackagesReadOurCookies(t *testing.T) {
	for generation, wire := range generations {
		for _, row := range []struct {
			name, username, sub string
			secure, chunked     bool
		}{
			{"JWE-12 one cookie", "ada", "42", false, false},
			{"JWE-12 chunks", "big", "44", false, true},
			{"JWE-12 secure names", "ada", "42", true, false},
			{"JWE-12 secure chunks", "big", "44", true, true},
		} {
			t.Run(generation+" "+row.name, func(t *testing.T) {
				s := open(t, wire)
				if row.secure {
					s = openTLS(t, wire)
				}
				cookie := s.cookiesOf(t, row.username, "correct horse")
				name := wire.CookieName(row.secure)
				if got := strings.Contains(cookie, name+".0="); got != row.chunked {
					t.Errorf("in chunks: %v, want %v", got, row.chunked)
				}
				answers := realPackages(
					t,
					job{Generation: generation, Call: "getToken", Secret: secret, Cookie: cookie, Secure: row.secure, CookieName: name, Salt: name},
					job{Generation: generation, Call: "getToken", Secret: "another secret of more than thirty-two bytes", Cookie: cookie, Secure: row.secure, CookieName: name, Salt: name},
				)
				var claims struct {
					Sub, Name, Ballast string
					Exp, Iat           int64
					Jti                string
				}
				if err := json.Unmarshal(answers[0], &claims); err != nil {
					t.Fatalf("%v: %s", err, answers[0])
				}
				if claims.Sub != row.sub || claims.Jti == "" || claims.Exp <= claims.Iat || (row.chunked && len(claims.Ballast) != 7200) {
					t.Errorf("getToken read %.300s", answers[0])
				}
				if got := string(answers[1]); got != "null" && !strings.Contains(got, "thrown") {
					t.Errorf("with another secret getToken read %.300s", got)
				}
			})
		}
	}
}

// cookiesOf signs in as a program does and returns the Cookie header that a
// browser would send next.
func (s *site) cookiesOf(t *testing.T, username, password string) string {
	t.Helper()
	b := openTab(t)
	b.visit(s.origin + signInPage)
	b.signIn(username, password)
	var pairs []string
	for _, c := range b.cookies(s.origin) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

// TestWeReadRealTokens opens what the real encode made (JWE-12), alone and as
// cookies, with the secret that made it first or second in the list.
func TestWeReadRealTokens(t *testing.T) {
	claims := map[string]any{"sub": "42", "name": "Ada Lovelace", "email": "ada@example.test", "picture": nil, "role": "editor", "nested": map[string]any{"list": []int{1, 2, 3}}}
	big := map[string]any{"sub": "44", "name": "Ünïcödé 名前", "ballast": strings.Repeat("ballast ", 900)}
	for generation, wire := range generations {
		for _, secure := range []bool{false, true} {
			name := wire.CookieName(secure)
			salt := saltOf(generation, name)
			answers := realPackages(
				t,
				job{Generation: generation, Call: "encode", Secret: secret, Salt: salt, Claims: claims, MaxAge: 3600},
				job{Generation: generation, Call: "encode", Secret: secret, Salt: salt, Claims: big, MaxAge: 3600},
			)
			for i, want := range []map[string]any{claims, big} {
				var sealed string
				if err := json.Unmarshal(answers[i], &sealed); err != nil {
					t.Fatalf("%s: %v: %s", generation, err, answers[i])
				}
				for _, secrets := range [][]string{{secret}, {"the newer secret, of more than thirty-two bytes 9f", secret}} {
					token := readCookies(t, wire, secrets, secure, name, sealed)
					if token == nil {
						continue
					}
					if got, _ := json.Marshal(token.Claims()["name"]); string(got) != string(mustJSON(t, want["name"])) || token.Subject != want["sub"] {
						t.Errorf("%s: read sub %q, name %s; want %v, %v", name, token.Subject, got, want["sub"], want["name"])
					}
				}
			}
		}
	}
}

// readCookies puts a token into cookies as the real packages do, in pieces if
// it is long, and reads it with a session.Reader.
func readCookies(t *testing.T, wire session.Format, secrets []string, secure bool, name, sealed string) *session.Token {
	t.Helper()
	reader, err := session.NewReader(session.ReaderConfig{Format: wire, Secrets: secrets, Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range pieces(wire, name, sealed) {
		r.AddCookie(c)
	}
	token, err := reader.Read(r)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return token
}

// pieces cuts a token into cookies like the real packages (contract, section 6).
func pieces(wire session.Format, name, sealed string) []*http.Cookie {
	most := map[session.Format]int{session.NextAuthV4: 3933, session.AuthJSV5: 3936}[wire]
	if len(sealed) <= most {
		return []*http.Cookie{{Name: name, Value: sealed}}
	}
	var list []*http.Cookie
	for part := range slices.Chunk([]byte(sealed), most) {
		list = append(list, &http.Cookie{Name: fmt.Sprintf("%s.%d", name, len(list)), Value: string(part)})
	}
	return list
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestRotation has a token of the first secret read by both after a new one is
// put in front, and by none after the old one is gone (JWE-9), in v5, whose real
// package takes a list, too.
func TestRotation(t *testing.T) {
	const newer = "the newer secret, of more than thirty-two bytes 9f"
	name := session.AuthJSV5.CookieName(false)
	codec, err := session.New(session.Config{Format: session.AuthJSV5, Secrets: []string{newer, secret}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	sealed, err := codec.Seal(&session.Token{Subject: "42", IssuedAt: now.Unix(), Expires: now.Add(time.Hour).Unix(), ID: session.NewID()})
	if err != nil {
		t.Fatal(err)
	}
	answers := realPackages(
		t,
		job{Generation: "v5", Call: "decode", Secret: []string{secret, newer}, Salt: name, Token: sealed},
		job{Generation: "v5", Call: "decode", Secret: []string{secret}, Salt: name, Token: sealed},
	)
	if !strings.Contains(string(answers[0]), `"sub":"42"`) {
		t.Errorf("JWE-9: the real package does not find the key: %s", answers[0])
	}
	if !strings.Contains(string(answers[1]), "thrown") {
		t.Errorf("JWE-9: read without the secret that sealed it: %s", answers[1])
	}
}
