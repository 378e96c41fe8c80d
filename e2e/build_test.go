package e2e

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBuild makes the binary twice, as `make build` does for Linux: the same
// bytes come out, and they need no library of the system (DEP-3).
func TestBuild(t *testing.T) {
	var built [2][]byte
	folder := t.TempDir()
	for i := range built {
		file := filepath.Join(folder, string(rune('a'+i)))
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=test", "-o", file, "../cmd/ostiary")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var err error
		if built[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(built[0], built[1]) {
		t.Error("DEP-3: two builds differ")
	}
	binary, err := elf.NewFile(bytes.NewReader(built[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("DEP-3: the binary is not static")
		}
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(built[0], []byte(here+"/")) {
		t.Errorf("DEP-3: the binary knows where it was built (%s)", here)
	}
}
