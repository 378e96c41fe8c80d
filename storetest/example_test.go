package storetest_test

import (
	"testing"
	"time"

	"github.com/ostiary/ostiary/store/memory/factors"
	"github.com/ostiary/ostiary/storetest"
)

// In a file of your own tests; run it with go test -race.
func ExampleRun() {
	_ = func(t *testing.T) { // func TestContract(t *testing.T)
		storetest.Run(t, func(_ *testing.T, now func() time.Time) storetest.Store { return factors.New(now) })
	}
	// Output:
}
