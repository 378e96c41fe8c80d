package returnto_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/returnto"
)

func Example() {
	policy, err := returnto.New("https://app.example.com", []string{"https://shop.example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, asked := range []string{"/orders?page=2", "https://shop.example.com/cart", "//evil.example", "https://evil.example"} {
		address, ok := policy.Resolve(asked)
		if !ok {
			address = policy.Default()
		}
		fmt.Println(address)
	}
	// Output:
	// https://app.example.com/orders?page=2
	// https://shop.example.com/cart
	// https://app.example.com
	// https://app.example.com
}
