//go:build !unix

package htpasswd

import "io/fs"

// writableByAll can't be told from the mode here.
func writableByAll(fs.FileInfo) bool { return false }
