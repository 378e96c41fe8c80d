//go:build !linux

package freeradius

import "syscall"

// dieWithParent is for systems that can end a process with its parent.
func dieWithParent() *syscall.SysProcAttr { return nil }
