package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ostiary/ostiary/store/memory"
)

func Example() {
	store, ctx := memory.New(nil), context.Background()
	until := time.Now().Add(5 * time.Minute)

	for range 2 {
		first, err := store.TakeOnce(ctx, "pending sign-in 7Q", until)
		fmt.Println(first, err)
	}
	fmt.Println(store.Revoke(ctx, "a session", until), store.Revoked("a session"))
	// Output:
	// true <nil>
	// false <nil>
	// <nil> true
}
