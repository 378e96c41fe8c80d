//go:build !pam || !cgo || !unix

package pam

const built = false

func openStack(target) (stack, error) { return nil, ErrNotBuilt }
