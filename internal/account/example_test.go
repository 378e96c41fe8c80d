package account_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/account"
)

func ExampleName() {
	for _, typed := range []string{"Ada", "ＡＤＡ", "ada\u200b"} {
		fmt.Println(account.Name(typed))
	}
	// Output:
	// ada <nil>
	// ada <nil>
	//  not a login name: empty, over 256 bytes, blank at an edge, or with invisible characters
}

func ExampleID() {
	fmt.Println(account.ID("acme", "42"))
	fmt.Println(account.ID("acme", "Grete Müßig"))
	// Output:
	// acme:42 <nil>
	// acme:Grete%20M%C3%BC%C3%9Fig <nil>
}
