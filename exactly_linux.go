package ostiary

import (
	"syscall"
	"time"
)

// exact bounds how many threads of the operating system wait at once.
var exact = make(chan struct{}, 64)

// exactly waits a short while on a thread of the operating system, whose clock
// counts in nanoseconds. When too many do, the runtime's timer has to be good
// enough; it is exact on a server that busy.
func exactly(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case exact <- struct{}{}:
		defer func() { <-exact }()
		wait := syscall.NsecToTimespec(d.Nanoseconds())
		_ = syscall.Nanosleep(&wait, nil) // a signal may end it early
	default:
		time.Sleep(d)
	}
}
