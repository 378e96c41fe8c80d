package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// healthTime is how long an answer of the user systems is good for, so that
// whoever asks often does not ask them often.
const healthTime = 5 * time.Second

// healthMemo remembers the last answer. One caller asks, the others wait.
type healthMemo struct {
	mu    sync.Mutex
	of    *Instance
	at    time.Time
	found []Health
}

func (m *healthMemo) ask(ctx context.Context, in *Instance, now time.Time) []Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of != in || now.Sub(m.at) >= healthTime || now.Before(m.at) {
		// Who asked may go away; the answer is for the others, too.
		m.of, m.at, m.found = in, now, in.Health(context.WithoutCancel(ctx))
	}
	return m.found
}

// serveAdmin answers the health checks of the second listener (LOG-5).
func (s *running) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		plain(w, http.StatusMethodNotAllowed, "Method not allowed.")
		return
	}
	switch r.URL.Path {
	case "/healthz":
		plain(w, http.StatusOK, "ok")
	case "/readyz":
		s.ready(w, r)
	default:
		plain(w, http.StatusNotFound, "Here are /healthz and /readyz.")
	}
}

func (s *running) ready(w http.ResponseWriter, r *http.Request) {
	found := s.health.ask(r.Context(), s.now.Load().instance, time.Now())
	status := http.StatusOK
	for _, h := range found {
		if !h.OK {
			status = http.StatusServiceUnavailable
		}
	}
	plainHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "providers": found}) // whoever asked may be gone
}
