package freeradius

import "syscall"

// dieWithParent ends the server when the test binary ends, however that happens.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
