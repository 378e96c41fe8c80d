package htpasswd_test

import (
	"testing"

	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is PWD-6: known names against unknown ones. Run: make timing
func BenchmarkTiming(b *testing.B) {
	file := newBed(b, htpasswd.Config{}, "ada:"+horseBcr)
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: file.Authorize, Right: map[string]string{"username": "ada", "password": horse}, WantID: "ada",
	})
}
