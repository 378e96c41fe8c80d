//go:build unix

package command

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func usualPath() string { return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }

// isScriptOfShell is for systems that know it by the name.
func isScriptOfShell(string) bool { return false }

func checkMode(file string, info fs.FileInfo) error {
	mode := info.Mode().Perm()
	switch {
	case mode&0o002 != 0:
		return fmt.Errorf("%s: everybody may write it: chmod o-w %s", file, file)
	case !ownedByUsOrRoot(info):
		return fmt.Errorf("%s: belongs to another user: chown root %s", file, file)
	case mode&0o111 == 0:
		return fmt.Errorf("%s: is not executable: chmod +x %s", file, file)
	}
	return nil
}

// checkFolderMode lets a sticky folder pass: there a file can be replaced by its
// owner only (chmod(1)).
func checkFolderMode(folder string, info fs.FileInfo) error {
	switch {
	case info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0:
		return fmt.Errorf("%s: everybody may replace what is in this folder: chmod o-w %s", folder, folder)
	case !ownedByUsOrRoot(info):
		return fmt.Errorf("%s: this folder belongs to another user: chown root %s", folder, folder)
	}
	return nil
}

func ownedByUsOrRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}
