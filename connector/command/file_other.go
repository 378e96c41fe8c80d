//go:build !unix

package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// usualPath is where Windows has its own programs.
func usualPath() string {
	root := os.Getenv("SystemRoot")
	if root == "" {
		return ""
	}
	return filepath.Join(root, "System32") + string(filepath.ListSeparator) + root
}

// isScriptOfShell knows the files that Windows hands to cmd.exe, whose rules of
// quoting nobody can keep.
func isScriptOfShell(file string) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".bat", ".cmd":
		return true
	}
	return false
}

// checkMode can't tell who may write from the mode here.
func checkMode(string, fs.FileInfo) error { return nil }

// checkFolderMode is like checkMode.
func checkFolderMode(string, fs.FileInfo) error { return nil }
