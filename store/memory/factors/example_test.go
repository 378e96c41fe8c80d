package factors_test

import (
	"context"
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/memory/factors"
)

func Example() {
	store, ctx := factors.New(nil), context.Background()
	add := ostiary.Change{Add: []ostiary.Record{{ID: "1", Kind: "totp"}}}
	fmt.Println(store.Change(ctx, "directory:ada", add))
	fmt.Println(store.Change(ctx, "directory:eve", add))

	records, err := store.Records(ctx, "directory:ada")
	fmt.Println(len(records), records[0].Kind, records[0].Version, err)
	// Output:
	// <nil>
	// another record has this key
	// 1 totp 1 <nil>
}
