package radius_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
)

func TestConfigFaults(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("no key"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*radius.Config){
		"Servers: at least one":            func(c *radius.Config) { c.Servers = nil },
		"Servers: an address is missing":   func(c *radius.Config) { c.Servers[0].Address = "" },
		"Servers: \"a:99999\"":             func(c *radius.Config) { c.Servers[0].Address = "a:99999" },
		"is not a host and a port":         func(c *radius.Config) { c.Servers[0].Address = ":1812" },
		"the secret is missing":            func(c *radius.Config) { c.Servers[0].Secret = ostiary.Secret{} },
		"is there twice":                   func(c *radius.Config) { c.Servers = append(c.Servers, c.Servers[0]) },
		"CAFile:":                          func(c *radius.Config) { c.Servers[0].TLS = &radius.TLS{CAFile: "/nowhere"} },
		"CAFile: " + key:                   func(c *radius.Config) { c.Servers[0].TLS = &radius.TLS{CAFile: key} },
		"give both or none":                func(c *radius.Config) { c.Servers[0].TLS = &radius.TLS{CertFile: key} },
		"KeyFile: everybody":               func(c *radius.Config) { c.Servers[0].TLS = &radius.TLS{CertFile: key, KeyFile: key} },
		"NASIdentifier: ":                  func(c *radius.Config) { c.NASIdentifier = strings.Repeat("x", 254) },
		"NASIPAddress: ::1 is not of IPv4": func(c *radius.Config) { c.NASIPAddress = netip.MustParseAddr("::1") },
		"Timeout: -1s":                     func(c *radius.Config) { c.Timeout = -time.Second },
		"Retries: 11":                      func(c *radius.Config) { c.Retries = 11 },
		"Pause: -1s":                       func(c *radius.Config) { c.Pause = -time.Second },
		"UserID: \"Class\"":                func(c *radius.Config) { c.UserID = radius.AttributeClass },
		"Groups: \"Reply-Message\"":        func(c *radius.Config) { c.Groups = []string{"Reply-Message"} },
		"GroupPrefix: says nothing":        func(c *radius.Config) { c.GroupPrefix = "OU=" },
		"States: an empty text":            func(c *radius.Config) { c.States = map[string]ostiary.State{"": ostiary.Locked} },
		"States: \"gone\"":                 func(c *radius.Config) { c.States = map[string]ostiary.State{"x": "gone"} },
	} {
		config := over("192.0.2.7")
		change(&config)
		_, err := radius.New(config)
		mentions(t, err, want)
	}
	_, err := radius.New(radius.Config{Timeout: -1, Pause: -1})
	for _, field := range []string{"Servers: ", "Timeout: ", "Pause: "} {
		mentions(t, err, field)
	}
}

func TestDefaultPorts(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7:1812", "radius.example.com": "radius.example.com:1812", "192.0.2.7:99": "192.0.2.7:99",
		"2001:db8::7": "[2001:db8::7]:1812", "[2001:db8::7]": "[2001:db8::7]:1812", "[2001:db8::7]:99": "[2001:db8::7]:99",
	} {
		expect(t, address, connect(t, over(address)).String(), "radius "+want)
	}
	c := connect(t, radius.Config{Servers: []radius.Server{{Address: "radius.example.com", TLS: new(radius.TLS)}}})
	expect(t, "TLS", c.String(), "radius radius.example.com:2083")
}

func TestWarnings(t *testing.T) {
	for _, row := range []struct {
		what   string
		change func(*radius.Config)
		want   string
	}{
		{"loopback", func(*radius.Config) {}, ""},
		{"localhost", func(c *radius.Config) { c.Servers[0].Address = "localhost" }, ""},
		{"RAD-3 UDP beyond the machine", func(c *radius.Config) { c.Servers[0].Address = "192.0.2.7" }, "UDP"},
		{"RAD-3 TLS", func(c *radius.Config) { c.Servers[0].Address, c.Servers[0].TLS = "192.0.2.7", new(radius.TLS) }, ""},
		{"a short secret", func(c *radius.Config) { c.Servers[0].Secret = ostiary.NewSecret("testing123") }, "shorter"},
		{"unsigned", func(c *radius.Config) { c.InsecureAllowMissingMessageAuthenticator = true }, "CVE-2024-3596"},
	} {
		var log record
		config := over("127.0.0.1")
		config.Logger = log.logger()
		row.change(&config)
		got := strings.Join(connect(t, config).Warnings(), "\n")
		if (row.want == "") != (got == "") || !strings.Contains(got, row.want) || !strings.Contains(log.String(), row.want) {
			t.Errorf("%s: got %q, logged %q", row.what, got, log.String())
		}
	}
}

// TestSecretsDoNotPrint prints every structure that holds one (CON-5).
func TestSecretsDoNotPrint(t *testing.T) {
	config := over("127.0.0.1")
	c := connect(t, config)
	var log record
	log.logger().Info("x", slog.Any("config", config), slog.Any("connector", c), slog.Any("secret", config.Servers[0].Secret))
	all := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		all += fmt.Sprintf(verb+verb+verb+verb, config.Servers[0].Secret, config, c, *c)
	}
	text, err := json.Marshal(config.Servers[0])
	if err != nil || !strings.Contains(string(text), "***") {
		t.Errorf("JSON: %s, %v", text, err)
	}
	for _, secret := range []string{"a secret of", fmt.Sprintf("%x", "a secret of")} {
		if strings.Contains(all+string(text), secret) {
			t.Errorf("CON-5: a secret is in %s", all)
		}
	}
}
