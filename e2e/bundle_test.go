package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// bundles holds the client pages, made once for all tests.
var bundles struct {
	once   sync.Once
	folder string
	err    error
}

// bundle returns the file with the client of a generation for "page" (a
// browser) or "jsdom".
func bundle(t *testing.T, generation, kind string) string {
	t.Helper()
	bundles.once.Do(func() {
		if bundles.folder, bundles.err = os.MkdirTemp("", "ostiary-clients-"); bundles.err != nil {
			return
		}
		cmd := exec.CommandContext(t.Context(), need(t, "node"), "clients/bundle.mjs", bundles.folder)
		cmd.Stderr = os.Stderr
		bundles.err = cmd.Run()
	})
	if bundles.err != nil {
		t.Fatalf("bundling the clients: %v", bundles.err)
	}
	return filepath.Join(bundles.folder, generation+"."+kind+".js")
}

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	if bundles.folder != "" {
		os.RemoveAll(bundles.folder)
	}
	os.Exit(code)
}
