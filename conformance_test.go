package ostiary_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
)

// The exchanges in testdata were recorded from the real packages
// (next-auth 4.24.15, next-auth 5.0.0-beta.32): requests with everything in
// them, answers, and the claims of the sessions that were made. Each is played
// back with the clock at the moment of the recording, and held against our
// answer by meaning. Where we depart, departures_test.go says why.

type recording struct {
	Now       time.Time
	Secret    string
	Exchanges []*exchange
}

type exchange struct {
	ID, Suite, Note string
	Request         struct {
		Method, Path string
		Headers      [][2]string
		Body         string
	}
	Response struct {
		Status  int
		Headers [][2]string
		Body    string
	}
	SessionClaims map[string]any `json:"session_claims"`
	v5            bool
}

func load(t *testing.T, name string) *recording {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var rec recording
	if err := json.Unmarshal(raw, &rec); err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Exchanges {
		e.v5 = strings.HasSuffix(name, "v5")
	}
	return &rec
}

// TestConformance plays every recorded exchange.
func TestConformance(t *testing.T) {
	used := map[string]bool{}
	for _, name := range []string{"exchanges-v4", "exchanges-v5"} {
		rec := load(t, name)
		for _, e := range rec.Exchanges {
			t.Run(name+"/"+e.ID, func(t *testing.T) { play(t, rec, e, used) })
		}
	}
	for _, d := range departures {
		if !used[d.why] {
			t.Errorf("no exchange needs the departure %q", d.why)
		}
	}
}

func play(t *testing.T, rec *recording, e *exchange, used map[string]bool) {
	want := expectation(e)
	for _, d := range departures {
		if d.match(e) {
			used[d.why] = true
			if d.apply == nil {
				return // not comparable at all
			}
			d.apply(e, want)
		}
	}
	service := newSuite(t, rec, e)
	got := send(service, e)
	want.compare(t, rec, e, got)
}

func send(h http.Handler, e *exchange) *http.Response {
	r := httptest.NewRequest(e.Request.Method, "http://ignored"+e.Request.Path, strings.NewReader(e.Request.Body))
	for _, h := range e.Request.Headers {
		if strings.EqualFold(h[0], "host") {
			r.Host = h[1]
			continue
		}
		r.Header.Add(h[0], h[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// newSuite makes the service of an exchange's suite.
func newSuite(t *testing.T, rec *recording, e *exchange) *ostiary.Service {
	t.Helper()
	c := ostiary.Config{
		URL: "http://localhost:3000", Secrets: []string{rec.Secret}, Now: func() time.Time { return rec.Now },
		Providers: []ostiary.Provider{{Form: credentialsForm, Authorize: recordedUsers}},
	}
	if e.v5 {
		c.Wire = session.AuthJSV5
	}
	if change := suites[e.Suite]; change != nil {
		change(&c)
	}
	s, err := ostiary.New(c)
	if err != nil {
		t.Fatalf("suite %s: %v", e.Suite, err)
	}
	return s
}

var credentialsForm = form.Form{
	{Name: "username", Label: "Username", Placeholder: "ada"},
	{Name: "password", Label: "Password", Type: "password"},
}

// recordedUsers answers as the recorded servers did.
func recordedUsers(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	switch c.Get("username") {
	case "ada":
		if c.Get("password") != "correct horse" {
			return nil, nil
		}
		return &ostiary.User{
			ID: "42", Name: "Ada Lovelace", Email: "ada@example.test", Image: "https://example.test/ada.png",
		}, nil
	case "grete":
		return &ostiary.User{ID: "u-ü", Name: "Grete Müßig 🦊", Email: "grete@example.test"}, nil
	case "minimal":
		return &ostiary.User{ID: "1"}, nil
	case "numid":
		return &ostiary.User{ID: "7", Name: "Seven"}, nil
	case "noid":
		return &ostiary.User{Name: "No Id", Email: "noid@example.test"}, nil
	case "big":
		return &ostiary.User{ID: "big", Name: strings.Repeat("N", 6000), Email: "big@example.test"}, nil
	case "throw", "throw-empty", "throw-url":
		return nil, errors.New("Backend exploded: código 7 & more")
	case "access-denied":
		return nil, ostiary.ErrAccessDenied
	case "code":
		return nil, &ostiary.Refusal{Code: "account_locked"}
	case "code-space":
		return nil, &ostiary.Refusal{Code: "two words & más"}
	case "code-default":
		return nil, &ostiary.Refusal{}
	}
	return nil, nil
}

// suites are the configurations of the recordings, as far as they are not the
// default one.
var suites = map[string]func(*ostiary.Config){
	"multi": func(c *ostiary.Config) {
		c.Providers = append(c.Providers,
			ostiary.Provider{ID: "ldap", Name: "Corporate LDAP", Authorize: recordedUsers, Form: form.Form{
				{Name: "mail", Label: "Work e-mail", Type: "email"}, {Name: "pin", Type: "number"}, {Name: "plain"},
			}},
			ostiary.Provider{ID: "bare", Name: "Bare", Authorize: func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
				return &ostiary.User{ID: "bare", Name: "Bare"}, nil
			}})
	},
	"pages": func(c *ostiary.Config) {
		c.Pages = ostiary.Pages{SignIn: "/login", SignOut: "/bye", Error: "/oops", VerifyRequest: "/check"}
	},
	"pagesQuery": func(c *ostiary.Config) { c.Pages = ostiary.Pages{SignIn: "/login?x=1", Error: "/oops?y=2"} },
	"secure":     func(c *ostiary.Config) { c.URL = "https://app.example.test" },
	"theme": func(c *ostiary.Config) {
		c.Theme = pages.Theme{ColorScheme: "dark", Logo: "https://example.test/logo.svg", BrandColor: "#aa11cc", ButtonText: "#00ff00"}
	},
	"custompath":    func(c *ostiary.Config) { c.BasePath = "/custom/auth" },
	"coreBase":      func(c *ostiary.Config) { c.BasePath = "/auth" },
	"shortage":      func(c *ostiary.Config) { c.Session.Lifetime = time.Hour },
	"deny":          signIn(func() (string, error) { return "", ostiary.ErrAccessDenied }),
	"denyString":    signIn(func() (string, error) { return "/blocked?why=1", nil }),
	"denyStringExt": signIn(func() (string, error) { return "https://evil.example/x", nil }),
	"denyThrow":     signIn(func() (string, error) { return "", errors.New("signIn callback said no & more") }),
	"denyThrowCreds": signIn(func() (string, error) {
		return "", &ostiary.Refusal{Code: "from_callback"}
	}),
	"redirectAny": func(c *ostiary.Config) {
		c.Callbacks.Redirect = func(_ context.Context, target, _ string) string { return target }
	},
	"customCookies": func(c *ostiary.Config) {
		c.Session.Cookie = ostiary.Cookie{Name: "my.session", Path: "/app", Domain: "example.test", SameSite: http.SameSiteStrictMode}
	},
	"jwtNull": func(c *ostiary.Config) {
		c.Callbacks.JWT = func(context.Context, *ostiary.JWT) error { return ostiary.ErrEndSession }
	},
	"jwtNullLater": func(c *ostiary.Config) {
		c.Callbacks.JWT = func(_ context.Context, j *ostiary.JWT) error {
			if j.Trigger == "signIn" {
				return nil
			}
			return ostiary.ErrEndSession
		}
	},
	"sessionPass": func(c *ostiary.Config) {
		c.Callbacks.Session = func(_ context.Context, v *ostiary.View, t *session.Token) error {
			v.Extra = map[string]any{"token": t.Claims()}
			return nil
		}
	},
	"rotated": func(c *ostiary.Config) {
		c.Secrets = []string{"test-only-v5-new-secret-not-for-production", c.Secrets[0]}
	},
	"traced": traced,
}

func signIn(say func() (string, error)) func(*ostiary.Config) {
	return func(c *ostiary.Config) {
		c.Callbacks.SignIn = func(context.Context, ostiary.SignIn) (string, error) { return say() }
	}
}

// traced is the suite with every callback: the token carries a role, and an
// update may change the name.
func traced(c *ostiary.Config) {
	c.Callbacks.JWT = func(_ context.Context, j *ostiary.JWT) error {
		if j.User != nil {
			return j.Token.Set("role", "admin")
		}
		var update struct{ Name string }
		if j.Trigger == "update" && json.Unmarshal(j.Update, &update) == nil {
			j.Token.Name = session.String(update.Name)
		}
		return nil
	}
	c.Callbacks.Session = func(_ context.Context, v *ostiary.View, t *session.Token) error {
		v.User["role"] = t.Extra.Get("role")
		return nil
	}
}

// want is what an answer must come down to.
type want struct {
	status   int
	location string
	url      string // of a JSON answer
	body     any    // any other JSON
	text     string
	html     bool
	cookies  []*http.Cookie
	headers  map[string]string
	claims   map[string]any
}

func expectation(e *exchange) *want {
	w := &want{status: e.Response.Status, headers: map[string]string{}, claims: e.SessionClaims}
	for _, h := range e.Response.Headers {
		switch h[0] {
		case "set-cookie":
			c, _ := http.ParseSetCookie(h[1])
			w.cookies = append(w.cookies, c)
		case "location":
			w.location = h[1]
		case "cache-control", "pragma", "expires":
			w.headers[h[0]] = h[1]
		case "content-type":
			w.html = strings.HasPrefix(h[1], "text/html")
			if strings.HasPrefix(h[1], "application/json") && json.Unmarshal([]byte(e.Response.Body), &w.body) == nil {
				w.headers["content-type"] = "application/json"
			}
		}
	}
	if object, ok := w.body.(map[string]any); ok && object["url"] != nil {
		w.url, w.body = object["url"].(string), nil
	}
	if w.body == nil && w.url == "" && !w.html {
		w.text = e.Response.Body
	}
	return w
}

func (w *want) compare(t *testing.T, rec *recording, e *exchange, got *http.Response) {
	t.Helper()
	if got.StatusCode != w.status {
		t.Errorf("status %d, want %d", got.StatusCode, w.status)
	}
	if at := got.Header.Get("Location"); at != w.location {
		t.Errorf("location %q, want %q", at, w.location)
	}
	for name, value := range w.headers {
		if at := got.Header.Get(name); at != value {
			t.Errorf("%s: %q, want %q", name, at, value)
		}
	}
	w.compareBody(t, got)
	w.compareCookies(t, rec, e, got)
}

func (w *want) compareBody(t *testing.T, got *http.Response) {
	t.Helper()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	switch {
	case w.html:
		if !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || !strings.Contains(text, "</html>") {
			t.Errorf("not a page: %.200s", text)
		}
	case w.url != "":
		var a struct{ URL string }
		if err := json.Unmarshal([]byte(text), &a); err != nil || a.URL != w.url {
			t.Errorf("url %q (%v), want %q", a.URL, err, w.url)
		}
	case w.body != nil || w.text == "null":
		var a any
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("not JSON: %.200s", text)
		}
		hideRandom(a)
		hideRandom(w.body)
		if x, y := mustJSON(a), mustJSON(w.body); x != y {
			t.Errorf("body %s, want %s", x, y)
		}
	case w.text != text:
		t.Errorf("text %q, want %q", text, w.text)
	}
}

// hideRandom blanks what no two servers answer alike.
func hideRandom(v any) {
	object, ok := v.(map[string]any)
	if !ok {
		return
	}
	if token, _ := object["csrfToken"].(string); len(token) == 64 {
		object["csrfToken"] = "random"
	}
	if token, _ := object["token"].(map[string]any); token != nil {
		for name := range token {
			if !slices.Contains([]string{"name", "email", "picture", "sub", "iat", "exp"}, name) {
				delete(token, name)
			}
		}
	}
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// compareCookies holds names, order, attributes and meaning of the cookies.
func (w *want) compareCookies(t *testing.T, rec *recording, e *exchange, got *http.Response) {
	t.Helper()
	var cookies []*http.Cookie
	for _, c := range got.Cookies() {
		if !strings.Contains(c.Name, "ostiary.") { // ours alone, beside the contract
			cookies = append(cookies, c)
		}
	}
	names := func(list []*http.Cookie) (out []string) {
		for _, c := range list {
			out = append(out, c.Name)
		}
		return out
	}
	if x, y := names(cookies), names(w.cookies); !slices.Equal(x, y) {
		t.Errorf("cookies %q, want %q", x, y)
		return
	}
	sealed := ""
	for i, c := range cookies {
		if x, y := attributes(c), attributes(w.cookies[i]); x != y {
			t.Errorf("cookie %s: %s, want %s", c.Name, x, y)
		}
		if strings.HasSuffix(c.Name, "callback-url") && c.Value != w.cookies[i].Value {
			t.Errorf("callback URL cookie %q, want %q", c.Value, w.cookies[i].Value)
		}
		if strings.Contains(c.Name, "session") && c.MaxAge >= 0 && c.Value != "" {
			sealed += c.Value
		}
	}
	w.compareClaims(t, rec, e, sealed)
}

func attributes(c *http.Cookie) string {
	kept := *c
	kept.Value, kept.Name = "x", "x"
	return kept.String()
}

// compareClaims opens the session that was made and holds it against the
// recorded claims. Ours has more: see departures_test.go.
func (w *want) compareClaims(t *testing.T, rec *recording, e *exchange, sealed string) {
	t.Helper()
	if w.claims == nil {
		if sealed != "" {
			t.Error("a session was made, and none was recorded")
		}
		return
	}
	c := session.Config{Secrets: []string{rec.Secret}, Secure: e.Suite == "secure", Now: func() time.Time { return rec.Now }}
	if e.v5 {
		c.Format = session.AuthJSV5
	}
	if e.Suite == "customCookies" {
		c.CookieName = "my.session"
	}
	if e.Suite == "rotated" {
		c.Secrets = append([]string{"test-only-v5-new-secret-not-for-production"}, c.Secrets...)
	}
	codec, err := session.New(c)
	if err != nil {
		t.Fatal(err)
	}
	token, err := codec.Open(sealed, rec.Now)
	if err != nil {
		t.Fatalf("the session that was made does not open: %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(mustJSON(token.Claims())), &claims); err != nil {
		t.Fatal(err)
	}
	if w.claims["name"] == "(the letter N, 6000 times)" {
		w.claims["name"] = strings.Repeat("N", 6000)
	}
	for name := range w.claims {
		if name != "jti" && mustJSON(claims[name]) != mustJSON(w.claims[name]) {
			t.Errorf("claim %s: %.100v, want %.100v", name, claims[name], w.claims[name])
		}
	}
}

// spoken reports whether the request wants JSON.
func (e *exchange) spoken() bool {
	if e.v5 {
		return slices.ContainsFunc(e.Request.Headers, func(h [2]string) bool { return strings.EqualFold(h[0], "x-auth-return-redirect") })
	}
	return strings.Contains(e.Request.Body, "json=true") || strings.Contains(e.Request.Body, `"json":"true"`)
}

func (e *exchange) field(name string) string {
	values, _ := url.ParseQuery(e.Request.Body)
	return values.Get(name)
}
