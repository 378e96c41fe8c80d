package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	crand "crypto/rand"

	"golang.org/x/crypto/bcrypt"

	"github.com/ostiary/ostiary/factor/totp"
	"github.com/ostiary/ostiary/internal/testserver/postgres"
	"github.com/ostiary/ostiary/internal/testserver/softkey"
)

// binary is the server, built once.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "ostiary")
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "ostiary")
	out, err := exec.Command("go", "build", "-o", file, "../cmd/ostiary").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

// nominal is the one external address of all replicas.
const nominal = "http://localhost:9999"

// site of processes: a configuration that several servers run.
type cluster struct {
	t      *testing.T
	folder string
	ports  []string
	procs  []*exec.Cmd
}

// runCluster starts n servers with the given store.
func runCluster(t *testing.T, n int, store, factors string) *cluster {
	t.Helper()
	c := &cluster{t: t, folder: t.TempDir(), procs: make([]*exec.Cmd, n)}
	hash, err := bcrypt.GenerateFromPassword([]byte("correct horse"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"users.htpasswd": "ada:" + string(hash) + "\neve:" + string(hash) + "\nkim:" + string(hash) + "\n",
		"ostiary.yaml": "url: " + nominal + "\nsecrets: [\"" + "${OSTIARY_SECRET}" + "\"]\nstore: " + store + "\nfactors: " + factors + `
providers:
  - fields: {username: {}, password: {type: password}}
    connector: {htpasswd: {file: users.htpasswd}}
`,
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(c.folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		c.ports = append(c.ports, port)
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range c.procs {
			c.kill(i)
		}
	})
	return c
}

func (c *cluster) command(arguments ...string) *exec.Cmd {
	c.t.Helper()
	file, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(file, append(arguments, "--config", filepath.Join(c.folder, "ostiary.yaml"))...)
	cmd.Env = append(os.Environ(), "OSTIARY_SECRET="+secret)
	return cmd
}

// start starts a server and waits until it says that it listens.
func (c *cluster) start(i int) {
	c.t.Helper()
	cmd := c.command("serve", "--listen", "127.0.0.1:"+c.ports[i])
	log := &serverLog{serving: make(chan struct{})}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.procs[i] = cmd
	select {
	case <-log.serving:
	case <-time.After(20 * time.Second):
		c.t.Fatalf("the server does not start: %s", log)
	}
}

// serverLog is what a server writes, and closes serving once that says so.
type serverLog struct {
	serving chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	said bool
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if !l.said && bytes.Contains(l.text.Bytes(), []byte(`"msg":"serving"`)) {
		l.said = true
		close(l.serving)
	}
	return len(p), nil
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (c *cluster) kill(i int) {
	_ = c.procs[i].Process.Kill()
	_ = c.procs[i].Wait()
}

// admin runs a command of the operator's.
func (c *cluster) admin(input string, arguments ...string) string {
	c.t.Helper()
	cmd := c.command(arguments...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%v: %v", arguments, err)
	}
	return string(out)
}

// visitor is a browser without a page, which may ask any of the servers.
type visitor struct {
	c       *cluster
	cookies map[string]string
	token   string
}

func (c *cluster) visitor() *visitor {
	c.t.Helper()
	v := &visitor{c: c, cookies: map[string]string{}}
	_, body, err := v.ask(0, http.MethodGet, "csrf", nil)
	var said struct{ CSRFToken string }
	if err != nil || json.Unmarshal([]byte(body), &said) != nil {
		c.t.Fatal(err, body)
	}
	v.token = said.CSRFToken
	return v
}

// clone is the same browser, so that several requests go out at once.
func (v *visitor) clone() *visitor {
	other := *v
	other.cookies = map[string]string{}
	for name, value := range v.cookies {
		other.cookies[name] = value
	}
	return &other
}

// ask sends one request and keeps the cookies of the answer.
func (v *visitor) ask(server int, method, path string, fields url.Values) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://127.0.0.1:"+v.c.ports[server]+"/api/auth/"+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return 0, "", err
	}
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", nominal)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge < 0 || cookie.Value == "" {
			delete(v.cookies, cookie.Name)
		} else {
			v.cookies[cookie.Name] = cookie.Value
		}
	}
	return response.StatusCode, string(text), err
}

func (v *visitor) post(server int, path string, pairs ...string) (int, string, error) {
	fields := url.Values{"csrfToken": {v.token}, "json": {"true"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return v.ask(server, http.MethodPost, path, fields)
}

// options asks for what a page would call the browser's authenticators with.
func (v *visitor) options(server int, of string) []byte {
	v.c.t.Helper()
	_, body, err := v.ask(server, http.MethodGet, "webauthn-options/"+of, nil)
	var said struct{ Options json.RawMessage }
	if err != nil || json.Unmarshal([]byte(body), &said) != nil || said.Options == nil {
		v.c.t.Fatal(body, err)
	}
	return said.Options
}

func (v *visitor) in() bool { return v.cookies["next-auth.session-token"] != "" }

func (v *visitor) password(server int, name string) {
	v.c.t.Helper()
	if _, body, err := v.post(server, "callback/credentials", "username", name, "password", "correct horse"); err != nil {
		v.c.t.Fatal(err, body)
	}
}

// rush has many submit the same at once, to all servers in turn, and returns how
// many are in.
func (c *cluster) rush(who func(i int) *visitor, path string, fields ...string) int {
	c.t.Helper()
	var in atomic.Int64
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range 64 {
		v := who(i)
		all.Go(func() {
			<-gate
			if _, _, err := v.post(i%len(c.ports), path, fields...); err == nil && v.in() {
				in.Add(1)
			}
		})
	}
	close(gate)
	all.Wait()
	return int(in.Load())
}

var shownCode = regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}`)

// TestReplicas has two servers on one PostgreSQL, and everything that can be used
// once submitted 64 times at once (OTP-1, REC-2, MFA-2).
func TestReplicas(t *testing.T) {
	database := postgres.Start(t)
	c := runCluster(t, 2, `{postgres: {dsn: "`+database.DSN(database.Database(t))+`"}}`, "{totp: {}, recovery: {}, webauthn: {}, passkeys: true}")
	for _, name := range []string{"ada", "eve", "kim"} { // each with tries of their own
		c.admin(`{"account": "credentials:`+name+`", "kind": "totp", "factor": "`+appSecret+`"}`, "factor", "import")
	}

	t.Run("one code in one sign-in", func(t *testing.T) {
		v := c.visitor()
		v.password(0, "ada")
		if got := c.rush(func(int) *visitor { return v.clone() }, "callback/totp", "code", code(t, appSecret)); got != 1 {
			t.Errorf("%d of 64 are in", got)
		}
	})
	t.Run("one code in many sign-ins", func(t *testing.T) {
		all := make([]*visitor, 64)
		for i := range all {
			all[i] = c.visitor()
			if i < 8 { // more would find that the oldest made room for them
				all[i].password(i%2, "eve")
			}
		}
		if got := c.rush(func(i int) *visitor { return all[i] }, "callback/totp", "code", code(t, appSecret)); got != 1 {
			t.Errorf("%d of 64 are in", got)
		}
	})
	owner := c.visitor()
	owner.password(0, "kim")
	if _, body, err := owner.post(1, "callback/totp", "code", code(t, appSecret)); err != nil || !owner.in() {
		t.Fatal(body, err)
	}
	var codes []string
	t.Run("recovery codes are made", func(t *testing.T) {
		if _, body, err := owner.post(1, "account/enrol", "kind", "recovery"); err != nil {
			t.Fatal(err, body)
		}
		_, page, err := owner.ask(0, http.MethodGet, "account/enrol", nil)
		id := regexp.MustCompile(`name="enrolment" value="([A-Z2-7]+)"`).FindStringSubmatch(page)
		if codes = shownCode.FindAllString(page, -1); err != nil || len(codes) != 10 || id == nil {
			t.Fatalf("%v, %d codes", err, len(codes))
		}
		if status, body, err := owner.post(1, "account/confirm", "enrolment", id[1], "stored", "on"); err != nil || status != 200 {
			t.Fatal(status, body, err)
		}
	})
	t.Run("one recovery code", func(t *testing.T) {
		v := c.visitor()
		v.password(1, "kim")
		if got := c.rush(func(int) *visitor { return v.clone() }, "callback/recovery", "code", codes[0]); got != 1 {
			t.Errorf("%d of 64 are in", got)
		}
		again := c.visitor()
		again.password(0, "kim")
		if again.post(1, "callback/recovery", "code", codes[0]); again.in() {
			t.Error("used twice")
		}
	})
	t.Run("WAN-1 one challenge", func(t *testing.T) {
		key := softkey.New(t, "ES256", nominal, "localhost")
		key.Counter = 0 // as passkeys have it: no counter tells one use from another
		if _, body, err := owner.post(1, "callback/webauthn", "action", "register", "data", key.Create(owner.options(0, "webauthn?action=register"))); err != nil || strings.Contains(body, "error") {
			t.Fatal(body, err)
		}
		stranger := c.visitor()
		data := key.Get(stranger.options(1, "passkey"))
		if got := c.rush(func(int) *visitor { return stranger.clone() }, "callback/passkey", "data", data); got != 1 {
			t.Errorf("%d of 64 are in with one passkey's answer", got)
		}
		v := c.visitor()
		v.password(0, "kim")
		data = key.Get(v.options(1, "webauthn"))
		if got := c.rush(func(int) *visitor { return v.clone() }, "callback/webauthn", "data", data); got != 1 {
			t.Errorf("%d of 64 are in with one key's answer", got)
		}
	})
	t.Run("SES-3 an end counts on the other server", func(t *testing.T) {
		copied := owner.clone()
		if _, _, err := owner.post(0, "signout"); err != nil {
			t.Fatal(err)
		}
		looks, over := time.NewTicker(50*time.Millisecond), time.After(5*time.Second)
		defer looks.Stop()
		for {
			if _, body, err := copied.clone().ask(1, http.MethodGet, "session", nil); err == nil && body == "{}" {
				return
			}
			select {
			case <-looks.C: // the other server asks the database once a second
			case <-over:
				t.Fatal("a copied session lives on")
			}
		}
	})
}

// TestDatabaseGone pulls the plug on the database: nobody is let in without their
// factor, and when it is back, so are they (MFA-3, SES-5).
func TestDatabaseGone(t *testing.T) {
	database := postgres.Start(t)
	c := runCluster(t, 1, `{postgres: {dsn: "`+database.DSN(database.Database(t))+`"}}`, "{totp: {}}")
	c.admin(`{"account": "credentials:ada", "kind": "totp", "factor": "`+appSecret+`"}`, "factor", "import")
	v := c.visitor()
	v.password(0, "ada")
	database.Kill()
	if status, body, err := v.post(0, "callback/totp", "code", code(t, appSecret)); err != nil || status != http.StatusServiceUnavailable || v.in() {
		t.Errorf("at the second step: %d %s %v", status, body, err)
	}
	other := c.visitor()
	if status, body, err := other.post(0, "callback/credentials", "username", "ada", "password", "correct horse"); err != nil || status != http.StatusServiceUnavailable || other.in() {
		t.Errorf("at the first step: %d %s %v", status, body, err)
	}
	database.Restart(t)
	for end := time.Now().Add(20 * time.Second); !v.in(); {
		if time.Now().After(end) {
			t.Fatal("the server does not find its database again")
		}
		if status, _, err := v.post(0, "callback/totp", "code", code(t, appSecret)); err != nil || status == http.StatusUnauthorized {
			v = c.visitor() // the sign-in or the code was used up, or is too old by now
			v.password(0, "ada")
		}
	}
}

// codeAfter is the code of a later step: the window lets a clock be ahead.
func codeAfter(t *testing.T, secret string, steps int) string {
	t.Helper()
	parsed, err := totp.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp.Key{Secret: parsed}.At(time.Now().Add(time.Duration(steps) * 30 * time.Second))
}

// TestKilled kills the server at any moment around an enrolment and a sign-in, over
// and over: what it acknowledged is there, nothing is half there, and nothing can
// be used twice (FAL-2).
func TestKilled(t *testing.T) {
	c := runCluster(t, 1, "{sqlite: {path: factors.db}}", "{totp: {}}")
	for range 20 {
		c.admin("", "factor", "reset", "credentials:ada")
		v := c.visitor()
		v.password(0, "ada")
		if _, body, err := v.post(0, "account/enrol", "kind", "totp"); err != nil {
			t.Fatal(err, body)
		}
		_, page, err := v.ask(0, http.MethodGet, "account/enrol", nil)
		id := regexp.MustCompile(`name="enrolment" value="([A-Z2-7]+)"`).FindStringSubmatch(page)
		shown := regexp.MustCompile(`<code id="secret".*</code>`).FindString(page)
		key := strings.Join(regexp.MustCompile(`\b[A-Z2-7]{4}\b`).FindAllString(shown, -1), "")
		if err != nil || id == nil || key == "" {
			t.Fatal(err, page)
		}
		c.killWithin(4 * time.Millisecond)
		status, _, err := v.post(0, "account/confirm", "enrolment", id[1], "code", code(t, key))
		enrolled := err == nil && status == 200
		c.again()
		switch n := strings.Count(c.admin("", "factor", "list", "credentials:ada"), "totp"); {
		case enrolled && n != 1:
			t.Fatalf("FAL-2 acknowledged, and %d factors are there", n)
		case n > 1:
			t.Fatalf("FAL-2 %d factors of one enrolment", n)
		case n == 0:
			continue
		}
		c.signInKilled(key)
	}
}

// signInKilled uses one code while the server is killed, and then again.
func (c *cluster) signInKilled(key string) {
	c.t.Helper()
	v := c.visitor()
	v.password(0, "ada")
	before := v.clone()
	used := codeAfter(c.t, key, 1)
	c.killWithin(4 * time.Millisecond)
	_, _, _ = v.post(0, "callback/totp", "code", used)
	c.again()
	if !v.in() {
		return
	}
	if before.post(0, "callback/totp", "code", used); before.in() {
		c.t.Fatal("FAL-2 one pending sign-in and one code, used twice")
	}
	next := c.visitor()
	next.password(0, "ada")
	if next.post(0, "callback/totp", "code", used); next.in() {
		c.t.Fatal("FAL-2 a code that was used before the kill is good after it")
	}
}

func (c *cluster) killWithin(most time.Duration) {
	n, err := crand.Int(crand.Reader, big.NewInt(int64(most)))
	if err != nil {
		c.t.Fatal(err)
	}
	process := c.procs[0].Process
	time.AfterFunc(time.Duration(n.Int64()), func() { _ = process.Kill() })
}

// again waits for the kill and starts the server.
func (c *cluster) again() {
	c.t.Helper()
	c.kill(0)
	c.start(0)
}
