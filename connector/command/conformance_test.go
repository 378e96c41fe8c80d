//go:build unix

package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance runs what every authorizer is held to, against a program that
// knows two people, stalls while a file is there, and can be taken away.
func TestConformance(t *testing.T) {
	dir := t.TempDir()
	stall, file, away := filepath.Join(dir, "stall"), filepath.Join(dir, "check"), filepath.Join(dir, "away")
	put(t, file, `#!/bin/sh
while test -e `+stall+`; do sleep 0.02; done
IFS= read -r request
case $request in
'{"version":1,"action":"authorize","fields":{"password":"open sesame","username":"ada"}}') echo '{"id":"42","name":"Ada L"}' ;;
'{"version":1,"action":"authorize","fields":{"password":"öffne dich","username":"ürsula"}}') echo '{"id":"43"}' ;;
'{"version":1,"action":"lookup","id":"42"}') echo '{"id":"42","name":"Ada L"}' ;;
*) echo '{}'; exit 1 ;;
esac
`, 0o700)
	c := connect(t, command.Config{Argv: []string{file}, Lookup: true})
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: c.Authorize,
		Lookup:    c.Lookup,
		Right:     map[string]string{"username": "ada", "password": "open sesame"},
		WantID:    "42",
		Unicode:   map[string]string{"username": "ürsula", "password": "öffne dich"},
		Stall: func() func() {
			put(t, stall, "", 0o600)
			return func() { remove(t, stall) }
		},
		Stop: func() func() {
			move(t, file, away)
			return func() { move(t, away, file) }
		},
	})
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Error(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}
