//go:build unix && !linux

package command

// awaitEnd can't wait without reaping here.
func awaitEnd(int) bool { return false }
