package ostiary_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
	"github.com/ostiary/ostiary/store/memory"
)

// What the tests of this package share: a clock to turn, a house (a service
// with its log), and a browser that keeps cookies as browsers do.

const (
	secretA  = "gR7w2Qm9Zx4Lk1Vt8Bn5Hc3Yp6Jd0Sf+Ea/Uo2Wi5Tk"
	secretB  = "N4c8Xs1Kv6Gz3Fb9Mq7Rj2Lw5Dh0Ty+Pe/Ia4Uk8Zo1"
	jsmiths  = "open sesame"
	external = "https://app.example.com"
)

var dayOne = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// clock is a clock that stands still until it is turned.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// journal collects log lines, as JSON and at debug level.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// lines returns the lines with the given message.
func (j *journal) lines(message string) (found []map[string]any) {
	for line := range strings.Lines(j.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == message {
			found = append(found, entry)
		}
	}
	return found
}

// house is a service under test.
type house struct {
	*ostiary.Service
	t     testing.TB
	v5    bool
	base  string
	clock *clock
	log   *journal
}

func open(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{at: dayOne}, log: new(journal)}
	c := ostiary.Config{
		URL: external, Secrets: []string{secretA}, Now: h.clock.now,
		Logger:    slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Providers: []ostiary.Provider{{Form: loginForm(), Authorize: directory}},
	}
	for _, change := range changes {
		change(&c)
	}
	s, err := ostiary.New(c)
	if err != nil {
		t.Fatal(err)
	}
	h.Service, h.v5, h.base = s, c.Wire == session.AuthJSV5, c.URL+"/api/auth"
	return h
}

// under is the same house, its faults told to another test.
func (h *house) under(t testing.TB) *house {
	same := *h
	same.t = t
	return &same
}

func loginForm() form.Form {
	return form.Form{{Name: "username", Label: "Username"}, {Name: "password", Label: "Password", Type: "password"}}
}

// directory is the existing user system of most tests.
func directory(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	if c.Get("username") != "jsmith" || c.Get("password") != jsmiths {
		return nil, nil
	}
	return jsmith(), nil
}

func jsmith() *ostiary.User {
	return &ostiary.User{ID: "42", Name: "J Smith", Email: "jsmith@example.com", Groups: []string{"staff"}}
}

// answering is a provider that gives the same answer to everybody.
func answering(u *ostiary.User, err error) func(*ostiary.Config) {
	return authorizing(func(context.Context, form.Values, *http.Request) (*ostiary.User, error) { return u, err })
}

func authorizing(f ostiary.Authorizer) func(*ostiary.Config) {
	return func(c *ostiary.Config) { c.Providers[0].Authorize = f }
}

func wireV5(c *ostiary.Config) { c.Wire = session.AuthJSV5 }

// bothWires runs a test in each generation's protocol.
func bothWires(t *testing.T, test func(t *testing.T, wire func(*ostiary.Config))) {
	t.Helper()
	t.Run("v4", func(t *testing.T) { test(t, func(*ostiary.Config) {}) })
	t.Run("v5", func(t *testing.T) { test(t, wireV5) })
}

// cookieName returns the name of a cookie: session, csrf, callback, pending or
// attempt.
func (h *house) cookieName(what string) string {
	family := "next-auth."
	if h.v5 {
		family = "authjs."
	}
	host, plain := "__Host-", "__Secure-"
	if strings.HasPrefix(h.base, "http:") {
		host, plain = "", ""
	}
	switch what {
	case "session":
		return plain + family + "session-token"
	case "csrf":
		return host + family + "csrf-token"
	case "callback":
		return plain + family + "callback-url"
	}
	return host + "ostiary." + what
}

// browser keeps cookies and sends them back, to a handler without a network.
type browser struct {
	h       *house
	handler http.Handler
	json    bool // speaks like the clients' signIn, not like a form
	jar     map[string]*http.Cookie
	header  http.Header
}

func (h *house) browser() *browser {
	return &browser{h: h, handler: h, jar: map[string]*http.Cookie{}, header: http.Header{}}
}

// script is a browser in which the client library speaks.
func (h *house) script() *browser {
	b := h.browser()
	b.json = true
	return b
}

func (b *browser) clone() *browser {
	c := *b
	c.jar, c.header = maps.Clone(b.jar), b.header.Clone()
	return &c
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	t    testing.TB
	body string
}

// said is the JSON of an attempt's answer.
type said struct {
	URL, Code, Message, Reference string
	Problems                      []struct{ Field, Code, Message string }
	Next                          *struct {
		Provider, Code, Title, Sentence, Expires string
		Form                                     struct{ Fields []map[string]any }
	}
}

func (r *reply) said() (s said) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.body), &s); err != nil {
		r.t.Fatalf("not JSON: %.300s", r.body)
	}
	return s
}

// leads is where the answer leads to, in either voice.
func (r *reply) leads() string {
	if at := r.Header.Get("Location"); at != "" {
		return at
	}
	return r.said().URL
}

// cookie returns a cookie that the answer sets, nil if it doesn't.
func (r *reply) cookie(name string) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// sets reports whether the answer carries a session.
func (r *reply) sets(h *house) bool {
	name := h.cookieName("session")
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool {
		return (c.Name == name || strings.HasPrefix(c.Name, name+".")) && c.Value != "" && c.MaxAge >= 0
	})
}

func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Errorf("status %d, want %d; body %.300s", r.StatusCode, status, r.body)
	}
	return r
}

func (r *reply) shows(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			r.t.Errorf("the page does not show %q", text)
		}
	}
}

func (r *reply) hides(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			r.t.Errorf("the answer shows %q", text)
		}
	}
}

// send sends a request as it is, with the cookies of the jar, and keeps those of
// the answer.
func (b *browser) send(r *http.Request) *reply {
	b.h.t.Helper()
	now := b.h.clock.now()
	for _, name := range slices.Sorted(maps.Keys(b.jar)) {
		if c := b.jar[name]; c.Expires.IsZero() || now.Before(c.Expires) {
			r.AddCookie(&http.Cookie{Name: name, Value: c.Value})
		}
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.jar, c.Name)
			continue
		}
		if c.MaxAge > 0 {
			c.Expires = now.Add(time.Duration(c.MaxAge) * time.Second)
		}
		b.jar[c.Name] = c
	}
	return &reply{Response: res, t: b.h.t, body: string(body)}
}

// close ends the browser's run: cookies without an end are gone.
func (b *browser) close() {
	maps.DeleteFunc(b.jar, func(_ string, c *http.Cookie) bool { return c.Expires.IsZero() })
}

func (b *browser) get(path string) *reply {
	b.h.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, b.h.address(path), nil))
}

// address completes a path below the base; what starts with a slash or a scheme
// stays.
func (h *house) address(path string) string {
	switch {
	case strings.HasPrefix(path, "http"):
		return path
	case strings.HasPrefix(path, "/"):
		return strings.TrimSuffix(h.base, "/api/auth") + path
	}
	return h.base + "/" + path
}

// follow goes where a redirect leads, and on, to the page at the end.
func (b *browser) follow(r *reply) *reply {
	b.h.t.Helper()
	for range 5 {
		at := r.Header.Get("Location")
		if at == "" {
			return r
		}
		r = b.get(at)
	}
	b.h.t.Fatal("a circle of redirects")
	return nil
}

func (b *browser) csrf() string {
	b.h.t.Helper()
	var a struct{ CSRFToken string }
	if err := json.Unmarshal([]byte(b.get("csrf").body), &a); err != nil {
		b.h.t.Fatal(err)
	}
	return a.CSRFToken
}

// post sends a form with the CSRF token, in the browser's voice. Fields are
// name, value, name, value …
func (b *browser) post(path string, fields ...string) *reply {
	b.h.t.Helper()
	return b.send(b.form(path, append([]string{"csrfToken", b.csrf()}, fields...)...))
}

// form makes the request of post without fetching a token.
func (b *browser) form(path string, fields ...string) *http.Request {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	if b.json && !b.h.v5 {
		values.Set("json", "true")
	}
	r := httptest.NewRequest(http.MethodPost, b.h.address(path), strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", external)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(b.h.base, "http:") {
		r.Header.Set("Origin", strings.TrimSuffix(b.h.base, "/api/auth"))
	}
	if b.json && b.h.v5 {
		r.Header.Set("X-Auth-Return-Redirect", "1")
	}
	return r
}

// postJSON sends a JSON body, with the CSRF token put in.
func (b *browser) postJSON(path string, fields map[string]any) *reply {
	b.h.t.Helper()
	all := maps.Clone(fields)
	if all == nil {
		all = map[string]any{}
	}
	all["csrfToken"] = b.csrf()
	r := httptest.NewRequest(http.MethodPost, b.h.address(path), strings.NewReader(mustJSON(all)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", external)
	if b.json && b.h.v5 {
		r.Header.Set("X-Auth-Return-Redirect", "1")
	}
	return b.send(r)
}

// login signs jsmith in through the first provider.
func (b *browser) login(more ...string) *reply {
	b.h.t.Helper()
	return b.post("callback/credentials", append([]string{"username", "jsmith", "password", jsmiths}, more...)...)
}

// enter is login that must succeed.
func (b *browser) enter(more ...string) *browser {
	b.h.t.Helper()
	if r := b.login(more...); !r.sets(b.h) {
		b.h.t.Fatalf("not signed in: %d %s %.300s", r.StatusCode, r.Header.Get("Location"), r.body)
	}
	return b
}

// session returns the answer of GET session, nil when signed out.
func (b *browser) session() map[string]any {
	b.h.t.Helper()
	return b.h.sessionOf(b.get("session"))
}

func (h *house) sessionOf(r *reply) (view map[string]any) {
	h.t.Helper()
	if r.StatusCode != http.StatusServiceUnavailable { // a fault, which is answered like signed out
		r.is(http.StatusOK)
	}
	if err := json.Unmarshal([]byte(r.body), &view); err != nil {
		h.t.Fatalf("GET session: %v: %.300s", err, r.body)
	}
	if signedOut := map[bool]string{true: "null", false: "{}"}[h.v5]; len(view) == 0 && r.body != signedOut {
		h.t.Errorf("signed out is %q, want %q", r.body, signedOut)
	}
	if len(view) == 0 {
		return nil
	}
	return view
}

// token opens the session that the browser holds.
func (b *browser) token() *session.Token {
	b.h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, b.h.base+"/session", nil)
	for name, c := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: c.Value})
	}
	found := b.h.Session(r)
	if found == nil {
		b.h.t.Fatal("no session")
	}
	return found.Token
}

// voices runs a test in both wires, and in each as a form and as a client
// library.
func voices(t *testing.T, test func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser)) {
	t.Helper()
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		t.Run("page", func(t *testing.T) { test(t, wire, (*house).browser) })
		t.Run("JSON", func(t *testing.T) { test(t, wire, (*house).script) })
	})
}

// faultyStore is a store that has lost its engine, in the ways that are switched
// on.
type faultyStore struct {
	ostiary.Store
	take, revoke, revoked bool
}

func (s *faultyStore) TakeOnce(ctx context.Context, key string, until time.Time) (bool, error) {
	if s.take {
		return false, fmt.Errorf("engine lost")
	}
	return s.Store.TakeOnce(ctx, key, until)
}

func (s *faultyStore) Revoke(ctx context.Context, id string, until time.Time) error {
	if s.revoke {
		return fmt.Errorf("engine lost")
	}
	return s.Store.Revoke(ctx, id, until)
}

func (s *faultyStore) Revoked(id string) bool { return s.revoked || s.Store.Revoked(id) }

func newMemory(c *ostiary.Config) ostiary.Store { return memory.New(c.Now) }

// page is an application's handler.
func page(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
}

// get asks a handler with a browser's cookies.
func get(handler http.Handler, b *browser, path string, headers ...string) *reply {
	asking := *b
	asking.handler = handler
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return asking.send(r)
}

// request is a plain request with a browser's cookies.
func request(b *browser) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, c := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: c.Value})
	}
	return r
}

// sized is a JWT callback that gives the token a claim of as many bytes.
func sized(size *int) func(context.Context, *ostiary.JWT) error {
	return func(_ context.Context, j *ostiary.JWT) error {
		return j.Token.Set("filler", strings.Repeat("x", *size))
	}
}
