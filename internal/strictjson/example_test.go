package strictjson_test

import (
	"fmt"

	"github.com/ostiary/ostiary/internal/strictjson"
)

func Example() {
	members, err := strictjson.Object([]byte(`{"username":"ada","remember":true,"data":{"theme":"dark"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", members["data"])
	delete(members, "data") // the one member that need not be plain

	fields, err := strictjson.Fields(members)
	fmt.Println(fields, err)

	_, err = strictjson.Object([]byte(`{"username":"ada","username":"grace"}`))
	fmt.Println(err)
	// Output:
	// {"theme":"dark"}
	// map[remember:[true] username:[ada]] <nil>
	// not a JSON object with each name once
}
