package ostiary_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
)

// routes is every path that the service knows, and some that it doesn't.
var routes = []string{
	"", "/", "/csrf", "/providers", "/providers/credentials/form", "/session", "/signin", "/signin/credentials", "/signin/nobody",
	"/callback", "/callback/credentials", "/callback/nobody", "/callback/credentials/x", "/signout", "/signout/x", "/error", "/error/AccessDenied",
	"/verify-request", "/webauthn-options", "/webauthn-options/credentials", "/_log", "/assets", "/assets/none", "/unknown", "/callback/undefined", "/..", "/%2e%2e", "session",
}

// TestRouteTable sends every method to every route, each time with all that a
// sign-in or sign-out needs but the right method: only the POSTs that are meant
// to do so change anything (CSR-1).
func TestRouteTable(t *testing.T) {
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", "BREW"}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		inside := h.script().enter()
		for _, route := range routes {
			for _, method := range methods {
				for _, b := range []*browser{h.script(), inside.clone()} {
					token := b.csrf()
					r := b.form("callback/credentials", "csrfToken", token, "username", "jsmith", "password", jsmiths)
					r.Method = method
					r.URL.Path = "/api/auth" + route
					r.URL.RawQuery = "csrfToken=" + token + "&username=jsmith&password=open+sesame&json=true"
					signs := method == "POST" && route == "/callback/credentials"
					if method == "POST" && strings.HasPrefix(route, "/signout") || method == "POST" && b.jar[h.cookieName("session")] != nil && signs {
						continue // these end the session of the copies
					}
					answer := b.send(r)
					renews := method == "GET" && route == "/session" && b.jar[h.cookieName("session")] != nil
					updates := method == "POST" && route == "/session" && b.jar[h.cookieName("session")] != nil
					if answer.sets(h) != (signs || renews || updates) {
						t.Errorf("%s %s: %d, session cookie %v", method, route, answer.StatusCode, answer.sets(h))
					}
					if answer.StatusCode >= 500 && !strings.HasPrefix(route, "/error") {
						t.Errorf("%s %s: %d", method, route, answer.StatusCode)
					}
					if method == "HEAD" && answer.body != "" {
						t.Errorf("HEAD %s has a body: %q", route, answer.body)
					}
					if answer.Header.Get("Access-Control-Allow-Origin") != "" || answer.Header.Get("Access-Control-Allow-Methods") != "" {
						t.Errorf("CSR-7 %s %s grants CORS", method, route)
					}
				}
			}
		}
		if inside.session() == nil {
			t.Error("one of them ended the session")
		}
		if got := len(h.log.lines("signed out")); got != 0 {
			t.Errorf("%d sign-outs", got)
		}
	})
}

// posts are the requests that change something.
var posts = []struct {
	path   string
	fields []string
}{
	{"callback/credentials", []string{"username", "jsmith", "password", jsmiths}},
	{"signout", nil},
	{"session", nil},
	{"signin/credentials", nil},
}

// heard reports whether one of posts had its effect.
func heard(h *house, b *browser, path string, r *reply) bool {
	switch path {
	case "callback/credentials":
		return r.sets(h)
	case "signout":
		return h.Session(request(b)) == nil
	case "session":
		return r.sets(h)
	}
	return r.StatusCode == 200 && !strings.Contains(r.leads(), "csrf") && !strings.Contains(r.leads(), "CSRF")
}

// TestFetchMetadata is CSR-2 and CSR-3, for each POST (CSR-5).
func TestFetchMetadata(t *testing.T) {
	rows := []struct {
		name    string
		headers map[string][]string
		ok      bool
	}{
		{"nothing", nil, true},
		{"same-origin", map[string][]string{"Sec-Fetch-Site": {"same-origin"}}, true},
		{"none", map[string][]string{"Sec-Fetch-Site": {"none"}}, true},
		{"same-site", map[string][]string{"Sec-Fetch-Site": {"same-site"}}, false},
		{"cross-site", map[string][]string{"Sec-Fetch-Site": {"cross-site"}}, false},
		{"unknown", map[string][]string{"Sec-Fetch-Site": {"same-galaxy"}}, false},
		{"empty", map[string][]string{"Sec-Fetch-Site": {""}}, false},
		{"repeated", map[string][]string{"Sec-Fetch-Site": {"same-origin", "same-origin"}}, false},
		{"upper case", map[string][]string{"Sec-Fetch-Site": {"Same-Origin"}}, false},
		{"our origin", map[string][]string{"Origin": {external}}, true},
		{"null", map[string][]string{"Origin": {"null"}}, false},
		{"empty origin", map[string][]string{"Origin": {""}}, false},
		{"other scheme", map[string][]string{"Origin": {"http://app.example.com"}}, false},
		{"other port", map[string][]string{"Origin": {"https://app.example.com:8443"}}, false},
		{"sibling", map[string][]string{"Origin": {"https://evil.example.com"}}, false},
		{"look-alike behind", map[string][]string{"Origin": {"https://app.example.com.evil.example"}}, false},
		{"look-alike before", map[string][]string{"Origin": {"https://evilapp.example.com"}}, false},
		{"with a path", map[string][]string{"Origin": {external + "/"}}, false},
		{"the Host header", map[string][]string{"Origin": {"https://evil.example"}, "X-Forwarded-Host": {"evil.example"}}, false},
		{"two origins", map[string][]string{"Origin": {external, "https://evil.example"}}, false},
		{"contradiction", map[string][]string{"Origin": {external}, "Sec-Fetch-Site": {"cross-site"}}, false},
		{"contradiction, the other way", map[string][]string{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"same-origin"}}, false},
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		for _, p := range posts {
			for _, row := range rows {
				t.Run(p.path+" "+row.name, func(t *testing.T) {
					h := open(t, wire)
					b := h.script().enter()
					copied := b.clone()
					r := b.form(p.path, append([]string{"csrfToken", b.csrf()}, p.fields...)...)
					r.Host = "evil.example"
					r.Header.Del("Origin")
					r.Header.Del("Sec-Fetch-Site")
					for name, values := range row.headers {
						r.Header[name] = values
					}
					answer := b.send(r)
					if got := heard(h, copied, p.path, answer); got != row.ok {
						t.Errorf("heard %v, want %v: %d %s", got, row.ok, answer.StatusCode, answer.body)
					}
					if want := map[bool]int{true: 403, false: 400}[p.path != "session"]; !row.ok && answer.StatusCode != want {
						t.Errorf("status %d, want %d", answer.StatusCode, want)
					}
				})
			}
		}
	})
}

// TestPair is CSR-4: what pairs count, and that a good pair alone does not.
func TestPair(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		for _, p := range posts {
			rows := []struct {
				name string
				send func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request
				ok   bool
			}{
				{"good", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					return b.form(p.path, append([]string{"csrfToken", b.csrf()}, p.fields...)...)
				}, true},
				{"no token", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					b.csrf()
					return b.form(p.path, p.fields...)
				}, false},
				{"empty token", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					b.csrf()
					return b.form(p.path, append([]string{"csrfToken", ""}, p.fields...)...)
				}, false},
				{"token of another pair", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					b.csrf()
					token, _ := pair()
					return b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				}, false},
				{"no cookie", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token := b.csrf()
					delete(b.jar, h.cookieName("csrf"))
					return b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				}, false},
				{"cookie made up", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token := strings.Repeat("a", 64)
					b.jar[h.cookieName("csrf")] = &http.Cookie{Value: token + "%7C" + strings.Repeat("b", 64)}
					return b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				}, false},
				{"token in the query and in a header", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token := b.csrf()
					r := b.form(p.path+"?csrfToken="+token, p.fields...)
					r.Header.Set("X-CSRF-Token", token)
					return r
				}, false},
				{"CSR-4 attacker's own pair, planted, from elsewhere", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token, cookie := pair()
					b.jar[h.cookieName("csrf")] = cookie
					r := b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
					r.Header.Set("Sec-Fetch-Site", "same-site")
					r.Header.Set("Origin", "https://evil.example.com")
					return r
				}, false},
				{"CSR-4 the same from a browser without Fetch Metadata", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token, cookie := pair()
					b.jar[h.cookieName("csrf")] = cookie
					r := b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
					r.Header.Del("Sec-Fetch-Site")
					r.Header.Set("Origin", "https://evil.example.com")
					return r
				}, false},
				{"CSR-9 token twice", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token := b.csrf()
					return b.form(p.path, append([]string{"csrfToken", token, "csrfToken", token}, p.fields...)...)
				}, false},
				{"CSR-9 callbackUrl twice", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					return b.form(p.path, append([]string{"csrfToken", b.csrf(), "callbackUrl", "/a", "callbackUrl", "/b"}, p.fields...)...)
				}, false},
				{"COO-2 unprefixed cookie name", func(h *house, b *browser, pair func() (string, *http.Cookie)) *http.Request {
					token := b.csrf()
					name := h.cookieName("csrf")
					b.jar[strings.TrimPrefix(name, "__Host-")] = b.jar[name]
					delete(b.jar, name)
					return b.form(p.path, append([]string{"csrfToken", token}, p.fields...)...)
				}, false},
			}
			for _, row := range rows {
				t.Run(p.path+" "+row.name, func(t *testing.T) {
					h := open(t, wire)
					b := h.script().enter()
					copied := b.clone()
					pair := func() (string, *http.Cookie) {
						attacker := h.browser()
						return attacker.csrf(), attacker.jar[h.cookieName("csrf")]
					}
					answer := b.send(row.send(h, b, pair))
					if got := heard(h, copied, p.path, answer); got != row.ok {
						t.Errorf("heard %v, want %v: %d %s", got, row.ok, answer.StatusCode, answer.body)
					}
					if !row.ok && answer.StatusCode != 400 && answer.StatusCode != 403 {
						t.Errorf("status %d", answer.StatusCode)
					}
				})
			}
		}
	})
}

// TestForgedSignIn is login CSRF (CSR-5) as the person sees it.
func TestForgedSignIn(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		b := h.browser()
		r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		answer := b.send(r).is(http.StatusForbidden)
		if answer.sets(h) || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s", answer.body)
		}
		answer.hides("jsmith")
		if got := h.log.lines("sign-in"); len(got) != 1 || got[0]["outcome"] != "cross_site" {
			t.Errorf("LOG-3 audit lines %v", got)
		}
		// A page that was open too long gives back what was typed.
		stale := b.send(b.form("callback/credentials", "csrfToken", "stale", "username", "jsmith", "password", jsmiths)).is(302)
		shown := b.follow(stale)
		shown.shows(`value="jsmith"`)
		shown.hides(jsmiths)
	})
}

// TestContentTypes is CSR-6: what a form of another site can send is no JSON.
func TestContentTypes(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		form := func(b *browser) string { return "username=jsmith&password=open+sesame&csrfToken=" + b.csrf() }
		object := func(b *browser) string {
			return `{"username":"jsmith","password":"open sesame","csrfToken":"` + b.csrf() + `"}`
		}
		for _, row := range []struct {
			types []string
			body  func(*browser) string
			want  int // 0: signed in
		}{
			{[]string{"application/x-www-form-urlencoded"}, form, 0},
			{[]string{"application/x-www-form-urlencoded; charset=UTF-8"}, form, 0},
			{[]string{"Application/X-WWW-Form-Urlencoded"}, form, 0},
			{[]string{"application/json"}, object, 0},
			{[]string{"application/json; charset=utf-8"}, object, 0},
			{[]string{"text/plain"}, object, 415},
			{[]string{"text/plain; application/json"}, object, 415},
			{[]string{"application/json-patch"}, object, 415},
			{[]string{"application/ld+json"}, object, 415},
			{[]string{"application/json, text/plain"}, object, 415},
			{[]string{"application/json", "text/plain"}, object, 415},
			{[]string{"multipart/form-data; boundary=x"}, form, 415},
			{[]string{""}, form, 415},
			{nil, form, 415},
			{[]string{"application/x-www-form-urlencoded"}, object, 400},
			{[]string{"application/json"}, form, 400},
			{[]string{";"}, form, 415},
		} {
			b := h.browser()
			r := httptest.NewRequest(http.MethodPost, "/api/auth/callback/credentials", strings.NewReader(row.body(b)))
			r.Header["Content-Type"] = row.types
			answer := b.send(r)
			if row.want == 0 {
				if !answer.sets(h) {
					t.Errorf("%q: not signed in: %d %s", row.types, answer.StatusCode, answer.body)
				}
				continue
			}
			if answer.sets(h) || answer.StatusCode != row.want && answer.StatusCode != 403 && answer.StatusCode != 302 {
				t.Errorf("%q: %d, want %d: %s", row.types, answer.StatusCode, row.want, answer.body)
			}
		}
		b := h.browser()
		r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
		r.Header.Set("Content-Encoding", "gzip")
		b.send(r).is(http.StatusUnsupportedMediaType)
	})
}

// TestNoCORS reflects an origin at every route (CSR-7).
func TestNoCORS(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.AllowedRedirects = []string{"https://shop.example.com"} })
	for _, route := range routes {
		for _, origin := range []string{"https://evil.example", "null", "https://shop.example.com", external} {
			for _, method := range []string{"GET", "POST", "OPTIONS"} {
				r := httptest.NewRequest(method, "/", nil)
				r.URL.Path = "/api/auth" + route
				r.Header.Set("Origin", origin)
				r.Header.Set("Access-Control-Request-Method", "POST")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				for name, values := range w.Header() {
					if strings.HasPrefix(name, "Access-Control-") || slices.ContainsFunc(values, func(v string) bool { return v != external && strings.Contains(v, "evil.example") }) {
						t.Errorf("%s %s from %s: %s %q", method, route, origin, name, values)
					}
				}
			}
		}
	}
}
