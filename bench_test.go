package ostiary_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/session"
)

// The floor of each benchmark is an empty handler through the same recorder.
// Run: go test -run '^$' -bench . -benchmem .

// sink is a ResponseWriter that keeps nothing but the headers.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

func drive(b *testing.B, handler http.Handler, r *http.Request) {
	b.Helper()
	b.ReportAllocs()
	w := &sink{header: http.Header{}}
	for b.Loop() {
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
}

var empty = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func benchHouses(b *testing.B, run func(b *testing.B, h *house)) {
	b.Helper()
	for _, format := range []session.Format{session.NextAuthV4, session.AuthJSV5} {
		b.Run(string(format), func(b *testing.B) {
			run(b, open(b, func(c *ostiary.Config) {
				c.Wire, c.Logger, c.Providers[0].HonorsContext = format, nil, true
			}))
		})
	}
}

func BenchmarkFloor(b *testing.B) {
	drive(b, empty, httptest.NewRequest(http.MethodGet, "/", nil))
}

func BenchmarkRequire(b *testing.B) {
	benchHouses(b, func(b *testing.B, h *house) {
		drive(b, h.Require(empty), request(h.script().enter()))
	})
}

func BenchmarkGetSession(b *testing.B) {
	benchHouses(b, func(b *testing.B, h *house) {
		r := request(h.script().enter())
		r.URL.Path = "/api/auth/session"
		drive(b, h, r)
	})
}

// BenchmarkSignIn is a whole sign-in with an authorizer that costs nothing.
func BenchmarkSignIn(b *testing.B) {
	benchHouses(b, func(b *testing.B, h *house) {
		person := h.script()
		body := "csrfToken=" + person.csrf() + "&username=jsmith&password=open+sesame&json=true"
		r := request(person)
		r.Method, r.URL.Path = http.MethodPost, "/api/auth/callback/credentials"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", external)
		b.ReportAllocs()
		w := &sink{header: http.Header{}}
		reader := strings.NewReader(body)
		for b.Loop() {
			clear(w.header)
			reader.Reset(body)
			r.Body = readCloser{reader}
			h.ServeHTTP(w, r)
		}
		if cookies := strings.Join(w.header["Set-Cookie"], ""); !strings.Contains(cookies, h.cookieName("session")) {
			b.Fatalf("not signed in: %q", cookies)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
