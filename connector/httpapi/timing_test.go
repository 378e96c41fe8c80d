package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/ostiary/ostiary/connector/httpapi"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is IDN-8: the connector adds no step of its own to what the
// endpoint takes. Run: make timing
func BenchmarkTiming(b *testing.B) {
	endpoint := serve(b, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	c, err := httpapi.New(httpapi.Config{URL: endpoint.URL})
	if err != nil {
		b.Fatal(err)
	}
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: c.Authorize, Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "ada",
	})
}
