package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ostiary/ostiary/server"
	"github.com/ostiary/ostiary/session"
)

// printed is what a demonstration wrote to the terminal.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// demo starts a demonstration and returns its address and what it prints.
func demo(t *testing.T, wire session.Format) (address string, out *printed) {
	t.Helper()
	out = new(printed)
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		done <- server.Demo(ctx, server.DemoOptions{
			Listen: "127.0.0.1:0", Wire: wire, Out: out, Ready: func(a net.Addr) { ready <- a },
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Demo: %v", err)
		}
	})
	select {
	case at := <-ready:
		_, port, _ := net.SplitHostPort(at.String())
		return "http://localhost:" + port, out
	case err := <-done:
		done <- err
		t.Fatalf("Demo: %v", err)
	}
	return "", nil
}

func TestDemo(t *testing.T) {
	for _, wire := range []session.Format{session.NextAuthV4, session.AuthJSV5} {
		t.Run(string(wire), func(t *testing.T) {
			at, out := demo(t, wire)
			for _, word := range []string{at, "jsmith", "ada", "open sesame", "246810"} {
				if !strings.Contains(out.String(), word) {
					t.Errorf("%q is not printed:\n%s", word, out)
				}
			}
			client := browser(t)
			answer, body := post(t, client, at, "/api/auth/callback/credentials", "username", "jsmith", "password", "wrong")
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("wrong password: got %s %s", answer.Status, body)
			}
			if answer, body = post(t, client, at, "/api/auth/callback/credentials", "username", "jsmith", "password", "open sesame"); answer.StatusCode != 200 {
				t.Fatalf("sign-in: got %s %s", answer.Status, body)
			}
			_, page := ask(t, client, http.MethodGet, at+"/")
			for _, word := range []string{"J Smith", "jsmith@example.com", "readers", "Sign out", "wire: " + string(wire), "ostiary.New(", "ostiary.yaml"} {
				if !strings.Contains(page, word) {
					t.Errorf("%q is not on the page:\n%s", word, page)
				}
			}
		})
	}
}

func TestDemoNextStep(t *testing.T) {
	at, out := demo(t, session.NextAuthV4)
	client := browser(t)
	answer, body := post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", "open sesame")
	var step struct {
		Next struct{ Code string }
	}
	if err := json.Unmarshal([]byte(body), &step); err != nil || step.Next.Code != "code_sent" || answer.StatusCode != http.StatusUnauthorized {
		t.Fatalf("got %s %s", answer.Status, body)
	}
	if !strings.Contains(out.String(), "A message to ada: your code is 246810") {
		t.Errorf("the code is not in the terminal:\n%s", out)
	}
	if _, body = post(t, client, at, "/api/auth/callback/credentials", "code", "111111"); !strings.Contains(body, "That was not the code") {
		t.Errorf("a wrong code: got %s", body)
	}
	if answer, body = post(t, client, at, "/api/auth/callback/credentials", "code", "246810"); answer.StatusCode != 200 {
		t.Errorf("the right code: got %s %s", answer.Status, body)
	}
	if _, body := ask(t, client, http.MethodGet, at+"/api/auth/session"); !strings.Contains(body, "Ada Lovelace") {
		t.Errorf("not signed in: %s", body)
	}
}

func TestDemoAtAnotherName(t *testing.T) {
	at, _ := demo(t, session.NextAuthV4)
	_, port, _ := strings.Cut(strings.TrimPrefix(at, "http://"), ":")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+"/api/auth/signin?error=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,*/*")
	answer, err := browser(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got, want := answer.Header.Get("Location"), at+"/api/auth/signin?error=x"; answer.StatusCode != http.StatusFound || got != want {
		t.Errorf("got %s to %q, want a redirect to %s", answer.Status, got, want)
	}
}
