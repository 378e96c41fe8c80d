package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/server"
)

// TestChain signs people of two systems in through one form, from the file.
func TestChain(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, _ := io.ReadAll(r.Body)
		if string(body) != `{"username":"ada","password":"new"}` {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{}`)
			return
		}
		fmt.Fprint(w, `{"id":"42","name":"Ada"}`)
	}))
	t.Cleanup(endpoint.Close)
	c := chained(t, endpoint.URL)
	for _, row := range []struct{ name, username, password, outcome, account string }{
		{"the first", "ada", "new", server.TrialSignedIn, "acme:42"},
		{"the one behind it", "jsmith", "old", server.TrialSignedIn, "acme:old:jsmith"},
		{"CON-4 nobody", "ada", "old", server.TrialRefused, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := c.Try(t.Context(), server.Trial{Values: map[string]string{"username": row.username, "password": row.password}})
			if err != nil || r.Outcome != row.outcome || r.Account.String() != row.account && row.account != "" {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
	endpoint.Close()
	r, err := c.Try(t.Context(), server.Trial{Values: map[string]string{"username": "jsmith", "password": "old"}})
	if err != nil || r.Outcome != server.TrialUnavailable {
		t.Errorf("CON-4: with the first system down: %+v, %v", r, err)
	}
}

func chained(t *testing.T, endpoint string) *server.Config {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("old"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "people")
	if err := os.WriteFile(file, []byte("jsmith:"+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return parse(t, `
url: http://localhost:3000
secrets: ["${OSTIARY_SECRET}"]
session: {recheck: 1h}
providers:
  - realm: acme
    fields: {username: {}, password: {type: password}}
    connector:
      chain:
        - name: new
          on_refused: next
          realm_ids: true
          connector: {http: {url: "`+endpoint+`", lookup_url: "`+endpoint+`/{id}"}}
        - name: old
          connector: {htpasswd: {file: "`+file+`"}}
`)
}

// TestTime compares known and unknown names of a password file.
func TestTime(t *testing.T) {
	c := chained(t, "http://localhost:1")
	if _, err := c.Time(t.Context(), "", map[string]string{"username": "jsmith"}, 3); err == nil {
		t.Error("a system that is down was timed")
	}
	if _, err := c.Time(t.Context(), "other", nil, 3); err == nil {
		t.Error("a provider that is not there was timed")
	}
	if _, err := c.Time(t.Context(), "", nil, 3); err == nil {
		t.Error("nobody was timed")
	}
}

// TestTrySteps goes through a next step and hears of what the connector did.
func TestTrySteps(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, _ := io.ReadAll(r.Body)
		if string(body) == `{"username":"ada","password":"open sesame"}` {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"next":{"fields":[{"name":"code","label":"Code"}],"state":"s"}}`)
			return
		}
		fmt.Fprint(w, `{"id":7,"name":"Ada"}`)
	}))
	t.Cleanup(endpoint.Close)
	c := parse(t, `
url: http://localhost:3000
secrets: ["${OSTIARY_SECRET}"]
providers:
  - fields: {username: {}, password: {type: password}}
    connector: {http: {url: "`+endpoint.URL+`"}}
`)
	answers := map[string]string{"password": "open sesame", "code": "123456"}
	var asked []string
	var told []server.TrialStep
	r, err := c.Try(t.Context(), server.Trial{
		Values: map[string]string{"username": "ada"},
		Ask: func(in form.Input) (string, error) {
			asked = append(asked, in.Name)
			return answers[in.Name], nil
		},
		Tell: func(s server.TrialStep) { told = append(told, s) },
	})
	if err != nil || r.Outcome != server.TrialSignedIn || r.User.ID != "7" || r.Account.String() != "credentials:7" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if fmt.Sprint(asked) != "[password code]" {
		t.Errorf("asked for %v", asked)
	}
	if len(told) == 0 || told[0].After > time.Minute {
		t.Errorf("told %v", told)
	}
	if text := fmt.Sprint(told); strings.Contains(text, "open sesame") || strings.Contains(text, "123456") {
		t.Errorf("LOG-2: a secret was told: %s", text)
	}
}
