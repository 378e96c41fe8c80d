package passhash

import (
	"os"
	"runtime"
	"sync"
)

// raised is by how much all pools together have raised GOMAXPROCS.
var raised struct {
	sync.Mutex
	by int
}

// processors is GOMAXPROCS without what pools have added.
func processors() int {
	raised.Lock()
	defer raised.Unlock()
	return max(1, runtime.GOMAXPROCS(0)-raised.by)
}

// raiseProcessors gives the scheduler so many more processors, for the threads
// that hold one without giving way. It returns by how much.
func raiseProcessors(n int) int {
	if os.Getenv("GOMAXPROCS") != "" {
		return 0
	}
	raised.Lock()
	defer raised.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	raised.by += n
	return n
}

// restoreProcessors takes back what raiseProcessors gave.
func restoreProcessors(n int) {
	if n == 0 {
		return
	}
	raised.Lock()
	defer raised.Unlock()
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)-n))
	raised.by -= n
}
