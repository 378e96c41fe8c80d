//go:build !unix

package htpasswd

import "io/fs"

// dontWait is for systems that have pipes among the files.
const dontWait = 0

// writableByAll can't be told from the mode here.
func writableByAll(fs.FileInfo) bool { return false }

// readableByAll can't be told from the mode here.
func readableByAll(fs.FileInfo) bool { return false }
