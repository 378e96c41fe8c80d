package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// TestPanics: FAL-1 and LOG-4, a panic is a 500 with a reference, and the rest
// of it is in the log only.
func TestPanics(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	h := guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("the canary died") }), func() *slog.Logger { return logger })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	m := regexp.MustCompile(`^Something went wrong. Reference: ([A-Z0-9]{8})\n$`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusInternalServerError || m == nil || w.Header().Get("Connection") != "close" {
		t.Fatalf("got %d %q", w.Code, w.Body)
	}
	for _, word := range []string{m[1], "the canary died", "goroutine"} {
		if !strings.Contains(log.String(), word) {
			t.Errorf("%q is not in the log:\n%s", word, log.String())
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{
		"90s": "90s", "60s": "1m", "24h": "1d", "30d": "30d", "2w": "14d", "1h30m": "90m", "1.5h": "90m", "500ms": "500ms", "1d12h": "36h",
		"": "", "5": "", "-5s": "", "1y": "", "s": "", "1h-1m": "", "99999999999d": "", "1e3s": "", "0s": "",
	} {
		d, err := parseDuration(text)
		if got := formatDuration(d); err == nil && got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %s %v, want %q", text, got, err, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"listen", "lifetime", "cookie_name", "url", "wire"}
	for word, want := range map[string]string{
		"lissten": "listen", "Listen": "listen", "cookie-name": "cookie_name", "life_time": "lifetime", "ulr": "url", "wier": "wire",
		"colour": "", "x": "", "sessions": "",
	} {
		if got := suggest(word, known); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
