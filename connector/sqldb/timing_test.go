package sqldb_test

import (
	"testing"

	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is PWD-6 on every engine: known names against unknown ones.
// Run: make timing
func BenchmarkTiming(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres", "mysql"} {
		b.Run(engine, func(b *testing.B) {
			base := newBase(b, engine)
			people(base)
			c := connect(b, own(base))
			ostiarytest.Timing(b, ostiarytest.Target{
				Authorize: c.Authorize, Right: map[string]string{"username": "ada", "password": password}, WantID: "1",
			})
		})
	}
}
