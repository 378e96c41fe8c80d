package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/sqlite"
)

func Example() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path, ctx := filepath.Join(folder, "ostiary.db"), context.Background()

	store, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		fmt.Println(err)
		return
	}
	add := ostiary.Change{Add: []ostiary.Record{{ID: "1", Kind: "totp", Data: []byte("sealed")}}}
	fmt.Println(store.Change(ctx, "directory:ada", add))
	fmt.Println(store.TakeOnce(ctx, "step 7", time.Now().Add(time.Hour)))
	fmt.Println(store.Close())

	store, err = sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	records, err := store.Records(ctx, "directory:ada")
	fmt.Println(len(records), err)
	fmt.Println(store.TakeOnce(ctx, "step 7", time.Now().Add(time.Hour)))
	// Output:
	// <nil>
	// true <nil>
	// <nil>
	// 1 <nil>
	// false <nil>
}
