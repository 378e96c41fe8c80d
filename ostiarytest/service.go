package ostiarytest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// client signs in to a service that asks the target, over loopback: what an
// attacker with a clock has.
type client struct {
	target Target
	http   *http.Client
	origin string
	token  string // of the CSRF pair
	pair   string // its cookie
}

// newClient starts a service for the target.
func newClient(tb testing.TB, target Target) *client {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	c := &client{target: target, origin: "http://" + server.Listener.Addr().String()}
	service, err := ostiary.New(ostiary.Config{
		URL: c.origin, Secrets: []string{rand.Text() + rand.Text()},
		Providers: []ostiary.Provider{{Form: target.form(target.Right), Authorize: target.Authorize, HonorsContext: true}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	server.Config.Handler = service
	server.Start()
	c.http = server.Client()
	tb.Cleanup(server.Close)
	if err := c.fetchPair(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return c
}

// fetchPair takes the CSRF pair that every sign-in needs.
func (c *client) fetchPair(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.origin+"/api/auth/csrf", nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var said struct{ CSRFToken string }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return err
	}
	c.token = said.CSRFToken
	for _, cookie := range answer.Cookies() {
		if strings.HasSuffix(cookie.Name, "csrf-token") {
			c.pair = cookie.Name + "=" + cookie.Value
		}
	}
	return nil
}

// signIn returns the status of one sign-in and how long its answer took.
func (c *client) signIn(ctx context.Context, fields map[string]string) (status int, took time.Duration, err error) {
	form := url.Values{"csrfToken": {c.token}, "json": {"true"}}
	for name, value := range fields {
		form.Set(name, value)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.origin+"/api/auth/callback/credentials", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.origin)
	r.Header.Set("Cookie", c.pair)
	begun := time.Now()
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(begun)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, took, err
}

// refusal is how long a refusal takes.
func (c *client) refusal(ctx context.Context, fields map[string]string) (time.Duration, error) {
	status, took, err := c.signIn(ctx, fields)
	if err == nil && status != http.StatusUnauthorized {
		err = fmt.Errorf("the answer to a wrong password has status %d", status)
	}
	return took, err
}

// warm signs in as often as the pace of refusals looks back.
func (c *client) warm(ctx context.Context) error {
	for range 32 {
		status, _, err := c.signIn(ctx, c.target.Right)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the answer to the right password has status %d", status)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
