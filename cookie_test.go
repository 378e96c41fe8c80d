package ostiary_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// TestGoldenCookies holds each Set-Cookie line, but for what is random in it
// (COO-1, COO-2; contract, section 6).
func TestGoldenCookies(t *testing.T) {
	random := regexp.MustCompile(`=[A-Za-z0-9_.-]{60,}|[0-9a-f]{64}`)
	lines := func(r *reply) (out []string) {
		for _, line := range r.Header["Set-Cookie"] {
			out = append(out, random.ReplaceAllString(line, "=…"))
		}
		return out
	}
	plain := func(c *ostiary.Config) { c.URL = "http://localhost:3000" }
	custom := func(c *ostiary.Config) {
		c.Session.Cookie = ostiary.Cookie{Name: "my.session", Domain: "example.com", Path: "/app", SameSite: http.SameSiteStrictMode}
	}
	rows := []struct {
		name           string
		change         func(*ostiary.Config)
		v5             bool
		pair, back     string
		session, ended string
	}{
		{
			"https v4", func(*ostiary.Config) {}, false,
			"__Host-next-auth.csrf-token=…%7C=…; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Secure-next-auth.callback-url=https%3A%2F%2Fapp.example.com%2Fx; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Secure-next-auth.session-token=…; Path=/; Expires=Tue, 31 Mar 2026 09:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
			"__Secure-next-auth.session-token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		{
			"https v5", wireV5, true,
			"__Host-authjs.csrf-token=…%7C=…; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Secure-authjs.callback-url=https%3A%2F%2Fapp.example.com%2Fx; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Secure-authjs.session-token=…; Path=/; Expires=Tue, 31 Mar 2026 09:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
			"__Secure-authjs.session-token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		{
			"loopback v4", plain, false,
			"next-auth.csrf-token=…%7C=…; Path=/; HttpOnly; SameSite=Lax",
			"next-auth.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fx; Path=/; HttpOnly; SameSite=Lax",
			"next-auth.session-token=…; Path=/; Expires=Tue, 31 Mar 2026 09:00:00 GMT; HttpOnly; SameSite=Lax",
			"next-auth.session-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
		},
		{
			"custom", custom, false,
			"__Host-next-auth.csrf-token=…%7C=…; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Secure-next-auth.callback-url=https%3A%2F%2Fapp.example.com%2Fx; Path=/; HttpOnly; Secure; SameSite=Lax",
			"my.session=…; Domain=example.com; Path=/app; Expires=Tue, 31 Mar 2026 09:00:00 GMT; HttpOnly; Secure; SameSite=Strict",
			"my.session=; Max-Age=0; Domain=example.com; Path=/app; HttpOnly; Secure; SameSite=Strict",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := open(t, row.change)
			b := h.browser()
			got := append(lines(b.get("signin?callbackUrl=/x")), lines(b.login("callbackUrl", "/x"))...)
			for i, want := range []string{row.pair, row.back, row.session} {
				if i >= len(got) || got[i] != want {
					t.Errorf("line %d of %q, want %q", i, got, want)
				}
			}
			if len(got) != 3 {
				t.Errorf("%d lines: %q", len(got), got)
			}
			if ended := lines(b.post("signout", "callbackUrl", "/x")); len(ended) != 1 || ended[0] != row.ended {
				t.Errorf("sign-out %q, want %q", ended, row.ended)
			}
		})
	}
}

// TestNoCookiesForProviders is the contract's section 2: the list of providers
// sets none, so that it can be asked for from anywhere.
func TestNoCookiesForProviders(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		if r := h.browser().get("providers?callbackUrl=/x"); len(r.Cookies()) != 0 {
			t.Errorf("cookies %v", r.Cookies())
		}
	})
}

// TestShadowCookies plants what a sibling host can plant beside a good session
// (COO-3): whoever has two has none, and both are expired.
func TestShadowCookies(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		name := h.cookieName("session")
		good := h.script().enter().jar[name].Value
		other := h.script().enter().jar[name].Value
		rows := []struct {
			name, header string
			expires      []string
		}{
			{"twice the same", name + "=" + good + "; " + name + "=" + good, []string{name}},
			{"another one before", name + "=" + other + "; " + name + "=" + good, []string{name}},
			{"another one behind", name + "=" + good + "; " + name + "=" + other, []string{name}},
			{"in pieces, too", name + "=" + good + "; " + name + ".0=" + other, []string{name, name + ".0"}},
			{"a gap", name + ".0=" + good + "; " + name + ".2=x", []string{name + ".0", name + ".2"}},
			{"not from zero", name + ".1=" + good, []string{name + ".1"}},
			{"COO-4 too many", pieces(name, 12), nil},
		}
		for _, row := range rows {
			r := httptest.NewRequest(http.MethodGet, "/api/auth/session", nil)
			r.Header.Set("Cookie", row.header)
			if h.Session(r) != nil {
				t.Errorf("%s: a session", row.name)
			}
			answer := h.browser().send(r)
			if h.sessionOf(answer) != nil || answer.sets(h) {
				t.Errorf("%s: a session", row.name)
			}
			for _, each := range row.expires {
				if c := answer.cookie(each); c == nil || c.MaxAge >= 0 {
					t.Errorf("%s: %s is not expired", row.name, each)
				}
			}
		}
		for what, header := range map[string]string{
			"COO-4 a longer name": name + "=" + good + "; " + name + "-x=bad",
			"COO-4 another name":  name + "=" + good + "; " + name + ".x=bad; " + name + ".01=bad; " + name + ".=bad; " + name + ".0x=bad",
			"quoted neighbours":   `a="b;c"; ` + name + "=" + good,
			"COO-2 unprefixed":    strings.TrimPrefix(name, "__Secure-") + "=bad; " + name + "=" + good,
		} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Cookie", header)
			if h.Session(r) == nil {
				t.Errorf("%s: spoils the session", what)
			}
		}
		for _, what := range []string{"unprefixed", "unicode look-alike", "other case"} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			alias := map[string]string{
				"unprefixed": strings.TrimPrefix(name, "__Secure-"), "unicode look-alike": "\u00a0" + name, "other case": strings.ToLower(name),
			}[what]
			r.Header.Set("Cookie", alias+"="+good)
			if h.Session(r) != nil {
				t.Errorf("COO-2 %s: a session", what)
			}
		}
	})
}

func pieces(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s.%d=xxxx; ", name, i)
	}
	return b.String()
}

// TestShadowPair plants a second CSRF pair beside the browser's own: whichever
// counts, the answer is a refusal or that of the person, never a mixture.
func TestShadowPair(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b, attacker := h.script(), h.script()
		token, foreign := b.csrf(), attacker.csrf()
		name := h.cookieName("csrf")
		for _, sent := range []string{token, foreign} {
			r := b.clone().form("callback/credentials", "csrfToken", sent, "username", "jsmith", "password", jsmiths)
			r.Header.Set("Cookie", name+"="+attacker.jar[name].Value+"; "+name+"="+b.jar[name].Value)
			r.Header.Set("Origin", "https://evil.example.com")
			empty := h.script()
			if empty.send(r).sets(h) {
				t.Error("COO-3 CSR-4 signed in from elsewhere")
			}
		}
	})
}

// TestChunks grows a session over one cookie and shrinks it again (COO-5).
func TestChunks(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		size := 0
		h := open(t, wire, func(c *ostiary.Config) {
			c.Providers[0].Form = append(loginForm(), form.Field{Name: "note"})
			c.Callbacks.JWT = sized(&size)
		})
		b := h.script().enter()
		name := h.cookieName("session")
		held := func() (whole bool, parts int) {
			for n := range b.jar {
				whole = whole || n == name
				if strings.HasPrefix(n, name+".") {
					parts++
				}
			}
			return whole, parts
		}
		for _, step := range []struct {
			size  int
			whole bool
			parts int
		}{{0, true, 0}, {4000, false, 2}, {9000, false, 4}, {4000, false, 2}, {0, true, 0}, {9000, false, 4}} {
			size = step.size
			r := b.get("session")
			if h.sessionOf(r) == nil {
				t.Fatalf("%d bytes: signed out", step.size)
			}
			if whole, parts := held(); whole != step.whole || parts != step.parts {
				t.Errorf("%d bytes: whole %v and %d pieces, want %v and %d", step.size, whole, parts, step.whole, step.parts)
			}
			for _, c := range r.Cookies() {
				if len(c.Name)+len(c.Value) > 4096 {
					t.Errorf("%d bytes: cookie %s has %d", step.size, c.Name, len(c.Name)+len(c.Value))
				}
			}
		}
		r := b.post("signout")
		if whole, parts := held(); whole || parts != 0 {
			t.Errorf("%d pieces are left after sign-out: %v", parts, r.Cookies())
		}
		size = 40 << 10
		if r := b.login(); r.is(503).sets(h) {
			t.Error("a session too large for cookies was set")
		}
	})
}

// TestManyCookies sends 5 000 cookies (COO-6).
func TestManyCookies(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		good := h.script().enter()
		for _, name := range []string{"x", h.cookieName("session"), h.cookieName("session") + ".", h.cookieName("csrf"), h.cookieName("pending")} {
			var many strings.Builder
			for i := range 5000 {
				suffix := ""
				if strings.HasSuffix(name, ".") || name == "x" {
					suffix = fmt.Sprint(i)
				}
				fmt.Fprintf(&many, "%s%s=%s; ", name, suffix, strings.Repeat("y", 40))
			}
			many.WriteString(h.cookieName("session") + "=" + good.jar[h.cookieName("session")].Value)
			for _, path := range []string{"session", "signin", "csrf", "error", "signout"} {
				r := httptest.NewRequest(http.MethodGet, h.base+"/"+path, nil)
				r.Header.Set("Cookie", many.String())
				if answer := h.browser().send(r); answer.StatusCode != 200 || answer.sets(h) || len(answer.Header["Set-Cookie"]) > 100 {
					t.Errorf("5000 × %s at %s: %d, %d cookies", name, path, answer.StatusCode, len(answer.Header["Set-Cookie"]))
				}
			}
		}
	})
}
