package ostiarytest_test

import (
	"context"
	"crypto/subtle"
	"net/http"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/ostiarytest"
)

// mine is the authorizer of an application.
func mine(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	right := subtle.ConstantTimeCompare([]byte(c.Get("password")), []byte("open sesame"))
	if c.Get("username") != "ada" || right != 1 {
		return nil, nil
	}
	return &ostiary.User{ID: "42", Name: "Ada Lovelace"}, nil
}

// In a file of your own tests; run it with go test -race.
func ExampleAuthorizer() {
	_ = func(t *testing.T) { // func TestConformance(t *testing.T)
		ostiarytest.Authorizer(t, ostiarytest.Target{
			Authorize: mine,
			Right:     map[string]string{"username": "ada", "password": "open sesame"},
			WantID:    "42",
		})
	}
	// Output:
}

func TestConformance(t *testing.T) {
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: mine,
		Right:     map[string]string{"username": "ada", "password": "open sesame"},
		WantID:    "42",
	})
}
