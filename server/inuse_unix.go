//go:build unix

package server

import (
	"errors"
	"syscall"
)

// inUse reports whether a port could not be opened because somebody has it.
func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
