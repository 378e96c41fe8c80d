package recovery_test

import (
	"context"
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
)

func Example() {
	codes, err := recovery.New(recovery.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = ostiary.Factors{Kinds: []ostiary.Factor{codes}} // beside others
	begun, err := codes.Begin(context.Background(), ostiary.Person{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(codes.Kind(), len(begun.Codes), "codes of", len(begun.Codes[0]), "characters")
	// Output: recovery 10 codes of 19 characters
}
