package httpapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

// short is a timeout for endpoints that never answer.
const short = 50 * time.Millisecond

func TestRedirects(t *testing.T) {
	var followed atomic.Bool
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) {
		followed.Store(true)
		says(200, jsonType, `{"id":"1"}`)(w, r)
	})
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			says(status, jsonType, `{"id":"1"}`)(w, r)
		})
		user, err := authorize(t, connect(t, httpapi.Config{URL: endpoint.URL}))
		if got := verdict(user, err); got != "unavailable" || followed.Load() {
			t.Errorf("HTC-2 %d: got %s, followed %v", status, got, followed.Load())
		}
		silent(t, err)
	}
}

func TestNoProxyFromEnvironment(t *testing.T) {
	var asked atomic.Bool
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(true)
		says(200, jsonType, `{"id":"1"}`)(w, r)
	})
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	// A name that does not resolve: only a proxy could answer.
	c := connect(t, httpapi.Config{URL: "http://acme.invalid/login", InsecureHTTP: true, Timeout: time.Second})
	if got := verdict(authorize(t, c)); got != "unavailable" || asked.Load() {
		t.Errorf("HTC-2 a proxy from the environment: got %s, asked %v", got, asked.Load())
	}
}

func TestCompressedAnswers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte(`{"id":"1","x":"`))
	_, _ = z.Write(bytes.Repeat([]byte("0"), 16<<20))
	_, _ = z.Write([]byte(`"}`))
	_ = z.Close()
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("a compressed answer was asked for")
		}
		w.Header().Set("Content-Encoding", "gzip")
		says(200, jsonType, bomb.String())(w, r)
	})
	if got := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL}))); got != "unavailable" {
		t.Errorf("HTC-4 a gzip bomb: got %s, want unavailable", got)
	}
}

// raw is an endpoint below HTTP: it reads one request and answers with bytes.
func raw(t *testing.T, answer func(conn net.Conn, request *http.Request)) (address string, connections *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connections = new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					answer(conn, request)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), connections
}

func TestBrokenAnswers(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"nothing":                      "",
		"not HTTP":                     canary + " is what you said\r\n\r\n",
		"half a header":                "HTTP/1.1 200 OK\r\nContent-Ty",
		"body breaks off":              head + "Content-Length: 100\r\n\r\n{\"id\":\"1\"}",
		"chunk breaks off":             head + "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"id\":\"1\"}",
		"bad chunk":                    head + "Transfer-Encoding: chunked\r\n\r\n" + canary + "\r\n",
		"two lengths":                  head + "Content-Length: 10\r\nContent-Length: 11\r\n\r\n{\"id\":\"1\"}",
		"a very large header":          head + "X: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"CR in a header":               head + "X: a\r" + canary + "\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}",
		"an unknown coding":            head + "Transfer-Encoding: " + "x" + "\r\n\r\n{\"id\":\"1\"}",
		"two content types":            head + "Content-Type: text/html\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}",
		"switching protocols":          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
		"a refusal whose body is gone": "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run("CON-1 "+name, func(t *testing.T) {
			address, _ := raw(t, func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, text)
				_ = conn.Close()
			})
			user, err := authorize(t, connect(t, httpapi.Config{URL: address}))
			if got := verdict(user, err); got != "unavailable" {
				t.Errorf("got %s, want unavailable", got)
			}
			silent(t, err)
		})
	}
}

func TestHugeAnswers(t *testing.T) {
	var sent atomic.Int64
	endless := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		block := bytes.Repeat([]byte(" "), 32<<10)
		for {
			n, err := w.Write(block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
	if got := verdict(authorize(t, connect(t, httpapi.Config{URL: serve(t, endless).URL}))); got != "unavailable" {
		t.Errorf("CON-2 an endless answer: got %s, want unavailable", got)
	}
}

func TestSlowAnswers(t *testing.T) {
	hang := func(head string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) {
			_, _ = io.WriteString(conn, head)
			_, _ = conn.Read(make([]byte, 1)) // until the other end gives up
		}
	}
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
	for name, text := range map[string]string{"no header": "", "half a header": head, "half a body": head + "\r\n{", "only a 100": "HTTP/1.1 100 Continue\r\n\r\n"} {
		t.Run("CON-2 "+name, func(t *testing.T) {
			t.Parallel()
			address, _ := raw(t, hang(text))
			user, err := authorize(t, connect(t, httpapi.Config{URL: address, Timeout: short}))
			if got := verdict(user, err); got != "unavailable" || !strings.Contains(err.Error(), "no answer in time") {
				t.Errorf("got %s, want unavailable for want of an answer in time: %v", got, err)
			}
			silent(t, err)
		})
		t.Run("CON-1 the context ends at "+name, func(t *testing.T) {
			t.Parallel()
			address, _ := raw(t, hang(text))
			ctx, cancel := context.WithTimeout(context.Background(), short)
			defer cancel()
			user, err := connect(t, httpapi.Config{URL: address}).Authorize(ctx, credentials(t, "a", canary), nil)
			if got := verdict(user, err); got != "unavailable" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %s, want unavailable at the deadline: %v", got, err)
			}
		})
	}
}

// TestOneAttempt lets a kept connection die at the moment of the second
// sign-in, where HTTP clients like to try again.
func TestOneAttempt(t *testing.T) {
	var asked atomic.Int32
	address, connections := raw(t, func(conn net.Conn, _ *http.Request) {
		if asked.Add(1) > 1 {
			_ = conn.Close()
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}")
	})
	c := connect(t, httpapi.Config{URL: address})
	first, second := verdict(authorize(t, c)), verdict(authorize(t, c))
	if first != "user 1" || second != "unavailable" {
		t.Errorf("got %s and %s, want user 1 and unavailable", first, second)
	}
	if asked.Load() != 2 || connections.Load() != 1 {
		t.Errorf("CON-2 the endpoint was asked %d times over %d connections, want 2 over 1", asked.Load(), connections.Load())
	}
}

func TestConnectionCap(t *testing.T) {
	var now, peak atomic.Int32
	gate := make(chan struct{})
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		gate <- struct{}{}
		now.Add(-1)
		says(200, jsonType, `{"id":"1"}`)(w, r)
	})
	c := connect(t, httpapi.Config{URL: endpoint.URL, MaxConns: 2})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := verdict(authorize(t, c)); got != "user 1" {
				t.Errorf("got %s, want user 1", got)
			}
		})
	}
	for range 8 {
		<-gate
	}
	all.Wait()
	if peak.Load() > 2 {
		t.Errorf("CON-2 %d connections at once, want 2 at most", peak.Load())
	}
}

func TestPause(t *testing.T) {
	var up atomic.Bool
	var asked atomic.Int32
	address, _ := raw(t, func(conn net.Conn, _ *http.Request) {
		asked.Add(1)
		if up.Load() {
			_, _ = io.WriteString(conn, "HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		}
		_ = conn.Close()
	})
	clock := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	c := connect(t, httpapi.Config{URL: address, BreakAfter: 3, BreakFor: time.Minute, Now: func() time.Time { return clock }})
	step := func(what string, wantAsked int32) {
		t.Helper()
		user, err := authorize(t, c)
		if got := verdict(user, err); got != "unavailable" || asked.Load() != wantAsked {
			t.Errorf("CON-2 %s: got %s, asked %d times, want %d", what, got, asked.Load(), wantAsked)
		}
	}
	for i := range int32(3) {
		step("down", i+1)
	}
	step("paused", 3)
	clock = clock.Add(59 * time.Second)
	step("still paused", 3)
	clock = clock.Add(time.Second)
	step("one try", 4)
	step("paused again", 4)
	up.Store(true)
	clock = clock.Add(time.Minute)
	step("an answer, whatever it says", 5)
	step("back", 6)
}

func TestConcurrentUse(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name, _, _ := strings.Cut(strings.TrimPrefix(string(body), `{"username":"`), `"`)
		says(200, jsonType, `{"id":"`+name+`"}`)(w, r)
	}).URL
	c := connect(t, httpapi.Config{URL: address, LookupURL: address + "/{id}", MaxConns: 4})
	var all sync.WaitGroup
	for i := range 32 {
		name := "user-" + string(rune('a'+i%26))
		all.Go(func() {
			user, err := c.Authorize(context.Background(), credentials(t, name, canary), nil)
			if got := verdict(user, err); got != "user "+name {
				t.Errorf("got %s, want user %s", got, name)
			}
		})
		all.Go(func() { _, _ = c.Lookup(context.Background(), "a") })
	}
	all.Wait()
}

func TestCheckPlain(t *testing.T) {
	var asked atomic.Bool
	address := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) }).URL
	if err := connect(t, httpapi.Config{URL: address, LookupURL: address + "/{id}"}).Check(context.Background()); err != nil {
		t.Error(err)
	}
	if asked.Load() {
		t.Error("Check sent a request")
	}
	dead, _ := net.Listen("tcp", "127.0.0.1:0")
	_ = dead.Close()
	err := connect(t, httpapi.Config{URL: "http://" + dead.Addr().String() + "/?key=" + canary}).Check(context.Background())
	if !errors.Is(err, ostiary.ErrUnavailable) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed port: got %v", err)
	}
	silent(t, err)
}
