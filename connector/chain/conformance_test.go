package chain_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/chain"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance holds a chain of two systems to the kit, by somebody of the
// second.
func TestConformance(t *testing.T) {
	system := func(name, password, id string) chain.Link {
		return chain.Link{
			Authorize: func(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				if c.Get("username") != name || c.Get("password") != password {
					return nil, nil
				}
				return &ostiary.User{ID: id}, nil
			},
			Lookup: func(_ context.Context, userID string) (*ostiary.User, error) {
				if userID != id {
					return nil, nil
				}
				return &ostiary.User{ID: id}, nil
			},
		}
	}
	first, second := system("bob", "first", "1"), system("ada", "open sesame", "1")
	first.Name, first.OnRefused, second.Name = "first", true, "second"
	people, err := chain.New(first, second)
	if err != nil {
		t.Fatal(err)
	}
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: people.Authorize, Lookup: people.Lookup,
		Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "second:1",
	})
}
