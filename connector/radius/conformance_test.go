package radius_test

import (
	"testing"

	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance holds the connector to the kit, before a real server.
func TestConformance(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{RadSec: true})
	for transport, config := range map[string]radius.Config{"UDP": over(s.Addr()), "TLS": secure(s)} {
		t.Run(transport, func(t *testing.T) {
			ostiarytest.Authorizer(t, ostiarytest.Target{
				Authorize: connect(t, config).Authorize,
				Right:     map[string]string{"username": "ada", "password": right}, WantID: "ada",
				Unicode: map[string]string{"username": "ürsula", "password": "schön"},
				Stop:    func() func() { s.Kill(); return func() { s.Restart(t) } },
				Stall:   func() func() { s.Freeze(); return s.Thaw },
			})
		})
	}
}
