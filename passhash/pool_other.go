//go:build !linux

package passhash

// canLower reports whether threads can have a priority of their own here.
const canLower = false

func lowerPriority() {}
