package postgres_test

import (
	"context"
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/postgres"
)

func Example() {
	// In an address of a network TLS is on, whatever else the address says.
	_, err := postgres.Open(context.Background(), postgres.Config{
		DSN: ostiary.NewSecret("postgres://ostiary:secret@db.example.com/ostiary?sslmode=disable"),
	})
	fmt.Println(err)
	// Output: DSN: without TLS, anybody between here and db.example.com writes answers: sslmode must be verify-full
}
