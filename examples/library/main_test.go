package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestSignIn walks through the example as a browser does.
func TestSignIn(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	t.Cleanup(server.Close)
	handler, err := site(server.URL, "example only: xK3vQ9zLr2TbW7cNf1eJh5sMd8gYp4aR")
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}

	var csrf struct{ CSRFToken string }
	if err := json.Unmarshal([]byte(fetch(t, client, server.URL+"/api/auth/csrf", nil)), &csrf); err != nil {
		t.Fatal(err)
	}
	fetch(t, client, server.URL+"/api/auth/callback/credentials", url.Values{
		"csrfToken": {csrf.CSRFToken}, "username": {"jsmith"}, "password": {"open sesame"}, "json": {"true"},
	})
	if got := fetch(t, client, server.URL+"/", nil); !strings.HasPrefix(got, "Hello, J Smith.") {
		t.Errorf("got %s", got)
	}
}

func fetch(t *testing.T, client *http.Client, address string, values url.Values) string {
	t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if values != nil {
		method, body = http.MethodPost, strings.NewReader(values.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
