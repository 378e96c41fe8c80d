package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/ostiary/ostiary/internal/reference"
)

// front puts the service under its base path and home at the root. Nothing
// else exists here.
func front(base string, secure bool, service, home http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, below := strings.CutPrefix(r.URL.Path, base); below && (rest == "" || rest[0] == '/') {
			service.ServeHTTP(w, r)
			return
		}
		if secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		switch r.URL.Path {
		case "/":
			home.ServeHTTP(w, r)
		default:
			plain(w, http.StatusNotFound, "Not found. People sign in at "+base+"/signin.")
		}
	})
}

// guarded refuses methods that have no place here (FAL-6) and turns a panic
// into a 500 with a reference that is in the log (FAL-1).
func guarded(next http.Handler, logger func() *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			id := reference.New()
			logger().Error("panic", "reference", id, "cause", cause, "stack", string(debug.Stack()))
			w.Header().Set("Connection", "close")
			plain(w, http.StatusInternalServerError, "Something went wrong. Reference: "+id)
		}()
		if r.Method == http.MethodTrace || r.Method == http.MethodConnect {
			w.Header().Set("Allow", "GET, HEAD, POST")
			w.Header().Set("Connection", "close")
			plain(w, http.StatusMethodNotAllowed, "Method not allowed.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plain answers a line of text.
func plain(w http.ResponseWriter, status int, line string) {
	plainHeaders(w.Header())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line + "\n")) // whoever asked may be gone
}

// plainHeaders are for answers that load nothing and are framed by nobody.
func plainHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
}
