package ostiary_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// everyAnswer asks for one answer of each kind: pages, JSON, redirects, faults
// and assets.
func everyAnswer(t *testing.T, h *house) map[string]*reply {
	t.Helper()
	b, s := h.browser(), h.script()
	signIn := b.get("signin?callbackUrl=/x")
	answers := map[string]*reply{
		"sign-in page": signIn, "sign-out page": b.get("signout"), "error page": b.get("error?error=AccessDenied"),
		"configuration page": b.get("error?error=Configuration"), "verify-request page": b.get("verify-request"),
		"csrf": b.get("csrf"), "providers": b.get("providers"), "form": b.get("providers/credentials/form"), "signed out": b.get("session"),
		"unknown": b.get("nothing"), "HEAD": b.send(httptest.NewRequest(http.MethodHead, h.base+"/signin", nil)),
		"OPTIONS":       b.send(httptest.NewRequest(http.MethodOptions, h.base+"/session", nil)),
		"GET callback":  b.get("callback/credentials"),
		"refusal":       b.post("callback/credentials", "username", "jsmith", "password", "wrong"),
		"JSON refusal":  s.post("callback/credentials", "username", "jsmith", "password", "wrong"),
		"forged":        b.send(b.form("callback/credentials", "csrfToken", "wrong")),
		"bad body":      b.send(httptest.NewRequest(http.MethodPost, h.base+"/callback/credentials", strings.NewReader("x"))),
		"missing asset": b.get("assets/none.css"),
	}
	cross := b.form("callback/credentials", "csrfToken", b.csrf())
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	answers["cross-site"] = b.send(cross)
	answers["signed in"] = b.login()
	answers["session"] = b.get("session")
	answers["signed out now"] = b.post("signout")
	for i, match := range regexp.MustCompile(`(?:href|src)="([^"]*/assets/[^"]+)"`).FindAllStringSubmatch(signIn.body, -1) {
		answers["asset "+string(rune('0'+i))] = b.get(match[1]).is(200)
	}
	return answers
}

// posted are the answers of everyAnswer that no cache keeps for another request,
// whatever that varies in.
var posted = map[string]bool{
	"refusal": true, "JSON refusal": true, "forged": true, "bad body": true, "cross-site": true,
	"signed in": true, "signed out now": true,
}

// TestHeaders is PAG-1 and PAG-2 on every kind of answer.
func TestHeaders(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		answers := everyAnswer(t, h)
		if _, ok := answers["asset 0"]; !ok {
			t.Error("the page has no assets")
		}
		for name, r := range answers {
			want := map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
			}
			for header, value := range want {
				if got := r.Header.Get(header); got != value {
					t.Errorf("PAG-1 %s: %s %q, want %q", name, header, got, value)
				}
			}
			csp, forms := r.Header.Get("Content-Security-Policy"), "form-action 'none'"
			if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				forms = "form-action 'self'"
			}
			for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", forms} {
				if !strings.Contains(csp, part) {
					t.Errorf("PAG-1 %s: Content-Security-Policy %q lacks %s", name, csp, part)
				}
			}
			if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
				t.Errorf("PAG-1 %s: Content-Security-Policy %q", name, csp)
			}
			if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && r.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
				t.Errorf("PAG-1 %s: no Cross-Origin-Opener-Policy", name)
			}
			cache := r.Header.Get("Cache-Control")
			if asset := strings.HasPrefix(name, "asset"); asset != strings.Contains(cache, "immutable") || asset == strings.Contains(cache, "no-store") {
				t.Errorf("PAG-2 %s: Cache-Control %q", name, cache)
			}
			if vary := strings.Join(r.Header["Vary"], ","); !strings.HasPrefix(name, "asset") && !posted[name] && !strings.Contains(vary, "Cookie") {
				t.Errorf("PAG-2 %s: Vary %q", name, vary)
			}
			for _, header := range []string{"Server", "X-Powered-By"} {
				if r.Header.Get(header) != "" {
					t.Errorf("LOG-4 %s: %s %q", name, header, r.Header.Get(header))
				}
			}
		}
	})
}

func TestPlainHTTPHasNoHSTS(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.URL = "http://localhost:3000" })
	if got := h.browser().get("signin").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("Strict-Transport-Security %q", got)
	}
}

// richForm has a field of each kind, so that something can be typed into each.
func richForm() form.Form {
	return form.Form{
		{Name: "username", Label: "User <b>name</b>"},
		{Name: "tenant", Type: "select", Options: []form.Option{{Value: "a", Label: "Tenant A"}, {Value: "b", Label: "Tenant B"}}},
		{Name: "agree", Type: "checkbox"},
		{Name: "password", Type: "password"},
		{Name: "pin", Secret: true},
	}
}

// TestTypedValues holds that a refused form is shown as it was typed, and that
// no secret comes back (PAG-5).
func TestTypedValues(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, func(c *ostiary.Config) { c.Providers[0].Form = richForm() })
		b := h.browser()
		typed := []string{"username", `"><script>alert(1)</script>`, "tenant", "b", "agree", "on", "password", "canary-password", "pin", "canary-pin"}
		r := b.post("callback/credentials", typed...)
		shown := b.follow(r).is(200)
		shown.shows("&#34;&gt;&lt;script&gt;", `value="b" selected`, "checked")
		shown.hides("canary-password", "canary-pin", "<script>alert")
		for _, c := range r.Cookies() {
			if strings.Contains(c.Value, "canary") {
				t.Errorf("PAG-5 cookie %s shows what was typed", c.Name)
			}
		}
		b.get("signin").hides("&#34;&gt;&lt;script&gt;", "checked") // shown once
		// Fields with mistakes are marked, and the rest is kept.
		r = b.post("callback/credentials", "username", "jsmith", "tenant", "c", "password", "canary-password")
		shown = b.follow(r).is(200)
		shown.shows(`value="jsmith"`, `aria-invalid="true"`)
		shown.hides("canary")
	})
}

// TestMemoIsOurs holds that nothing can be put on a page by a cookie or a link.
func TestMemoIsOurs(t *testing.T) {
	h := open(t)
	b := h.browser()
	b.post("callback/credentials", "username", "jsmith", "password", "wrong")
	name := h.cookieName("attempt")
	good := b.jar[name].Value
	for _, value := range map[string]string{"altered": good[:len(good)-3] + "AAA", "made up": "x", "empty": "%20", "another purpose": h.script().enter().jar[h.cookieName("session")].Value} {
		b.jar[name] = &http.Cookie{Value: value}
		b.get("signin").is(200).hides(`value="jsmith"`)
	}
	late := h.browser()
	late.post("callback/credentials", "username", "jsmith", "password", "wrong")
	for _, c := range late.jar {
		c.Expires = h.clock.now().Add(1 << 50)
	}
	h.clock.turn(121e9)
	late.get("signin").is(200).hides(`value="jsmith"`)
}

// TestReflection puts a marker into every parameter and header: it never comes
// back (PAG-5).
func TestReflection(t *testing.T) {
	const marker = "mArKeR7357"
	parameters := []string{
		"error", "code", "csrf", "lang", "again", "email", "message", "provider", "providers", "csrfToken", "json", "theme", "logo", "title", "callbackURL", "redirect", "reference", "username", "password", marker,
	}
	headers := []string{
		"User-Agent", "Referer", "Accept-Language", "Origin", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Request-Id",
		"Sec-Fetch-Site", "Sec-Fetch-Mode", "Accept", "Content-Type", "Authorization", "X-Auth-Return-Redirect", "Traceparent", "If-None-Match",
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		query := url.Values{"callbackUrl": {"https://" + marker + ".example/"}}
		for _, name := range parameters {
			query.Set(name, `"'><`+marker)
		}
		for _, route := range append(slices.Clone(routes), "/error/"+marker, "/signin/"+marker, "/callback/"+marker, "/providers/"+marker+"/form", "/assets/"+marker, "/"+marker) {
			for _, method := range []string{"GET", "POST", "HEAD", marker} {
				r := httptest.NewRequest(http.MethodGet, h.base+"/x", nil)
				r.Method, r.URL.Path, r.URL.RawQuery, r.Host = method, "/api/auth"+route, query.Encode(), marker+".example"
				for _, name := range headers {
					r.Header.Set(name, marker)
				}
				r.Header.Add("Cookie", marker+"="+marker+"; "+h.cookieName("session")+"="+marker+"; "+h.cookieName("csrf")+"="+marker+"%7C"+marker)
				answer := h.browser().send(r)
				text := answer.body
				for name, values := range answer.Header {
					text += name + strings.Join(values, ",")
				}
				if strings.Contains(strings.ToLower(text), strings.ToLower(marker)) {
					t.Errorf("%s %s reflects the marker: %d %.600s", method, route, answer.StatusCode, text)
				}
			}
		}
		answer := h.browser().get("error?error=" + marker + "&lang=" + marker)
		answer.is(200).hides(marker)
	})
}

// TestErrorTexts holds that codes of an address select fixed sentences.
func TestErrorTexts(t *testing.T) {
	h := open(t)
	for code, text := range map[string]string{
		"CredentialsSignin": "Sign in failed. Check the details you provided are correct.",
		"SessionRequired":   "Please sign in to access this page.",
		"Callback":          "Try signing in with a different account.",
		"whatever":          "Unable to sign in.",
	} {
		h.browser().get("signin?error=" + code).is(200).shows(text)
	}
	for _, path := range []string{"error?error=accessdenied", "error/AccessDenied"} {
		h.browser().get(path).is(http.StatusForbidden)
	}
	h.browser().get("error?error=Configuration").is(http.StatusInternalServerError)
	h.browser().get("error?error=Verification").is(http.StatusForbidden)
	h.browser().get("error?error=x").is(http.StatusOK)
	if got := h.browser().get("error?error=credentialssignin").is(302).leads(); got != h.base+"/signin?error=CredentialsSignin" {
		t.Errorf("leads to %q", got)
	}
}

// TestLanguages holds that a chosen language is kept, and nothing else is taken
// for one.
func TestLanguages(t *testing.T) {
	h := open(t)
	b := h.browser()
	b.get("signin").shows(`<html lang="en"`)
	b.header.Set("Accept-Language", "de-CH, de;q=0.9")
	b.get("signin").shows(`<html lang="de"`)
	b.get("signin?lang=ar").shows(`<html lang="ar"`, `dir="rtl"`)
	r := b.follow(b.post("callback/credentials", "username", "jsmith", "password", "wrong"))
	r.shows(`<html lang="ar"`)
	b.get("signin?lang=../../etc").shows(`<html lang="ar"`)
	fresh := h.browser()
	fresh.get("signin?lang=%3Cscript%3E").shows(`<html lang="en"`)
	if got := r.Header.Get("Content-Language"); got != "ar" {
		t.Errorf("Content-Language %q", got)
	}
}

// TestSignedInPage names who is signed in already, escaped (PAG-6).
func TestSignedInPage(t *testing.T) {
	for _, row := range []struct{ name, email, want string }{
		{`<img src=x onerror=alert(1)>`, "", "&lt;img src=x onerror=alert(1)&gt;"},
		{"", "who@example.com", "who@example.com"},
		{"", "", "the-id"},
	} {
		h := open(t, answering(&ostiary.User{ID: "the-id", Name: row.name, Email: row.email}, nil))
		b := h.browser().enter()
		r := b.get("signin").is(200)
		r.shows(row.want)
		r.hides("<img src=x")
		b.get("signout").is(200).hides("<img src=x")
	}
}

// TestFormJSON reads the form as a front end does.
func TestFormJSON(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.Providers[0].Form = richForm() })
	r := h.browser().get("providers/credentials/form").is(200)
	r.shows(`"name":"tenant"`, `"type":"password"`, `"secret":true`)
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
}

// TestLongTypedValues holds that one long value doesn't cost the short ones, and
// that the cookie which carries them fits (COO-5).
func TestLongTypedValues(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.Providers[0].Form = append(loginForm(), form.Field{Name: "about"}) })
	for range 10 { // a map's order is another each time
		b := h.browser()
		r := b.post("callback/credentials", "username", "jsmith", "password", "x", "about", strings.Repeat("long", 255))
		if c := r.cookie(h.cookieName("attempt")); c == nil || len(c.Name)+len(c.Value) > 4096 {
			t.Fatalf("cookie %v", c)
		}
		shown := b.follow(r)
		shown.shows(`value="jsmith"`)
		shown.hides("longlong")
	}
}
