package webauthn_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/webauthn"
)

func Example() {
	keys, err := webauthn.New(webauthn.Config{RPID: "example.com", Origins: []string{"https://id.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = ostiary.Factors{Kinds: []ostiary.Factor{keys}, Passkeys: true}

	asked, err := keys.Options(context.Background(), ostiary.Person{}, nil) // anybody with a passkey
	if err != nil {
		fmt.Println(err)
		return
	}
	var options struct{ RPID, UserVerification string }
	fmt.Println(json.Unmarshal(asked.JSON, &options), options.RPID, options.UserVerification)
	// Output: <nil> example.com required
}
