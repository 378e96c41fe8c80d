package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary/server"
)

// site is a server under test.
type site struct {
	address string // host:port
	log     *lines
	reload  chan os.Signal
	stop    context.CancelFunc
	done    chan error
}

// serve runs a configuration until the test ends. A nil load never reloads.
func serve(t *testing.T, c *server.Config, load func() (*server.Config, error)) *site {
	t.Helper()
	c.Listen = "127.0.0.1:0"
	ctx, stop := context.WithCancel(t.Context())
	s := &site{log: new(lines), reload: make(chan os.Signal), stop: stop, done: make(chan error, 1)}
	ready := make(chan net.Addr, 1)
	go func() {
		s.done <- server.Serve(ctx, server.Options{
			Config: c, Load: load, Reload: s.reload, Log: s.log, Ready: func(a net.Addr) { ready <- a },
		})
	}()
	select {
	case at := <-ready:
		s.address = at.String()
	case err := <-s.done:
		t.Fatalf("not serving: %v", err)
	}
	t.Cleanup(func() { s.stop(); s.log.wait(t, "stopped") })
	return s
}

// lines is a log that tests can wait on.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return len(b), nil
}

// wait returns the log once word is in it.
func (l *lines) wait(t *testing.T, word string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		text := l.text.String()
		if l.more == nil {
			l.more = make(chan struct{})
		}
		more := l.more
		l.mu.Unlock()
		if strings.Contains(text, word) {
			return text
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("no %q in the log:\n%s", word, text)
		}
	}
}

// browser keeps cookies and follows no redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask sends a request and returns status, headers and body. Pairs make a form.
func ask(t *testing.T, client *http.Client, method, address string, pairs ...string) (*http.Response, string) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("X-Auth-Return-Redirect", "1") // v5's way to ask for JSON
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// post is ask with the CSRF token and an answer in JSON.
func post(t *testing.T, client *http.Client, site, path string, pairs ...string) (*http.Response, string) {
	t.Helper()
	_, body := ask(t, client, http.MethodGet, site+"/api/auth/csrf")
	var csrf struct{ CSRFToken string }
	if err := json.Unmarshal([]byte(body), &csrf); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return ask(t, client, http.MethodPost, site+path, append(pairs, "csrfToken", csrf.CSRFToken, "json", "true")...)
}

// get asks a handler and returns the body.
func get(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Body.String()
}

// userSystem answers with a user when the password is right. gate, if not nil,
// is told of each question and answers when that was received twice.
func userSystem(t *testing.T, gate chan struct{}) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Username, Password string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Password != "right" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if gate != nil {
			gate <- struct{}{}
			gate <- struct{}{}
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"7","name":%q}`, in.Username)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func configFor(endpoint, extra string) string {
	return `url: http://localhost:3000
secrets: ["${OSTIARY_SECRET}"]
providers:
  - name: Acme
    fields: {username: {}, password: {type: password}}
    connector: {http: {url: "` + endpoint + `"}}
` + extra
}

func TestServe(t *testing.T) {
	s := serve(t, parse(t, configFor(userSystem(t, nil), "")), nil)
	at := "http://" + s.address
	client := browser(t)

	answer, _ := ask(t, client, http.MethodGet, at+"/")
	if got := answer.Header.Get("Location"); answer.StatusCode != 302 || !strings.HasPrefix(got, "http://localhost:3000/api/auth/signin?") {
		t.Errorf("GET / signed out: got %s to %q", answer.Status, got)
	}
	if answer, _ = ask(t, client, http.MethodPost, at+"/"); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: got %s", answer.Status)
	}
	answer, _ = ask(t, client, http.MethodGet, at+"/elsewhere")
	for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy"} {
		if answer.StatusCode != http.StatusNotFound || answer.Header.Get(h) == "" {
			t.Errorf("PAG-1 GET /elsewhere: got %s, %s %q", answer.Status, h, answer.Header.Get(h))
		}
	}
	if answer, _ := ask(t, client, http.MethodGet, at+"/api/authority"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a path that only begins like the base path: got %s", answer.Status)
	}
	if answer, body := post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", "right"); answer.StatusCode != 200 {
		t.Fatalf("sign-in: got %s %s", answer.Status, body)
	}
	answer, body := ask(t, client, http.MethodGet, at+"/")
	if answer.StatusCode != 200 || !strings.Contains(body, "ada") || !strings.Contains(body, "credentials:7") {
		t.Errorf("GET / signed in: got %s %s", answer.Status, body)
	}
	ask(t, client, http.MethodGet, at+"/?lang=de")
	for _, path := range []string{"/", "/api/auth/signout"} {
		if _, body := ask(t, client, http.MethodGet, at+path); !strings.Contains(body, `lang="de"`) {
			t.Errorf("%s does not keep the language that was chosen at /", path)
		}
	}
	if !strings.Contains(s.log.wait(t, "signed_in"), `"msg":"sign-in"`) {
		t.Error("the attempt is not in the log as JSON")
	}
}

// TestLogHoldsNoSecret: LOG-2, at the most talkative level.
func TestLogHoldsNoSecret(t *testing.T) {
	const canary = "canary-9f8e7d6c5b4a39281706"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.Copy(w, r.Body)
		_, _ = io.WriteString(w, r.Header.Get("Authorization"))
	}))
	t.Cleanup(echo.Close)
	text := strings.Replace(configFor(echo.URL, "log: {level: debug, login_names: true}\n"), `"}}`, `", headers: {Authorization: "Bearer `+canary+`"}}}`, 1)
	s := serve(t, parse(t, text), nil)
	at, client := "http://"+s.address, browser(t)
	answer, body := post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", canary)
	if answer.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, canary) {
		t.Errorf("got %s %s", answer.Status, body)
	}
	ask(t, client, http.MethodGet, at+"/api/auth/signin?error="+canary+"&callbackUrl="+canary)
	log := s.log.wait(t, `"outcome":"unavailable"`)
	for _, hidden := range []string{canary, goodSecret, "csrf"} {
		if strings.Contains(log, hidden) {
			t.Errorf("%s is in the log:\n%s", hidden, log)
		}
	}
}

func TestReload(t *testing.T) {
	endpoint := userSystem(t, nil)
	next := make(chan string, 1)
	load := func() (*server.Config, error) {
		return server.Parse("ostiary.yaml", []byte(<-next), environment)
	}
	s := serve(t, parse(t, configFor(endpoint, "")), load)
	at, client := "http://"+s.address, browser(t)
	post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", "right")
	ended := browser(t)
	u, _ := url.Parse(at)
	ended.Jar.SetCookies(u, client.Jar.Cookies(u))
	post(t, client, at, "/api/auth/signout")

	next <- configFor(endpoint, "colour: red\n")
	s.reload <- syscall.SIGHUP
	if log := s.log.wait(t, "not reloaded"); !strings.Contains(log, "colour: unknown key") {
		t.Errorf("the fault is not in the log:\n%s", log)
	}
	if _, body := ask(t, client, http.MethodGet, at+"/api/auth/providers"); !strings.Contains(body, `"Acme"`) {
		t.Errorf("the old configuration is gone: %s", body)
	}

	next <- strings.Replace(configFor(endpoint, "listen: :9\n"), "Acme", "Zenith", 1)
	s.reload <- syscall.SIGHUP
	s.log.wait(t, "configuration reloaded")
	if !strings.Contains(s.log.wait(t, "restart"), `"key":"listen"`) {
		t.Error("the log does not say that listen needs a restart")
	}
	if _, body := ask(t, client, http.MethodGet, at+"/api/auth/providers"); !strings.Contains(body, `"Zenith"`) {
		t.Errorf("the new configuration does not serve: %s", body)
	}
	if _, body := ask(t, ended, http.MethodGet, at+"/api/auth/session"); strings.Contains(body, "ada") {
		t.Errorf("FAL-3 a reload brought an ended session back: %s", body)
	}
}

func TestDrain(t *testing.T) {
	gate := make(chan struct{})
	s := serve(t, parse(t, configFor(userSystem(t, gate), "")), nil)
	at, client := "http://"+s.address, browser(t)
	status := make(chan int, 1)
	go func() {
		answer, _ := post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", "right")
		status <- answer.StatusCode
	}()
	<-gate // the question is with the user system
	s.stop()
	s.log.wait(t, "stopping")
	select {
	case err := <-s.done:
		t.Fatalf("ended with a request in flight: %v", err)
	default:
	}
	<-gate // now it answers
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request in flight got %d, want 200", got)
	}
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestRawRequests(t *testing.T) {
	s := serve(t, parse(t, configFor(userSystem(t, nil), "limits: {connections: 64}\n")), nil)
	tests := []struct{ name, request, want string }{
		{"FAL-6 TRACE", "TRACE /api/auth/session HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
		{"FAL-6 CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "405"},
		{"FAL-6 two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		{"FAL-6 length and chunks", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"},
		{"FAL-6 folded header is one header", "GET /x HTTP/1.1\r\nHost: a\r\nX: a\r\n Content-Length: 5\r\n\r\n", "404"},
		{"FAL-6 blank before the colon", "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n", "400"},
		{"FAL-6 no host", "GET / HTTP/1.1\r\n\r\n", "400"},
		{"FAL-4 headers of 17 KiB", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 17<<10) + "\r\n\r\n", "431"},
		{"FAL-4 headers of 15 KiB", "GET /x HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 15<<10) + "\r\n\r\n", "404"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, test.request); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "HTTP/1.1 "+test.want+" ") {
				t.Errorf("got %q %v, want %s", line, err, test.want)
			}
		})
	}
}

func TestConnectionLimit(t *testing.T) {
	s := serve(t, parse(t, configFor(userSystem(t, nil), "limits: {connections: 1}\n")), nil)
	dial := func() net.Conn {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	first := dial()
	if _, err := first.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	second := dial()
	if err := second.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := second.Read(make([]byte, 1)); err == nil {
		t.Errorf("FAL-4 the second of at most one connections was answered (%d)", n)
	}
	first.Close()
	if err := second.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Read(make([]byte, 1)); err != nil {
		t.Errorf("the second connection is not served when the first is gone: %v", err)
	}
}

func TestTakenPort(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := parse(t, minimal)
	c.Listen = l.Addr().String()
	err = server.Serve(t.Context(), server.Options{Config: c})
	if err == nil || !strings.Contains(err.Error(), "is taken by another program; stop that one, or change listen or give --listen") {
		t.Errorf("got %v", err)
	}
	err = server.Demo(t.Context(), server.DemoOptions{Listen: l.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "is taken by another program; stop that one, or give --listen 127.0.0.1:0") {
		t.Errorf("got %v", err)
	}
}

func TestHealth(t *testing.T) {
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin := free.Addr().String()
	free.Close()
	system := httptest.NewServer(http.NotFoundHandler())
	s := serve(t, parse(t, configFor(system.URL, "admin: {listen: '"+admin+"'}\n")), nil)

	if answer, body := ask(t, browser(t), http.MethodGet, "http://"+admin+"/healthz"); answer.StatusCode != 200 || body != "ok\n" {
		t.Errorf("/healthz: got %s %q", answer.Status, body)
	}
	if answer, body := ask(t, browser(t), http.MethodGet, "http://"+admin+"/readyz"); answer.StatusCode != 200 || !strings.Contains(body, `"ready":true`) {
		t.Errorf("/readyz: got %s %q", answer.Status, body)
	}
	if answer, _ := ask(t, browser(t), http.MethodGet, "http://"+s.address+"/readyz"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("LOG-5 /readyz at the public listener: got %s", answer.Status)
	}
	system.Close()
	c := parse(t, configFor(system.URL, ""))
	in, err := c.Build(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "ostiary.yaml:6: providers[0].connector.http: ") {
		t.Errorf("Check of a system that is gone: got %v", err)
	}
	if h := in.Health(t.Context()); len(h) != 1 || h[0].OK || h[0].Problem == "" {
		t.Errorf("Health of a system that is gone: got %+v", h)
	}
}
