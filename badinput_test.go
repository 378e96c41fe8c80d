package ostiary_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
)

// badBodies are bodies that can't be read, or not as credentials. {token} stands
// for a good CSRF token: none of them fails for want of one.
var badBodies = []struct {
	name, kind, body string
	status           int // of the JSON answer, 0 for any below 500
}{
	{"oversized form", "form", "csrfToken={token}&username=" + strings.Repeat("x", 65<<10), 413},
	{"oversized JSON", "json", `{"csrfToken":"{token}","username":"` + strings.Repeat("x", 65<<10) + `"}`, 413},
	{"PAG-8 field too long", "form", "csrfToken={token}&password=x&username=" + strings.Repeat("x", 2000), 400},
	{"129 fields", "form", "csrfToken={token}" + strings.Repeat("&a=b", 129), 400},
	{"129 fields of many names", "form", "csrfToken={token}" + many("&f%d=x", 129), 400},
	{"129 members", "json", `{"csrfToken":"{token}"` + many(`,"f%d":"x"`, 129) + "}", 400},
	{"PAG-8 undeclared", "form", "csrfToken={token}&username=jsmith&password=open+sesame&admin=true", 400},
	{"PAG-8 undeclared, in JSON", "json", `{"csrfToken":"{token}","username":"jsmith","password":"open sesame","admin":true}`, 400},
	{"CSR-9 repeated", "form", "csrfToken={token}&username=jsmith&username=ada&password=open+sesame", 400},
	{"CSR-9 repeated in JSON", "json", `{"csrfToken":"{token}","username":"jsmith","username":"ada","password":"open sesame"}`, 400},
	{"CSR-9 repeated token in JSON", "json", `{"csrfToken":"{token}","csrfToken":"x","username":"jsmith","password":"open sesame"}`, 400},
	{"CSR-9 a list", "json", `{"csrfToken":"{token}","username":["jsmith"],"password":"open sesame"}`, 400},
	{"an object", "json", `{"csrfToken":"{token}","username":{"$ne":""},"password":{"$gt":""}}`, 400},
	{"damaged escape", "form", "csrfToken={token}&username=%zz&password=open+sesame", 400},
	{"truncated escape", "form", "csrfToken={token}&username=jsmith&password=open%", 400},
	{"semicolons", "form", "csrfToken={token};username=jsmith;password=open+sesame", 0},
	{"not UTF-8", "form", "csrfToken={token}&username=%ff%fe&password=open+sesame", 400},
	{"not UTF-8, in JSON", "json", "{\"csrfToken\":\"{token}\",\"username\":\"\xff\",\"password\":\"open sesame\"}", 400},
	{"lone surrogate", "json", `{"csrfToken":"{token}","username":"\ud800","password":"open sesame"}`, 0},
	{"NUL in the name", "form", "csrfToken={token}&username=jsmith%00&password=open+sesame", 400},
	{"NUL in the password", "form", "csrfToken={token}&username=jsmith&password=open%00sesame", 0},
	{"line break in the name", "form", "csrfToken={token}&username=js%0D%0Amith&password=open+sesame", 400},
	{"deep JSON", "json", strings.Repeat("[", 30000) + strings.Repeat("]", 30000), 400},
	{"deep object", "json", strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000), 400},
	{"deep data", "json", `{"csrfToken":"{token}","data":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}", 400},
	{"truncated JSON", "json", `{"csrfToken":"{token}","username":"jsmith","passw`, 400},
	{"two values", "json", `{"csrfToken":"{token}","username":"jsmith","password":"open sesame"}{}`, 400},
	{"an array", "json", `["csrfToken","{token}"]`, 400},
	{"null", "json", `null`, 400},
	{"a number", "json", `1e999999`, 400},
	{"a byte order mark", "json", "\ufeff{}", 400},
	{"UTF-16", "json", "\xff\xfe{\x00}\x00", 400},
	{"only ampersands", "form", "csrfToken={token}" + strings.Repeat("&", 100), 0},
	{"empty name", "form", "csrfToken={token}&=x&username=jsmith&password=open+sesame", 400},
	{"name in other case", "form", "csrfToken={token}&Username=jsmith&password=open+sesame", 400},
	{"names with brackets", "form", "csrfToken={token}&username[]=jsmith&password[]=open+sesame", 400},
	{"nothing", "form", "", 403},
	{"prototype", "json", `{"csrfToken":"{token}","__proto__":{"username":"jsmith"}}`, 400},
}

func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestBadBodies sends each to every endpoint that takes a body: a clear answer,
// never a fault of ours, never a session (FAL-4, PAG-8, JWE-8).
func TestBadBodies(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		for _, bad := range badBodies {
			for _, path := range []string{"callback/credentials", "signout", "session", "signin/credentials", "callback/nobody", "callback"} {
				b := h.script()
				body := strings.ReplaceAll(bad.body, "{token}", b.csrf())
				r := httptest.NewRequest(http.MethodPost, h.base+"/"+path, strings.NewReader(body))
				r.Header.Set("Content-Type", map[string]string{"form": "application/x-www-form-urlencoded", "json": "application/json"}[bad.kind])
				r.Header.Set("X-Auth-Return-Redirect", "1")
				answer := b.send(r)
				switch {
				case answer.sets(h):
					t.Errorf("%s to %s: a session", bad.name, path)
				case answer.StatusCode >= 500:
					t.Errorf("%s to %s: %d %.200s", bad.name, path, answer.StatusCode, answer.body)
				case path == "callback/credentials" && h.v5 && bad.status != 0 && answer.StatusCode != bad.status:
					t.Errorf("%s: status %d, want %d: %.300s", bad.name, answer.StatusCode, bad.status, answer.body)
				}
				if strings.Contains(answer.body, "sesame") {
					t.Errorf("%s to %s: the answer shows the password", bad.name, path)
				}
			}
		}
	})
}

// TestBadFormsAreShownAgain holds that a mistake on the page ends at the page:
// with a sentence, with what was typed, and with the destination.
func TestBadFormsAreShownAgain(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		for name, fields := range map[string][]string{
			"undeclared": {"username", "jsmith", "password", "x", "admin", "1"},
			"repeated":   {"username", "jsmith", "password", "x", "password", "y"},
		} {
			h := open(t, wire)
			b := h.browser()
			b.get("signin?callbackUrl=/inbox")
			r := b.post("callback/credentials", fields...)
			shown := b.follow(r.is(302)).is(200)
			shown.shows(`role="alert"`, `value="jsmith"`, external+"/inbox")
			if got := b.login().leads(); got != external+"/inbox" {
				t.Errorf("%s: leads to %q", name, got)
			}
		}
	})
}

// TestProblems is what a program reads about faulty fields.
func TestProblems(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, func(c *ostiary.Config) { c.Providers[0].Form[0].Required = true })
		s := h.script().post("callback/credentials", "username", "", "password", "x", "admin", "canary").is(400).said()
		if len(s.Problems) != 2 || s.Problems[0].Field != "username" || s.Problems[0].Code != "required" || s.Problems[1].Code != "undeclared_field" {
			t.Errorf("problems %+v", s.Problems)
		}
	})
}

// broken is a body that ends with an error, as that of a client that goes away.
type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = errors.New("connection reset")
	}
	return n, err
}

func TestBrokenBody(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b := h.script()
		r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(broken{strings.NewReader(string(text))})
		if answer := b.send(r).is(400); answer.sets(h) {
			t.Error("a session from half a request")
		}
		big := httptest.NewRequest(http.MethodPost, h.base+"/callback/credentials", &endless{})
		big.Header.Set("Content-Type", "application/json")
		if answer := b.send(big); answer.StatusCode != 413 || answer.Header.Get("Connection") != "close" {
			t.Errorf("FAL-4 endless body: %d", answer.StatusCode)
		}
	})
}

type endless struct{}

func (*endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestBodyLimit holds the configured limit to the byte.
func TestBodyLimit(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.Limits.Body = 200 })
	b := h.script()
	r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
	text, _ := io.ReadAll(r.Body)
	for size, want := range map[int]int{200: 0, 201: 413} {
		padded := string(text) + strings.Repeat("&", size-len(text))
		again := b.clone()
		r := httptest.NewRequest(http.MethodPost, h.base+"/callback/credentials", strings.NewReader(padded))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := again.send(r); want != 0 && got.StatusCode != want || want == 0 && !got.sets(h) {
			t.Errorf("%d bytes: %d %s", size, got.StatusCode, got.body)
		}
	}
}

// TestBadHeaders sends requests with headers that no browser sends.
func TestBadHeaders(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		long := strings.Repeat("x", 100<<10)
		for name, value := range map[string]string{
			"Cookie": long, "Accept-Language": strings.Repeat("de;q=0.1,", 20000), "Content-Type": long, "Origin": long, "X-Forwarded-For": strings.Repeat("1.1.1.1,", 20000),
			"Authorization": "Bearer " + long, "Sec-Fetch-Mode": long, "Accept": long,
		} {
			for _, path := range []string{"signin", "session", "error", "csrf"} {
				r := httptest.NewRequest(http.MethodGet, h.base+"/"+path, nil)
				r.Header.Set(name, value)
				h.browser().send(r).is(200)
			}
			r := h.browser().form("callback/credentials", "username", "jsmith", "password", jsmiths)
			r.Header.Set(name, value)
			if answer := h.browser().send(r); answer.StatusCode >= 500 || answer.sets(h) {
				t.Errorf("%s: %d", name, answer.StatusCode)
			}
		}
		for _, addr := range []string{"", "garbage", "[::1%eth0]:80", "@", "256.1.1.1:1"} {
			b := h.script()
			r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
			r.RemoteAddr = addr
			if !b.send(r).sets(h) {
				t.Errorf("peer %q: not signed in", addr)
			}
		}
	})
}

// TestBadTokens puts every kind of nonsense into the session cookie: signed out,
// with one answer for all (JWE-5).
func TestBadTokens(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		name := h.cookieName("session")
		good := h.script().enter().jar[name].Value
		parts := strings.Split(good, ".")
		other := open(t, wire, func(c *ostiary.Config) { c.Secrets = []string{secretB} })
		bad := []string{
			"x", "....", "a.b.c.d.e", good + "A", good[1:], good[:len(good)-1], good + ".", strings.ToUpper(good), "%00", strings.Repeat("A", 4000),
			parts[0] + ".." + parts[3] + "." + parts[2] + "." + parts[4], other.script().enter().jar[name].Value,
			"eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.e30.." + "." + "",
		}
		want := ""
		for i, value := range bad {
			b := h.browser()
			b.csrf()
			b.jar[name] = &http.Cookie{Value: value}
			r := b.get("session")
			if h.sessionOf(r) != nil {
				t.Fatalf("token %d opens", i)
			}
			got := r.Status + r.body
			for _, c := range r.Cookies() {
				if c.Name == name {
					got += c.String()
				}
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("JWE-5 token %d: answers %q, want %q", i, got, want)
			}
			if out := b.clone().post("signout"); out.StatusCode >= 400 {
				t.Errorf("token %d: sign-out %d", i, out.StatusCode)
			}
		}
	})
}
