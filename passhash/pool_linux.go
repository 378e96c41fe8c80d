package passhash

import (
	"runtime"
	"syscall"
)

// canLower reports whether threads can have a priority of their own here.
const canLower = true

// lowerPriority makes the thread of the goroutine its own, and the last to run.
// The thread ends with the goroutine. Where it is not permitted nothing changes:
// the hashes then compete like everything else.
func lowerPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) // of this thread alone, on Linux
}
