//go:build pam && cgo && linux

package pam_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ostiary/ostiary/connector/pam"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance runs what every authorizer is held to, against pam_unix and an
// account of the system; a module in front of it stalls while a file is there.
func TestConformance(t *testing.T) {
	stall, gate := filepath.Join(t.TempDir(), "stall"), filepath.Join(t.TempDir(), "gate")
	if err := os.WriteFile(gate, []byte("#!/bin/sh\nwhile test -e "+stall+"; do sleep 0.02; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	dir := service(t, "auth optional pam_exec.so quiet "+gate+"\n"+unix)
	c, err := pam.New(pam.Config{Service: "ostiary", ConfDir: dir, RefusalStep: -1})
	if err != nil {
		t.Fatal(err)
	}
	name := account(t, canary)
	file := filepath.Join(dir, "ostiary")
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: c.Authorize,
		Lookup:    c.Lookup,
		Right:     map[string]string{"username": name, "password": canary},
		WantID:    name,
		Unicode:   map[string]string{"username": name, "password": canary},
		Stall: func() func() {
			if err := os.WriteFile(stall, nil, 0o600); err != nil {
				t.Error(err)
			}
			return func() { move(t, stall, stall+".over") }
		},
		Stop: func() func() {
			move(t, file, file+".away")
			return func() { move(t, file+".away", file) }
		},
	})
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}
