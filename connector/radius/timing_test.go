package radius_test

import (
	"testing"

	"github.com/ostiary/ostiary/internal/testserver/freeradius"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is IDN-8: known names against unknown ones, before a server that
// takes as long for each, and before FreeRADIUS, which compares clear text here and
// is done sooner with a name that it does not know. Run: make timing
func BenchmarkTiming(b *testing.B) {
	for name, address := range map[string]string{
		"connector":  serve(b, always(draft{code: reject})).addr(),
		"FreeRADIUS": freeradius.Start(b, freeradius.Options{}).Addr(),
	} {
		b.Run(name, func(b *testing.B) {
			ostiarytest.Timing(b, ostiarytest.Target{
				Authorize: connect(b, over(address)).Authorize,
				Right:     map[string]string{"username": "ada", "password": right}, WantID: "ada",
			})
		})
	}
}
