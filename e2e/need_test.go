package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// tool is a program, or a folder of packages, that tests drive.
type tool struct {
	names   []string // commands, the first that exists is taken
	file    string   // or a file that must be there
	install string
}

var tools = map[string]tool{
	"chromium": {
		names:   []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"},
		install: "apt-get install chromium, or set CHROMIUM to the path of a Chromium or Chrome",
	},
	"node":    {names: []string{"node"}, install: "apt-get install nodejs npm (version 20.19 or later)"},
	"zbarimg": {names: []string{"zbarimg"}, install: "apt-get install zbar-tools"},
	"clients": {file: "clients/node_modules/.package-lock.json", install: "npm ci --prefix e2e/clients --ignore-scripts"},
}

// need returns the path of a tool. Without it the test can't run: a failure
// where CI=true promises that everything is there, a skip on a person's machine.
func need(t *testing.T, name string) string {
	t.Helper()
	wanted := tools[name]
	if wanted.file != "" {
		if path, err := filepath.Abs(wanted.file); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	for _, command := range wanted.names {
		if path, err := exec.LookPath(command); command != "" && err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing. Install it: %s", name, wanted.install)
	}
	t.Skipf("%s is missing. Install it: %s (or make setup)", name, wanted.install)
	return ""
}
