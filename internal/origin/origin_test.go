package origin_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/origin"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		raw, want, path  string
		secure, loopback bool
	}{
		{"https://app.example.com", "https://app.example.com", "", true, false},
		{"https://app.example.com/", "https://app.example.com", "/", true, false},
		{"https://app.example.com/my/auth/", "https://app.example.com", "/my/auth/", true, false},
		{"HTTPS://APP.Example.COM", "https://app.example.com", "", true, false},
		{"https://app.example.com:443", "https://app.example.com", "", true, false},
		{"https://app.example.com:0443", "https://app.example.com", "", true, false},
		{"https://app.example.com:80", "https://app.example.com:80", "", true, false},
		{"http://app.example.com:80/x", "http://app.example.com", "/x", false, false},
		{"http://app.example.com:443", "http://app.example.com:443", "", false, false},
		{"https://app.example.com:8443", "https://app.example.com:8443", "", true, false},
		{"https://app.example.com.", "https://app.example.com.", "", true, false},
		{"https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example", "", true, false},
		{"https://my_host.internal", "https://my_host.internal", "", true, false},
		{"http://localhost:3000", "http://localhost:3000", "", false, true},
		{"http://localhost.", "http://localhost.", "", false, true},
		{"http://app.localhost:3000", "http://app.localhost:3000", "", false, true},
		{"http://127.0.0.1:3000", "http://127.0.0.1:3000", "", false, true},
		{"http://127.8.9.10", "http://127.8.9.10", "", false, true},
		{"http://10.0.0.1", "http://10.0.0.1", "", false, false},
		{"http://[::1]:3000", "http://[::1]:3000", "", false, true},
		{"http://[0:0::1]:80", "http://[::1]", "", false, true},
		{"https://[2001:DB8::0:1]", "https://[2001:db8::1]", "", true, false},
		{"http://notlocalhost", "http://notlocalhost", "", false, false},
		{"https://app.3scale", "https://app.3scale", "", true, false},
		{"http://0c2d41ab77f0:3000", "http://0c2d41ab77f0:3000", "", false, false},
		{"http://localhost.example.com", "http://localhost.example.com", "", false, false},
	} {
		t.Run(c.raw, func(t *testing.T) {
			got, path, err := origin.Parse(c.raw)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want || path != c.path {
				t.Errorf("got %s and path %q, want %s and %q", got, path, c.want, c.path)
			}
			if got.Secure() != c.secure || got.Loopback() != c.loopback {
				t.Errorf("COO-2 secure %t, loopback %t, want %t, %t", got.Secure(), got.Loopback(), c.secure, c.loopback)
			}
		})
	}
}

func TestParseNamesTheMend(t *testing.T) {
	for _, c := range []struct{ raw, mend string }{
		{"", "must begin with https://"},
		{"app.example.com", "must begin with https://"},
		{"localhost:3000", "must begin with https://"},
		{"//app.example.com", "must begin with https://"},
		{"ftp://app.example.com", "must begin with https://"},
		{"javascript:alert(1)", "must begin with https://"},
		{"https:app.example.com", "host is missing"},
		{"https://", "host is missing"},
		{"https:///path", "host is missing"},
		{"https://:443", "host is missing"},
		{"https://user:canary@app.example.com", "user name"},
		{"https://user:can%ary@app.example.com", "user name"},
		{"https://app.example.com?", "query"},
		{"https://app.example.com/?x=1", "query"},
		{"https://app.example.com#", "fragment"},
		{"https://münchen.example", "punycode"},
		{"https://app.example.com:0", "between 1 and 65535"},
		{"https://app.example.com:65536", "between 1 and 65535"},
		{"https://app.example.com:x", "not an address"},
		{"https://app example.com", "not an address"},
		{"https://app.example.com\r\n", "not an address"},
		{"https://app%2eexample.com", "not an address"},
		{"https://*.example.com", "character '*'"},
		{"https://app..example.com", "empty"},
		{"https://.example.com", "empty"},
		{"https://.", "empty"},
		{"https://" + strings.Repeat("a", 64) + ".example", "overlong"},
		{"https://" + strings.Repeat("a.", 130) + "example", "overlong"},
		{"http://127.1", "four decimal numbers"},
		{"http://0x7f000001", "four decimal numbers"},
		{"http://127.0.0.01", "four decimal numbers"},
		{"http://2130706433", "four decimal numbers"},
		{"http://127.0.0.1.", "four decimal numbers"},
		{"http://[::ffff:127.0.0.1]", "127.0.0.1"},
		{"http://[fe80::1%25eth0]", "zone"},
		{"http://[::1", "not an address"},
		{"http://[:::]", "not an address"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			got, path, err := origin.Parse(c.raw)
			if err == nil {
				t.Fatalf("got %s and path %q, want an error", got, path)
			}
			if !strings.Contains(err.Error(), c.mend) {
				t.Errorf("the error is %q, want one with %q", err, c.mend)
			}
			if strings.Contains(c.raw, "@") && strings.Contains(err.Error(), "ary@") {
				t.Errorf("LOG-2 the error quotes a password: %q", err)
			}
			if got != (origin.Origin{}) || path != "" {
				t.Errorf("an error, yet also %s and path %q", got, path)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"https://app.example.com", "http://[::1]:80/x", "http://127.1", "https://user@h", "HTTP://A.b:080/%41", "http://[::ffff:1.2.3.4]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		o, _, err := origin.Parse(raw)
		if err != nil {
			return
		}
		written := o.String()
		again, path, err := origin.Parse(written)
		if err != nil || again != o || path != "" {
			t.Errorf("%q becomes %q, which becomes %q with path %q (%v)", raw, written, again, path, err)
		}
		u, err := url.Parse(written)
		if err != nil || u.User != nil || u.Scheme+"://"+u.Host != written || strings.ToLower(written) != written {
			t.Errorf("%q becomes %q, which is not an origin (%v)", raw, written, err)
		}
	})
}
