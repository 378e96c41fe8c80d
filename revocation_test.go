package ostiary_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ostiary/ostiary"
)

// TestRenewalNeverRevives is SES-4: tabs that renew the session while another
// one signs out hold nothing afterwards, however the two interleave.
func TestRenewalNeverRevives(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		leaving := h.script().enter()
		tabs := make([]*browser, 32)
		for i := range tabs {
			tabs[i] = leaving.clone()
		}
		var started, done sync.WaitGroup
		started.Add(1)
		for _, tab := range tabs {
			done.Go(func() {
				started.Wait()
				for range 4 {
					tab.get("session")
				}
			})
		}
		started.Done()
		leaving.post("signout").is(200)
		done.Wait()
		for i, tab := range tabs {
			if view := tab.session(); view != nil {
				t.Errorf("tab %d is signed in: %v", i, view)
			}
		}
	})
}

// TestLifetimesAreDocumented is SES-11: what the defaults are, and what becomes
// of several sessions at once, stands in the documentation.
func TestLifetimesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("docs/sessions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"30 days", "90 days", "12 hours", "at the same time"} {
		if !strings.Contains(string(text), must) {
			t.Errorf("docs/sessions.md does not say %q", must)
		}
	}
}
