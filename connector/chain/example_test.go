package chain_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/chain"
	"github.com/ostiary/ostiary/form"
)

// Most people are in the directory by now; whoever isn't, is still in the old
// table.
func Example() {
	directory := func(context.Context, form.Values, *http.Request) (*ostiary.User, error) { return nil, nil }
	table := func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
		return &ostiary.User{ID: "42", Name: "Ada Lovelace"}, nil
	}
	people, err := chain.New(
		chain.Link{Name: "directory", Authorize: directory, OnRefused: true},
		chain.Link{Name: "table", Authorize: table},
	)
	if err != nil {
		panic(err)
	}
	r, _ := http.NewRequest(http.MethodPost, "/", nil)
	user, err := people.Authorize(context.Background(), form.Values{}, r)
	fmt.Println(user.ID, user.Name, err)
	// Output: table:42 Ada Lovelace <nil>
}
