//go:build unix

package command_test

import (
	"path/filepath"
	"testing"

	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/ostiarytest"
)

// BenchmarkTiming is IDN-8: the connector adds no step of its own to what the
// program takes. Run: make timing
func BenchmarkTiming(b *testing.B) {
	file := filepath.Join(b.TempDir(), "check")
	put(b, file, "#!/bin/sh\nIFS= read -r question\ncase $question in *'\"open sesame\"'*) echo '{\"id\":\"42\"}' ;; *) exit 1 ;; esac\n", 0o700)
	c := connect(b, command.Config{Argv: []string{file}})
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: c.Authorize, Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "42",
	})
}
