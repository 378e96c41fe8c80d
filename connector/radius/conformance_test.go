package radius_test

import (
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/testserver/freeradius"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance holds the connector to the kit, before a real server.
func TestConformance(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{})
	config := over(s.Addr())
	config.Timeout, config.Pause = 500*time.Millisecond, time.Millisecond
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: connect(t, config).Authorize,
		Right:     map[string]string{"username": "ada", "password": right}, WantID: "ada",
		Unicode: map[string]string{"username": "ürsula", "password": "schön"},
		Stop: func() func() {
			s.Kill()
			return func() { s.Restart(t) }
		},
	})
}
