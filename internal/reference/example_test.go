package reference_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/reference"
)

func Example() {
	fmt.Println(len(reference.New()))
	fmt.Println(reference.Parse("7qw2-k9zd")) // as somebody read it out on the phone
	// Output:
	// 8
	// 7QW2K9ZD
}
