package passhash

import (
	"runtime"
	"syscall"
)

// canLower reports whether threads can have a priority of their own here.
const canLower = true

// niceness is a third of the processor against a thread of ordinary priority. Not
// 19, a seventieth: what stops the whole process for an instant, the collector of
// garbage, waits for every thread, and behind a busy neighbour on the machine the
// last of all may not run for a long time (docs/decisions/0004-hash-pool.md).
const niceness = 5

// lowerPriority makes the thread of the goroutine its own, and its priority low.
// The thread ends with the goroutine. Where it is not permitted nothing changes:
// the hashes then compete like everything else.
func lowerPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness) // of this thread alone, on Linux
}
