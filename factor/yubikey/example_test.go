package yubikey_test

import (
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/yubikey"
)

func Example() {
	keys, err := yubikey.New(yubikey.Config{
		Servers:  []string{"https://api.yubico.com/wsapi/2.0/verify"},
		ClientID: "12345", APIKey: ostiary.NewSecret("c2VjcmV0IG9mIHRoZSBjbGllbnQ="),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = ostiary.Factors{Kinds: []ostiary.Factor{keys}}
	e, err := keys.Import("cccccccccccb")
	fmt.Println(keys.Kind(), e.Key, err)
	// Output: yubikey yubikey:cccccccccccb <nil>
}
