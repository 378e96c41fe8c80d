package postgres_test

import (
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/postgres"
	"github.com/ostiary/ostiary/storetest"
)

func BenchmarkSignIn(b *testing.B) {
	storetest.BenchmarkSignIn(b, open(b, postgres.Config{DSN: ostiary.NewSecret(database(b))}))
}
