package sqldb_test

import (
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/ostiarytest"
)

// TestConformance holds the connector to what Ostiary relies on, on servers that
// freeze and go away.
func TestConformance(t *testing.T) {
	target := func(c *sqldb.Connector) ostiarytest.Target {
		return ostiarytest.Target{
			Authorize: c.Authorize,
			Lookup:    c.Lookup,
			Right:     map[string]string{"username": "ada", "password": password},
			WantID:    "1",
			Unicode:   map[string]string{"username": "Zoë", "password": password},
			Patience:  15 * time.Second,
		}
	}
	for engine, start := range victims {
		t.Run(engine, func(t *testing.T) {
			server, b := start(t)
			config := own(b)
			config.StatementTimeout = 2 * time.Second
			held := target(connect(t, config))
			held.Stall = func() (restore func()) {
				server.Freeze()
				return server.Thaw
			}
			held.Stop = func() (restore func()) {
				server.Kill()
				return func() { server.Restart(t) }
			}
			ostiarytest.Authorizer(t, held)
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		b := newBase(t, "sqlite")
		people(b)
		ostiarytest.Authorizer(t, target(connect(t, own(b))))
	})
}
