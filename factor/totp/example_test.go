package totp_test

import (
	"fmt"
	"time"

	"github.com/ostiary/ostiary/factor/totp"
)

func Example() {
	secret, err := totp.ParseSecret("JBSW Y3DP EHPK 3PXP") // or totp.NewSecret(totp.SHA1)
	if err != nil {
		panic(err)
	}
	key := totp.Key{Secret: secret}
	fmt.Println(totp.Address{Key: key, Issuer: "Acme", Account: "ada"})

	now := time.Unix(1_700_000_000, 0)
	state, ok := key.Verify(key.At(now), now, totp.State{})
	fmt.Println(ok)
	_, again := key.Verify(key.At(now), now, state) // with the state that was stored
	fmt.Println(again)
	// Output:
	// otpauth://totp/Acme%3Aada?secret=JBSWY3DPEHPK3PXP&issuer=Acme
	// true
	// false
}
