//go:build unix

package htpasswd

import "io/fs"

// writableByAll reports whether anybody on the machine may write the file.
func writableByAll(info fs.FileInfo) bool { return info.Mode().Perm()&0o002 != 0 }
