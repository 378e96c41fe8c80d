package pam_test

import (
	"errors"
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/pam"
	"github.com/ostiary/ostiary/form"
)

func Example() {
	c, err := pam.New(pam.Config{Service: "ostiary", Reveal: ostiary.Reveal{ostiary.Expired}})
	if errors.Is(err, pam.ErrNotBuilt) {
		fmt.Println("signs in with PAM")
		return // an ordinary build
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := ostiary.Provider{
		Name:          "PAM",
		Form:          form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
		Authorize:     c.Authorize,
		Lookup:        c.Lookup,
		HonorsContext: true,
	}
	fmt.Println("signs in with", provider.Name)
	// Output: signs in with PAM
}
