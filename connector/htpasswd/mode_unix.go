//go:build unix

package htpasswd

import (
	"io/fs"
	"syscall"
)

// dontWait opens a pipe at once, whether or not anybody writes into it.
const dontWait = syscall.O_NONBLOCK

// writableByAll reports whether anybody on the machine may write the file.
func writableByAll(info fs.FileInfo) bool { return info.Mode().Perm()&0o002 != 0 }

// readableByAll reports whether anybody on the machine may read it.
func readableByAll(info fs.FileInfo) bool { return info.Mode().Perm()&0o004 != 0 }
