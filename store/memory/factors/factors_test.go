package factors_test

import (
	"testing"
	"time"

	"github.com/ostiary/ostiary/store/memory/factors"
	"github.com/ostiary/ostiary/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, now func() time.Time) storetest.Store { return factors.New(now) })
}
