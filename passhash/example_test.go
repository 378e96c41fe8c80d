package passhash_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ostiary/ostiary/passhash"
)

func Example() {
	stored := "$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg."
	hash, err := passhash.Parse(stored, passhash.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hash, hash.Match("open sesame"), hash.Match("Open sesame"))
	// Output: passhash.Hash{bcrypt, cost 5} true false
}

func ExampleParse() {
	for _, stored := range []string{
		"$2y$31$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=",
		"4Ln5b65a85DE2",
		"!",
	} {
		_, err := passhash.Parse(stored, passhash.Limits{})
		fmt.Println(err, errors.Is(err, passhash.ErrWeak))
	}
	// Output:
	// password hash beyond the cost limit: bcrypt of cost 31, at most 15 false
	// weak password hash: sha1 true
	// unsupported password hash: DES, which reads 8 characters of the password false
	// locked password false
}

func ExamplePool() {
	pool := passhash.NewPool(0) // one for the process
	hash, _ := passhash.Parse("$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg.", passhash.Limits{})
	match, err := pool.Match(context.Background(), hash, "open sesame")
	fmt.Println(match, err)
	// Output: true <nil>
}
