package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/httpapi"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance holds the connector to the kit, before an endpoint of ours that
// can stall and fall silent.
func TestConformance(t *testing.T) {
	var stalled, down atomic.Bool
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			panic(http.ErrAbortHandler)
		}
		var asked map[string]string
		_ = json.NewDecoder(r.Body).Decode(&asked) // a lookup has no body
		if stalled.Load() {
			<-r.Context().Done() // which a server notices once the body is read
			return
		}
		w.Header().Set("Content-Type", "application/json")
		people := map[string]string{"ada": "open sesame", "ürsula": "schön"}
		id, found := strings.CutPrefix(r.URL.Path, "/people/")
		if name := asked["username"]; people[name] != "" && people[name] == asked["password"] {
			id, found = name, true
		}
		if people[id] == "" || !found {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
	}))
	t.Cleanup(endpoint.Close)
	c, err := httpapi.New(httpapi.Config{URL: endpoint.URL, LookupURL: endpoint.URL + "/people/{id}", BreakFor: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	turn := func(on *atomic.Bool) func() func() {
		return func() func() { on.Store(true); return func() { on.Store(false) } }
	}
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: c.Authorize, Lookup: c.Lookup,
		Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "ada",
		Unicode: map[string]string{"username": "ürsula", "password": "schön"},
		Stall:   turn(&stalled), Stop: turn(&down),
	})
}
