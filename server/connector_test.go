package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/server"
)

// TestHTTPKeys: every key of connector.http arrives at the endpoint, or in the
// session that comes of its answer.
func TestHTTPKeys(t *testing.T) {
	asked := make(chan string, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/people/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		asked <- fmt.Sprint(r.Header.Get("Content-Type"), " ", r.Header.Get("X-Key"), " ", r.Header.Get("X-Client"), " ", len(r.Header.Get("X-Ref")), " ", r.PostForm)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"data":{"u":{"uid":7,"label":"Ada","mail":"ada@example.com","roles":[{"n":"a"},{"n":"b"}],"org":"acme"}},"fine":true}`)
	}))
	t.Cleanup(endpoint.Close)
	s := serve(t, parse(t, `
url: http://localhost:3000
secrets: ["${OSTIARY_SECRET}"]
session: {expose: [id, groups, tenant]}
providers:
  - realm: acme
    fields: &fields
      username: {required: true}
      password: {type: password}
      noise: {}
    timeout: 4s
    connector:
      http:
        url: "`+endpoint.URL+`/login"
        lookup_url: "`+endpoint.URL+`/people/{id}"
        encoding: form
        headers: {X-Key: "${OSTIARY_SECRET}"}
        client_ip_header: X-Client
        reference_header: X-Ref
        fields: {username: login, noise: ""}
        map:
          id: data.u.uid
          name: data.u.label
          email: data.u.mail
          image: "-"
          groups: data.u.roles.*.n
          claims: {tenant: data.u.org}
          ok: fine
          code: c
          message: m
          next: n
        success_status: [200, 202]
        timeout: 2s
        max_connections: 3
        break_after: never
        break_for: 1s
        server_name: localhost
        allowed_networks: [127.0.0.0/8]
  - id: again
    fields: *fields
    connector: {http: {url: "`+endpoint.URL+`/login", break_after: 3}}
`), nil)
	at, client := "http://"+s.address, browser(t)
	answer, body := post(t, client, at, "/api/auth/callback/credentials", "username", "ada", "password", "x", "noise", "y")
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("got %s %s", answer.Status, body)
	}
	want := "application/x-www-form-urlencoded " + goodSecret + " 127.0.0.1 8 map[login:[ada] password:[x]]"
	if got := <-asked; got != want {
		t.Errorf("the endpoint got\n%s, want\n%s", got, want)
	}
	_, body = ask(t, client, http.MethodGet, at+"/api/auth/session")
	if want := `"user":{"email":"ada@example.com","groups":["a","b"],"id":"7","name":"Ada","tenant":"acme"}`; !strings.Contains(body, want) {
		t.Errorf("got %s, want %s", body, want)
	}
	if _, page := ask(t, client, http.MethodGet, at+"/"); !strings.Contains(page, "acme:7") || !strings.Contains(page, ">tenant<") || !strings.Contains(page, "a, b") {
		t.Errorf("the page at / shows account, claims or groups not:\n%s", page)
	}
}

func TestHTTPFaults(t *testing.T) {
	for extra, want := range map[string]string{
		"break_after: 0":                     "break_after: must be a whole number of calls from 1 to 1000",
		"encoding: xml":                      "encoding: must be form or json",
		"allowed_networks: [here]":           "allowed_networks[0]: is not an address or a network",
		"allowed_networks: [169.254.0.0/16]": "allowed_networks: ",
		"headers: {Host: x}":                 "headers: Host can't be set",
		"map: {id: '-'}":                     "map: id: is required",
		"map: {idd: x}":                      "map.idd: unknown key; did you mean id?",
		"success_status: 404":                "success_status: must be a whole number from 200 to 299",
		"ca_file: none.pem":                  "ca_file: ",
		"cert_file: none.pem":                "cert_file: the key file is missing",
		"lookup_url: 'ftp://x'":              "lookup_url: must be an https URL",
		"client_ip_header: 'a b'":            "client_ip_header: ",
	} {
		faults := faultsOf(t, strings.Replace(minimal, "login}", "login, "+extra+"}", 1))
		if len(faults) != 1 || faults[0].Line != 5 || !strings.Contains(faults[0].Error(), want) {
			t.Errorf("%s: got %v, want %s", extra, faults, want)
		}
	}
}

func TestHtpasswd(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ostiary.yaml")
	write(t, filepath.Join(dir, "people"), "ada:$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg.\n", 0o600)
	text := `url: http://localhost:3000
secrets: ["${OSTIARY_SECRET}"]
session: {recheck: 1h}
providers:
  - fields: {login: {}, pin: {type: password}}
    connector: {htpasswd: {file: people, username_field: login, password_field: pin}}
`
	c, err := server.Parse(file, []byte(text), environment)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, c, nil)
	at := "http://" + s.address
	if answer, body := post(t, browser(t), at, "/api/auth/callback/credentials", "login", "ada", "pin", "open sesame"); answer.StatusCode != http.StatusOK {
		t.Errorf("got %s %s", answer.Status, body)
	}
	if answer, body := post(t, browser(t), at, "/api/auth/callback/credentials", "login", "ada", "pin", "open"); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong password: got %s %s", answer.Status, body)
	}

	write(t, filepath.Join(dir, "weak"), "ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nbob\n", 0o600)
	for from, want := range map[string]string{
		", username_field: login": "username_field: the form has no field username",
		"people":                  "htpasswd.file: ",
	} {
		_, err := server.Parse(file, []byte(strings.Replace(text, from, map[string]string{"people": "weak"}[from], 1)), environment)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %q: got %v, want %s", from, err, want)
		}
		if err != nil && from == "people" && strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("two bad lines are not two faults: %v", err)
		}
	}
}
