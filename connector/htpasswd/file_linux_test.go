package htpasswd_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

// TestOtherLength has a file whose text is longer than its size: so looks one
// that is written to while it is read.
func TestOtherLength(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(time.Minute)
	must(t, os.Remove(b.file))
	must(t, os.Symlink("/proc/version", b.file))
	b.says("ada", horse, "user ada")
	b.logged("changed while it was read", 1)
	if err := b.Check(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "changed while it was read") {
		t.Errorf("HTP-1: got %v", err)
	}
}
