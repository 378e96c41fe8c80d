package radius_test

import (
	"testing"

	"github.com/ostiary/ostiary/internal/testserver/freeradius"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is IDN-8: known names against unknown ones, before FreeRADIUS,
// which compares clear text here and is done sooner with a name that it does not
// know. Run: make timing
func BenchmarkTiming(b *testing.B) {
	server := freeradius.Start(b, freeradius.Options{})
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: connect(b, over(server.Addr())).Authorize,
		Right:     map[string]string{"username": "ada", "password": right}, WantID: "ada",
	})
}
