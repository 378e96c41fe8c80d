package seal_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/seal"
)

func Example() {
	secrets := []string{"the newest secret seals and opens", "older ones open"}
	pending, err := seal.New(secrets, "pending sign-in")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := pending.Seal([]byte("step 2"), []byte("provider acme"))
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := pending.Open(text, []byte("provider acme"))
	fmt.Printf("%s %v\n", plain, err)
	_, err = pending.Open(text, []byte("provider other"))
	fmt.Println(err)
	// Output:
	// step 2 <nil>
	// sealed text does not open
}
