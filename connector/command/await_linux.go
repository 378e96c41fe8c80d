package command

import "syscall"

// pPid is P_PID of waitid(2): wait for one process.
const pPid = 1

// awaitEnd returns when the process has ended, and leaves it to be reaped. It is
// false at once where the kernel does not know the call.
func awaitEnd(pid int) bool {
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, pPid, uintptr(pid), 0, syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if errno != syscall.EINTR {
			return errno == 0
		}
	}
}
