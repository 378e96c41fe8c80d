package server

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections live in memory, so that time can be
// that of the test.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3000} }

// TestSlowClients: FAL-4, who sends slowly or nothing is cut off in time.
func TestSlowClients(t *testing.T) {
	tests := []struct {
		name, sent string
		want       time.Duration
	}{
		{"FAL-4 half a header", "GET / HTTP/1.1\r\nHost: a\r\n", 5 * time.Second},
		{"FAL-4 half a body", "POST /api/auth/callback/credentials HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=", 10 * time.Second},
		{"FAL-4 nothing after an answer", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", time.Minute},
	}
	config, err := Parse("ostiary.yaml", []byte(`url: https://id.example.com
secrets: [G8pNq3Yw0Kc5vTz1mXr7bLs2dFh9jEu4aQi6oPx8kRw]
store: {memory: {}}
providers: [{fields: {a: {}}, connector: {http: {url: "https://acme.internal/"}}}]
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &pipes{make(chan net.Conn), make(chan struct{})}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- Serve(ctx, Options{Config: config, listener: l}) }()
				ours, theirs := net.Pipe()
				l.accept <- theirs
				begin := time.Now()
				go func() { _, _ = io.WriteString(ours, test.sent) }()
				answer, _ := io.ReadAll(ours) // until the server hangs up
				if got := time.Since(begin); got < test.want || got > test.want+time.Second {
					t.Errorf("cut off after %v, want %v; got %q", got, test.want, strings.SplitN(string(answer), "\r\n", 2)[0])
				}
				ours.Close()
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
