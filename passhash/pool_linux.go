package passhash

import (
	"os"
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

// raiseProcessors gives the scheduler so many more processors, for the threads
// that hold one without giving way. It returns by how much.
func raiseProcessors(n int) int {
	if os.Getenv("GOMAXPROCS") != "" {
		return 0
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	return n
}
