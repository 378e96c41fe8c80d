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

func ExampleSystem() {
	wordpress, err := passhash.SystemNamed("wordpress")
	if err != nil {
		fmt.Println(err)
		return
	}
	// What wp_users.user_pass holds for a"b: WordPress adds a slash before it
	// hashes, and cuts blanks off at both ends.
	record := passhash.Record{Stored: "$P$B123456783Npi3Mbv09e2tp/3S1wsh."}
	hash, err := wordpress.Parse(record, passhash.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hash, hash.Match(` a"b `), wordpress.RehashDue(hash))
	fmt.Println(wordpress.Default(passhash.Options{}))
	// Output:
	// passhash.Hash{phpass, cost 8192} true true
	// passhash.Hash{bcrypt-sha384, cost 10}
}

func ExampleSystem_Columns() {
	gitea, _ := passhash.SystemNamed("gitea")
	fmt.Println(gitea.Columns())
	record := passhash.Record{
		Stored:  "f0d64561990f1f5f9b88eb824712eb984314731f0c097e16d57328e2d1956c614c414a8faff7c40f2eda96797d5727dd0a47",
		Columns: map[string]string{"passwd_hash_algo": "scrypt$65536$16$2$50", "salt": "9f86d081884c7d659a2feaa0c55ad015"},
	}
	hash, err := gitea.Parse(record, passhash.Options{})
	fmt.Println(hash, hash.Cost().Memory>>20, "MiB", err)
	record.Columns["passwd_hash_algo"] = "scrypt$1099511627776$16$2$50"
	_, err = gitea.Parse(record, passhash.Options{})
	fmt.Println(errors.Is(err, passhash.ErrTooCostly))
	// Output:
	// [passwd_hash_algo salt]
	// passhash.Hash{scrypt, cost 65536} 128 MiB <nil>
	// true
}

func ExampleMake() {
	stored, err := passhash.Make(passhash.Argon2id, "open sesame")
	fmt.Println(stored[:31], err)
	// Output: $argon2id$v=19$m=65536,t=3,p=1$ <nil>
}

func ExamplePool() {
	pool := passhash.NewPool(0) // one for the process
	hash, _ := passhash.Parse("$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg.", passhash.Limits{})
	match, err := pool.Match(context.Background(), hash, "open sesame")
	fmt.Println(match, err)
	// Output: true <nil>
}
