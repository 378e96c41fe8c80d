package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
	"github.com/ostiary/ostiary/form"
)

// signInForm is that of the seed.
var signInForm = form.Form{
	{Name: "username", Label: "Username", Placeholder: "jsmith"},
	{Name: "password", Label: "Password", Type: "password"},
}

// credentials are what somebody typed into signInForm.
func credentials(t testing.TB, username, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(signInForm)
	if err != nil {
		t.Fatal(err)
	}
	values, err := compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// says is an endpoint that always gives the same answer.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		} else {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func connect(t testing.TB, config httpapi.Config) *httpapi.Connector {
	t.Helper()
	c, err := httpapi.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func authorize(t testing.TB, c *httpapi.Connector) (*ostiary.User, error) {
	t.Helper()
	return c.Authorize(context.Background(), credentials(t, "jsmith", canary), nil)
}

// canary is a password that nothing but the endpoint may ever see.
const canary = "canary-7f3a open sesame"

// verdict writes an answer in one line: the rows of the tables compare it.
func verdict(u *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	var next *ostiary.NextStep
	switch {
	case u != nil && err != nil:
		return "both a user and an error"
	case u != nil:
		return "user " + u.ID
	case err == nil:
		return "refused"
	case errors.Is(err, ostiary.ErrUnavailable) && (errors.As(err, &refusal) || errors.As(err, &next)):
		return "two things at once"
	case errors.As(err, &refusal):
		return strings.TrimSpace(fmt.Sprintf("refused %s %s%s", refusal.Code, refusal.Sentence, wait(refusal.RetryAfter)))
	case errors.As(err, &next):
		return fmt.Sprintf("next %s %d %s", next.Code, len(next.Form), next.State)
	case errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return "an error that is none of ours: " + err.Error()
}

func wait(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " " + d.String()
}

// silent fails the test when an error tells what must not be told (LOG-2).
func silent(t testing.TB, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range append(secrets, canary) {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			if strings.Contains(text, secret) {
				t.Errorf("LOG-2: the error tells a secret: %s", text)
			}
		}
	}
}
