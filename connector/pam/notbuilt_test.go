//go:build !pam || !cgo

package pam_test

import (
	"errors"
	"testing"

	"github.com/ostiary/ostiary/connector/pam"
)

func TestNotBuilt(t *testing.T) {
	c, err := pam.New(pam.Config{Service: "ostiary"})
	if c != nil || !errors.Is(err, pam.ErrNotBuilt) {
		t.Errorf("got %v, %v, want ErrNotBuilt", c, err)
	}
}
