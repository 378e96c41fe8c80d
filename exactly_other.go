//go:build !linux

package ostiary

import "time"

// exactly waits a short while, as exactly as the runtime's timers are here.
func exactly(d time.Duration) { time.Sleep(d) }
