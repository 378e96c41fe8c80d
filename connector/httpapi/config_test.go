package httpapi_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

func TestNewRefuses(t *testing.T) {
	const good = "https://acme.internal/login"
	secret := ostiary.NewSecret(canary)
	networks := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	for _, row := range []struct {
		name   string
		config httpapi.Config
		want   string
	}{
		{"no URL", httpapi.Config{}, "URL: is missing"},
		{"not a URL", httpapi.Config{URL: "https://user:" + canary}, "can't be read"},
		{"no host", httpapi.Config{URL: "https:///login"}, "with a host"},
		{"another scheme", httpapi.Config{URL: "ftp://acme.internal"}, "https"},
		{"no scheme", httpapi.Config{URL: "acme.internal/login"}, "https"},
		{"LOG-2 password in the URL", httpapi.Config{URL: "https://a:" + strings.ReplaceAll(canary, " ", "") + "@acme.internal"}, "in the headers"},
		{"fragment", httpapi.Config{URL: good + "#a"}, "fragment"},
		{"zone", httpapi.Config{URL: "https://[fe80::1%25eth0]/"}, "zone"},
		{"CON-3 plain http", httpapi.Config{URL: "http://acme.internal/login"}, "use https"},
		{"CON-3 plain http that looks local", httpapi.Config{URL: "http://localhost.acme.example/login"}, "use https"},
		{"HTC-2 metadata", httpapi.Config{URL: "http://169.254.169.254/", InsecureHTTP: true}, "may not be connected to"},
		{"HTC-2 unspecified", httpapi.Config{URL: "https://0.0.0.0/"}, "may not be connected to"},
		{"HTC-2 unspecified, IPv6", httpapi.Config{URL: "https://[::]/"}, "may not be connected to"},
		{"HTC-2 not allowed", httpapi.Config{URL: "https://192.168.1.1/", AllowedNetworks: networks("10.0.0.0/8")}, "none of the allowed"},
		{"HTC-2 can't be allowed", httpapi.Config{URL: good, AllowedNetworks: networks("169.254.0.0/16")}, "can't be allowed"},
		{"HTC-2 no network", httpapi.Config{URL: good, AllowedNetworks: make([]netip.Prefix, 1)}, "not a network"},
		{"encoding", httpapi.Config{URL: good, Encoding: "xml"}, "encoding"},
		{"HTC-1 {id} in the host", httpapi.Config{URL: good, LookupURL: "https://{id}.acme.internal/"}, "lookup URL"},
		{"HTC-1 {id} in the query", httpapi.Config{URL: good, LookupURL: "https://acme.internal/?id={id}"}, "path only"},
		{"lookup by plain http", httpapi.Config{URL: good, LookupURL: "http://acme.internal/{id}"}, "lookup URL"},
		{"HTC-1 header name", httpapi.Config{URL: good, Headers: map[string]ostiary.Secret{"X\r\nY": secret}}, "not the name of a header"},
		{"HTC-1 header value", httpapi.Config{URL: good, Headers: map[string]ostiary.Secret{"X": ostiary.NewSecret(canary + "\r\nY: z")}}, "line break"},
		{"a header twice", httpapi.Config{URL: good, Headers: map[string]ostiary.Secret{"x-a": secret, "X-A": secret}}, "twice"},
		{"a header of ours", httpapi.Config{URL: good, Headers: map[string]ostiary.Secret{"content-type": secret}}, "can't be set"},
		{"CON-2 an idempotency key", httpapi.Config{URL: good, Headers: map[string]ostiary.Secret{"Idempotency-Key": secret}}, "can't be set"},
		{"client IP header", httpapi.Config{URL: good, ClientIPHeader: "a b"}, "client IP header"},
		{"client IP header and header", httpapi.Config{URL: good, ClientIPHeader: "x-a", Headers: map[string]ostiary.Secret{"X-A": secret}}, "also"},
		{"reference header", httpapi.Config{URL: good, ReferenceHeader: "Host"}, "can't be set"},
		{"two fields under one name", httpapi.Config{URL: good, Fields: map[string]string{"a": "x", "b": "x"}}, "both"},
		{"a field named state", httpapi.Config{URL: good, Fields: map[string]string{"a": "state"}}, "state"},
		{"a field's name", httpapi.Config{URL: good, Fields: map[string]string{"a": "x\n"}}, "printable"},
		{"path", httpapi.Config{URL: good, Map: httpapi.Map{Name: "a..b"}}, "empty segment"},
		{"no id", httpapi.Config{URL: good, Map: httpapi.Map{ID: "-"}}, "required"},
		{"SES-10 HTC-4 reserved claim", httpapi.Config{URL: good, Map: httpapi.Map{Claims: map[string]string{"amr": "factors"}}}, "reserved"},
		{"SES-10 HTC-4 another one", httpapi.Config{URL: good, Map: httpapi.Map{Claims: map[string]string{"auth_time": "now"}}}, "reserved"},
		{"a claim with a place of its own", httpapi.Config{URL: good, Map: httpapi.Map{Claims: map[string]string{"email": "mail"}}}, "place of its own"},
		{"a claim without a path", httpapi.Config{URL: good, Map: httpapi.Map{Claims: map[string]string{"tenant": ""}}}, "no path"},
		{"a claim without a name", httpapi.Config{URL: good, Map: httpapi.Map{Claims: map[string]string{"": "x"}}}, "a name is empty"},
		{"HTC-3 a success that is none", httpapi.Config{URL: good, SuccessStatus: []int{401}}, "401"},
		{"negative timeout", httpapi.Config{URL: good, Timeout: -time.Second}, "negative"},
		{"negative connections", httpapi.Config{URL: good, MaxConns: -1}, "negative"},
		{"negative pause", httpapi.Config{URL: good, BreakFor: -1}, "negative"},
		{"a CA file without certificates", httpapi.Config{URL: good, CAFile: "doc.go"}, "no certificate"},
		{"no such CA file", httpapi.Config{URL: good, CAFile: filepath.Join(t.TempDir(), "ca.pem")}, "CA file"},
		{"certificate without key", httpapi.Config{URL: good, CertFile: "a"}, "certificate file: "},
		{"key without certificate", httpapi.Config{URL: good, KeyFile: "a"}, "key file: "},
		{"no such certificate", httpapi.Config{URL: good, CertFile: filepath.Join(t.TempDir(), "a"), KeyFile: filepath.Join(t.TempDir(), "b")}, "certificate file: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := httpapi.New(row.config)
			if err == nil || c != nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
			silent(t, err, strings.ReplaceAll(canary, " ", ""))
		})
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	_, err := httpapi.New(httpapi.Config{URL: "http://acme.internal", Encoding: "xml", ClientIPHeader: "a b", Timeout: -1})
	if err == nil || strings.Count(err.Error(), "\n") < 3 {
		t.Errorf("got %v, want four faults", err)
	}
}

func TestNewAccepts(t *testing.T) {
	for _, address := range []string{
		"https://acme.internal/login", "https://10.1.2.3:8443/login", "https://[fd12::1]/login?tenant=a",
		"http://localhost:8080/", "http://LOCALHOST./", "http://127.0.0.2/", "http://[::1]:80/", "http://acme.localhost/",
	} {
		if _, err := httpapi.New(httpapi.Config{URL: address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestPrinting prints everything in every way (CON-5).
func TestPrinting(t *testing.T) {
	config := httpapi.Config{URL: "https://acme.internal/?key=" + "canary-query", Headers: map[string]ostiary.Secret{"Authorization": ostiary.NewSecret(canary)}}
	c := connect(t, config)
	type holder struct {
		config    httpapi.Config
		secret    ostiary.Secret
		connector *httpapi.Connector
		value     httpapi.Connector
	}
	hidden := holder{config, config.Headers["Authorization"], c, *c}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t", "%p"} {
		for _, value := range []any{config.Headers, config.Headers["Authorization"], c, hidden, &hidden, []any{hidden}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("CON-5 %s of %T: %s", verb, value, text)
			}
		}
	}
	text, err := json.Marshal(config.Headers)
	if err != nil || string(text) != `{"Authorization":"***"}` {
		t.Errorf("CON-5 JSON: %s, %v", text, err)
	}
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", config.Headers["Authorization"], "connector", c, "headers", config.Headers)
	if strings.Contains(out.String(), "canary") {
		t.Errorf("CON-5 log: %s", out.String())
	}
	if got := fmt.Sprintf("%#v %#v", c, config.Headers["Authorization"]); got != "httpapi https://acme.internal ostiary.Secret(***)" {
		t.Errorf("CON-5 got %s", got)
	}
	if got, want := fmt.Sprint(c), "httpapi https://acme.internal"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
