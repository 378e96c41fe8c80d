package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/connector/httpapi"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is IDN-8: the connector adds no step of its own to what the
// endpoint takes. Run: make timing
func BenchmarkTiming(b *testing.B) {
	endpoint := serve(b, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); !strings.Contains(string(body), `"open sesame"`) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"ada"}`)
	})
	c, err := httpapi.New(httpapi.Config{URL: endpoint.URL})
	if err != nil {
		b.Fatal(err)
	}
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: c.Authorize, Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "ada",
	})
}
