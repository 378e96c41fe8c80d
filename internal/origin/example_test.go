package origin_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/origin"
)

func ExampleParse() {
	o, path, err := origin.Parse("https://App.Example.com:443/api/auth")
	fmt.Println(o, path, o.Secure(), err)

	_, _, err = origin.Parse("https://münchen.example")
	fmt.Println(err)
	// Output:
	// https://app.example.com /api/auth true <nil>
	// "https://münchen.example": write the host in ASCII (punycode, xn--…)
}
