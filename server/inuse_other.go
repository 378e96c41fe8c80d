//go:build !unix

package server

import (
	"errors"
	"syscall"
)

// inUse reports whether a port could not be opened because somebody has it:
// WSAEADDRINUSE on Windows.
func inUse(err error) bool { return errors.Is(err, syscall.Errno(10048)) }
