package ostiary_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/session"
)

// FuzzCallback posts arbitrary bodies, types and cookies: no fault of ours, no
// CORS, no session unless name and password are right, and whatever Location
// there is stays with us.
func FuzzCallback(f *testing.F) {
	token := strings.Repeat("a", 64)
	f.Add("callback/credentials", "application/x-www-form-urlencoded", "csrfToken="+token+"&username=jsmith&password=open+sesame", "", "same-origin")
	f.Add("callback/credentials", "application/json", `{"csrfToken":"`+token+`","username":"jsmith","password":"open sesame","json":"true"}`, "", "none")
	f.Add("session", "application/json", `{"csrfToken":"`+token+`","data":{"name":"x"}}`, "__Secure-next-auth.session-token=x.y.z", "same-origin")
	f.Add("signout", "application/x-www-form-urlencoded", "csrfToken="+token+"&callbackUrl=//evil.example", "__Secure-authjs.session-token.0=x", "cross-site")
	f.Add("callback/credentials", "text/plain", "\x00\xff", "a=b; a=c;;=;", "")
	for _, bad := range badBodies {
		kind := map[string]string{"form": "application/x-www-form-urlencoded", "json": "application/json"}[bad.kind]
		if len(bad.body) < 8<<10 {
			f.Add("callback/credentials", kind, strings.ReplaceAll(bad.body, "{token}", token), "", "same-origin")
		}
	}
	silent := func(c *ostiary.Config) { c.Logger = nil }
	houses := []*house{open(f, silent), open(f, silent, wireV5, func(c *ostiary.Config) { c.Session.AlsoAccept = []session.Format{session.NextAuthV4} })}
	f.Fuzz(func(t *testing.T, path, kind, body, cookie, site string) {
		for _, shared := range houses {
			h := shared.under(t)
			b := h.script()
			good := b.csrf()
			r := httptest.NewRequest(http.MethodPost, h.base+"/x", strings.NewReader(strings.ReplaceAll(body, token, good)))
			r.URL.Path = "/api/auth/" + path
			r.Header["Content-Type"], r.Header["Cookie"], r.Header["Sec-Fetch-Site"] = []string{kind}, []string{cookie}, []string{site}
			answer := b.send(r)
			if answer.StatusCode >= 500 {
				t.Errorf("status %d: %s", answer.StatusCode, answer.body)
			}
			right := strings.Contains(body, "jsmith") && strings.Contains(body, "sesame") || strings.ContainsAny(body, `%\`) // spelled out, or escaped
			if answer.sets(h) && (!right || site != "same-origin" && site != "none") {
				t.Error("a session without the right credentials")
			}
			if at := answer.Header.Get("Location"); at != "" && at != external && !strings.HasPrefix(at, external+"/") {
				t.Errorf("Location %q", at)
			}
			for name := range answer.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s is set", name)
				}
			}
		}
	})
}

// FuzzCallbackURL sends destinations through the service: where a person ends is
// ours or allowed, as browsers read addresses, and is a fixed point.
func FuzzCallbackURL(f *testing.F) {
	for _, target := range hostile {
		f.Add(target)
	}
	for target := range friendly {
		f.Add(target)
	}
	shared := open(f, func(c *ostiary.Config) { c.AllowedRedirects = []string{"https://shop.example.com"} })
	outcome := func(t *testing.T, target string) string {
		h := shared.under(t)
		r := httptest.NewRequest(http.MethodGet, h.base+"/csrf?callbackUrl="+url.QueryEscape(target), nil)
		c := h.browser().send(r).is(200).cookie(h.cookieName("callback"))
		if c == nil {
			t.Fatal("no cookie")
		}
		at, err := url.PathUnescape(c.Value)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	f.Fuzz(func(t *testing.T, target string) {
		at := outcome(t, target)
		rest, ours := strings.CutPrefix(at, external)
		if !ours {
			rest, ours = strings.CutPrefix(at, "https://shop.example.com")
		}
		if !ours || rest != "" && !strings.ContainsAny(rest[:1], "/?#") || strings.HasPrefix(rest, "//") || strings.ContainsAny(rest, "\\\t\r\n\x00<>\" ") {
			t.Errorf("%q leads to %q", target, at)
		}
		if again := outcome(t, at); len(at) < 4096 && again != at {
			t.Errorf("%q leads to %q, and that to %q", target, at, again)
		}
	})
}
