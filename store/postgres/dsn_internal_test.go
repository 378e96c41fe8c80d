package postgres

import (
	"strings"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://db.example.com/o":                                     "db.example.com verified",
		"postgres://db.example.com/o?sslmode=prefer":                      "db.example.com verified",
		"postgres://db.example.com/o?sslmode=allow":                       "db.example.com verified",
		"postgres://db.example.com/o?sslmode=require":                     "db.example.com verified",
		"postgres://db.example.com/o?sslmode=verify-full":                 "db.example.com verified",
		"host=db.example.com dbname=o sslmode=verify-full":                "db.example.com verified",
		"postgres://a.example.com,b.example.com:5433/o":                   "a.example.com verified, b.example.com verified",
		"postgres://localhost/o":                                          "localhost plain",
		"postgres://127.0.0.1/o?sslmode=prefer":                           "127.0.0.1 plain",
		"postgres://[::1]/o?sslmode=disable":                              "::1 plain",
		"postgres:///o?host=/run/postgresql":                              "/run/postgresql plain",
		"postgres://localhost/o?sslmode=verify-full":                      "localhost verified",
		"postgres://localhost,db.example.com/o":                           "localhost plain, db.example.com verified",
		"postgres://db.example.com/o?sslmode=disable":                     "without TLS",
		"postgres://localhost,db.example.com/o?sslmode=disable":           "without TLS",
		"postgres://localhost/o?default_query_exec_mode=simple_protocol":  "simple_protocol is refused",
		"postgres://ada:open sesame@localhost:port/o":                     "can't be read",
		"postgres://ada:opensesame@localhost/o?sslmode=opensesame":        "can't be read",
		"postgres://ada:opensesame@localhost/o?pool_max_conns=opensesame": "can't be read",
		"": "is empty",
	} {
		t.Run("CON-3 "+dsn, func(t *testing.T) {
			c, err := settings(dsn, 3)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "DSN: ") || !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
				if strings.Contains(err.Error(), "sesame") {
					t.Errorf("CON-5: the error tells the password: %v", err)
				}
				return
			}
			got := []string{c.ConnConfig.Host + tlsOf(c.ConnConfig.TLSConfig != nil)}
			for _, f := range c.ConnConfig.Fallbacks {
				got = append(got, f.Host+tlsOf(f.TLSConfig != nil))
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("got %q, want %q", text, want)
			}
			if tls := c.ConnConfig.TLSConfig; tls != nil && tls.ServerName != c.ConnConfig.Host {
				t.Errorf("the server may be %q", tls.ServerName)
			}
			if c.MaxConns != 3 || c.ConnConfig.RuntimeParams["statement_timeout"] != "3000" {
				t.Errorf("got %d connections, %v", c.MaxConns, c.ConnConfig.RuntimeParams)
			}
		})
	}
}

func tlsOf(on bool) string {
	if on {
		return " verified"
	}
	return " plain"
}

// TestOverlap notes looks, of which each goes back by the overlap.
func TestOverlap(t *testing.T) {
	var s seen
	start := time.Unix(1_000_000, 0)
	for i := range 100 {
		s.note(start.Add(time.Duration(i)*time.Second), int64(10*i))
		if want := int64(10 * max(0, i-int(overlap/time.Second)-1)); s.floor != want {
			t.Fatalf("SES-3 after look %d the next begins at %d, want %d", i, s.floor, want)
		}
	}
	if n := len(s.looks); n > int(overlap/time.Second)+1 {
		t.Errorf("%d looks are kept", n)
	}
}
