package ostiary_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
)

// hostile are destinations that must become the default page, at every entry.
var hostile = []string{
	"//evil.example", "//evil.example/x", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example",
	"https://evil.example/", "http://app.example.com/", "https://app.example.com:8443/", "https://app.example.com.evil.example/",
	"https://app.example.com@evil.example/", "https://user:pw@app.example.com/", `https://app.example.com\@evil.example/`, "https:/evil.example", "https:evil.example",
	"https:///evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://app.example.com/x",
	"evil", "evil.example", "?x", "#x", ".", "..", "%2F%2Fevil.example", "https://app.example.com%2eevil.example/", "https://APP.example.com:443@evil.example",
	"/x\r\nSet-Cookie: a=b", "/x\x00", "https://evil\u3002example/", "https://\uff45vil.example", "/" + strings.Repeat("a", 5000), "https://[::1", "https://%zz/", "\xff\xfe",
}

// friendly are destinations that hold, and what becomes of them.
var friendly = map[string]string{
	"/":                             external + "/",
	"/inbox?a=b&c=d#e":              external + "/inbox?a=b&c=d#e",
	"/a//b":                         external + "/a//b",
	"/\"><script>":                  external + "/%22%3E%3Cscript%3E",
	"/ü":                            external + "/%C3%BC",
	external + "/x":                 external + "/x",
	"HTTPS://APP.example.com/x":     external + "/x",
	"https://app.example.com:443/x": external + "/x",
	"https://shop.example.com/y":    "https://shop.example.com/y",
	"/x?next=//evil.example":        external + "/x?next=//evil.example",
}

// entries are all the ways in which a destination comes in, each with what the
// service made of it (RED-3).
var entries = map[string]func(h *house, target string) string{
	"body of a sign-in": func(h *house, target string) string {
		return h.browser().login("callbackUrl", target).leads()
	},
	"body of a sign-in as JSON": func(h *house, target string) string {
		b := h.script()
		fields := map[string]any{"username": "jsmith", "password": jsmiths, "callbackUrl": target, "json": "true"}
		return b.postJSON("callback/credentials", fields).leads()
	},
	"query of a sign-in": func(h *house, target string) string {
		b := h.browser()
		return b.post("callback/credentials?callbackUrl="+url.QueryEscape(target), "username", "jsmith", "password", jsmiths).leads()
	},
	"query of the page": func(h *house, target string) string {
		b := h.browser()
		b.get("signin?callbackUrl=" + url.QueryEscape(target)).is(200)
		return b.login().leads()
	},
	"cookie": func(h *house, target string) string {
		b := h.browser()
		b.jar[h.cookieName("callback")] = &http.Cookie{Value: url.QueryEscape(target)}
		return b.login().leads()
	},
	"body of a sign-out": func(h *house, target string) string {
		return h.browser().enter().post("signout", "callbackUrl", target).leads()
	},
	"query of a sign-out": func(h *house, target string) string {
		return h.script().enter().post("signout?callbackUrl=" + url.QueryEscape(target)).leads()
	},
	"query of the error page": func(h *house, target string) string {
		b := h.browser()
		b.get("error?callbackUrl=" + url.QueryEscape(target))
		return b.login().leads()
	},
	"query of a session read": func(h *house, target string) string {
		b := h.browser()
		b.get("session?callbackUrl=" + url.QueryEscape(target)).is(200)
		return b.login().leads()
	},
	"step": func(h *house, target string) string {
		s, _ := openSMS(h.t.(*testing.T), func(c *ostiary.Config) {
			c.AllowedRedirects = []string{"https://shop.example.com"}
			if h.v5 {
				wireV5(c)
			}
		})
		b := s.browser()
		b.login("callbackUrl", target)
		return b.post("callback/credentials", "code", "111").leads()
	},
}

// TestCallbackURL is RED-1 to RED-4, at every entry.
func TestCallbackURL(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		for name, enter := range entries {
			t.Run(name, func(t *testing.T) {
				h := open(t, wire, func(c *ostiary.Config) { c.AllowedRedirects = []string{"https://shop.example.com"} })
				for _, target := range hostile {
					if got := enter(h, target); got != external {
						t.Errorf("RED-1 %q leads to %q", target, got)
					}
				}
				for target, want := range friendly {
					if got := enter(h, target); got != want {
						t.Errorf("%q leads to %q, want %q", target, got, want)
					}
				}
			})
		}
	})
}

// TestCallbackURLCookie holds that what is kept is what was made of the value,
// and nothing raw (RED-2).
func TestCallbackURLCookie(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		for _, target := range hostile {
			b := h.browser()
			c := b.get("signin?callbackUrl=" + url.QueryEscape(target)).cookie(h.cookieName("callback"))
			if c == nil || c.Value != url.QueryEscape(external) {
				t.Errorf("%q is kept as %v", target, c)
			}
		}
		// Among hostile query pairs the first one counts, for the page and the cookie alike.
		r := h.browser().get("signin?callbackUrl=/a&callbackUrl=/b")
		r.shows(external + "/a")
		r.hides(external + "/b")
	})
}

// TestDestinationSurvives follows a person who mistypes the password.
func TestDestinationSurvives(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b := h.browser()
		b.get("signin?callbackUrl=/inbox").shows(`value="` + external + `/inbox"`)
		for range 2 {
			r := b.post("callback/credentials", "username", "jsmith", "password", "wrong")
			b.follow(r).is(200).shows(external+"/inbox", `value="jsmith"`)
		}
		b.send(b.form("callback/credentials", "csrfToken", "stale", "username", "jsmith", "password", "x"))
		if got := b.login().leads(); got != external+"/inbox" {
			t.Errorf("leads to %q", got)
		}
	})
}

// spoofs are what a direct peer may say about who we are (RED-5).
func spoof(r *http.Request) {
	r.Host = "evil.example"
	for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-Host", "Forwarded", "X-Forwarded-Prefix", "X-Original-Url", "X-Rewrite-Url", "X-Http-Host-Override"} {
		r.Header.Set(name, "evil.example")
	}
	r.Header.Set("Forwarded", `for=6.6.6.6;host=evil.example;proto=http`)
	r.Header.Set("X-Forwarded-Proto", "http")
	r.Header.Set("X-Forwarded-Ssl", "off")
	r.Header.Set("X-Forwarded-Port", "666")
	r.Header.Set("X-Forwarded-For", "6.6.6.6")
}

// TestSpoofedHost compares answers byte for byte, with and without (RED-5).
func TestSpoofedHost(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		first := h.browser()
		first.csrf()
		answer := func(method, path string, lie bool) string {
			b := first.clone()
			r := httptest.NewRequest(method, h.address(path), nil)
			if method == http.MethodPost {
				r = b.form(path, "csrfToken", b.csrf(), "username", "jsmith", "password", "wrong", "callbackUrl", "/x")
			}
			if lie {
				spoof(r)
			}
			got := b.send(r)
			text := got.Status + got.body
			for _, line := range h.log.lines("sign-in") {
				text = strings.ReplaceAll(text, line["reference"].(string), "REF")
			}
			for _, name := range slices.Sorted(maps.Keys(got.Header)) {
				if name != "Set-Cookie" {
					text += "\n" + name + ": " + strings.Join(got.Header[name], ",")
				}
			}
			for _, c := range got.Cookies() {
				if c.Name == h.cookieName("attempt") { // sealed: differs each time
					c.Value = "sealed"
				}
				text += "\n" + c.String()
			}
			return text
		}
		for _, path := range []string{"signin", "signin?callbackUrl=/x", "signout", "error?error=AccessDenied", "error", "verify-request", "csrf", "providers", "session", "providers/credentials/form"} {
			if honest, lied := answer("GET", path, false), answer("GET", path, true); honest != lied || strings.Contains(lied, "evil") {
				t.Errorf("GET %s differs:\n%s\n%s", path, honest, lied)
			}
		}
		for _, path := range []string{"callback/credentials", "signout", "signin/credentials"} {
			if honest, lied := answer("POST", path, false), answer("POST", path, true); honest != lied || strings.Contains(lied, "evil") {
				t.Errorf("POST %s differs:\n%s\n%s", path, honest, lied)
			}
		}
		if strings.Contains(h.log.String(), "6.6.6.6") {
			t.Error("FWD-2 the address of an untrusted header is in the log")
		}
		r := first.form("callback/credentials", "csrfToken", first.csrf(), "username", "jsmith", "password", jsmiths)
		spoof(r)
		if c := first.send(r).cookie(h.cookieName("session")); c == nil || !c.Secure || c.Domain != "" {
			t.Errorf("RED-5 cookie %v", c)
		}
	})
}

// TestNoSecretInAddresses walks through a sign-in and looks at each Location
// (RED-6).
func TestNoSecretInAddresses(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h, _ := openSMS(t, wire)
		b := h.browser()
		token := b.csrf()
		for _, fields := range [][]string{
			{"username", "jsmith", "password", "canary-wrong"},
			{"username", "jsmith", "password", jsmiths},
			{"code", "canary-code"},
			{"username", "jsmith", "password", jsmiths},
			{"code", "111"},
		} {
			r := b.send(b.form("callback/credentials", append([]string{"csrfToken", token}, fields...)...))
			if r.Header.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("Referrer-Policy %q", r.Header.Get("Referrer-Policy"))
			}
			for _, secret := range []string{"canary", "sesame", token, "jsmith"} {
				if strings.Contains(r.leads(), secret) {
					t.Errorf("RED-6 %q in %s", secret, r.leads())
				}
			}
		}
	})
}

// TestCustomPages holds where failures lead when pages are the operator's own.
func TestCustomPages(t *testing.T) {
	own := func(c *ostiary.Config) {
		c.Pages = ostiary.Pages{SignIn: "/login?x=1", SignOut: "/bye", Error: "https://www.example.com/oops", VerifyRequest: "/check"}
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, own)
		b := h.browser()
		for path, want := range map[string]string{
			"signin":                    "/login?x=1&callbackUrl=" + url.QueryEscape(external),
			"signin?callbackUrl=/a":     "/login?x=1&callbackUrl=" + url.QueryEscape(external+"/a"),
			"signin?callbackUrl=//evil": "/login?x=1&callbackUrl=" + url.QueryEscape(external),
			"signout":                   "/bye",
			"error":                     "https://www.example.com/oops",
			"error?error=AccessDenied":  "https://www.example.com/oops?error=AccessDenied",
			"error?error=a%0d%0ab":      "https://www.example.com/oops?error=a%0D%0Ab",
		} {
			if got := h.browser().get(path).is(302).leads(); got != want {
				t.Errorf("%s leads to %q, want %q", path, got, want)
			}
		}
		r := b.post("callback/credentials", "username", "jsmith", "password", "wrong")
		want := h.base + "/error?error=CredentialsSignin&provider=credentials"
		if h.v5 {
			want = external + "/login?x=1&error=CredentialsSignin&code=credentials"
		}
		if r.leads() != want {
			t.Errorf("a refusal leads to %q, want %q", r.leads(), want)
		}
		form := open(t, wire, func(c *ostiary.Config) { c.Pages.Error = "https://www.example.com/oops" }).browser().get("signin")
		if csp := form.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://www.example.com") {
			t.Errorf("PAG-1 a form can't lead to the error page: %s", csp)
		}
	})
}
