package returnto_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/returnto"
)

const (
	ours   = "https://app.example.com"
	shop   = "https://shop.example.com"
	local  = "http://localhost:3000"
	ipv6   = "http://[::1]:8080"
	listed = shop + " " + local + " " + ipv6
)

func policy(t testing.TB) *returnto.Policy {
	t.Helper()
	p, err := returnto.New(ours, strings.Fields(listed))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestResolve(t *testing.T) {
	p := policy(t)
	for raw, want := range map[string]string{
		// paths of ours
		"/":           ours + "/",
		"/a?b=c#d":    ours + "/a?b=c#d",
		"/a?b#c?d#e":  ours + "/a?b#c?d#e",
		"/?":          ours + "/?",
		"/#":          ours + "/#",
		"/a//b":       ours + "/a//b",
		"/a?next=//b": ours + "/a?next=//b",
		"/a#//b":      ours + "/a#//b",
		// an escaped slash is no slash to a browser: it is sent back as it came
		"/%2F%2Fevil.example":      ours + "/%2F%2Fevil.example",
		"/%5Cevil.example":         ours + "/%5Cevil.example",
		"/a:b@c;d=e,f&g|[h]'(i)*!": ours + "/a:b@c;d=e,f&g|[h]'(i)*!",
		// escapes: those of the person stay, others are added as browsers do
		"/%41%7e":                         ours + "/%41%7e",
		"/a b?c d#e f":                    ours + "/a%20b?c%20d#e%20f",
		"/trailing blank  ":               ours + "/trailing%20blank",
		"/ü?q=ü#ü":                        ours + "/%C3%BC?q=%C3%BC#%C3%BC",
		"/\u202e":                         ours + "/%E2%80%AE",
		"/\"<>^`{}?\"<>'^`{}#\"<>`'^{}":   ours + "/%22%3C%3E%5E%60%7B%7D?%22%3C%3E%27^`{}#%22%3C%3E%60'^{}",
		"/100%?sale=50%&x=%4#%zz":         ours + "/100%25?sale=50%25&x=%254#%25zz",
		"/a?u=https%3A%2F%2Fx.example%2F": ours + "/a?u=https%3A%2F%2Fx.example%2F",
		// dot segments are resolved as browsers do
		"/a/./b/../c":     ours + "/a/c",
		"/a/..":           ours + "/",
		"/a/b/.":          ours + "/a/b/",
		"/../../a":        ours + "/a",
		"/a/%2e%2E/b":     ours + "/b",
		"/a/.%2e/%2e./b":  ours + "/b",
		"/.../.a/%2e%2ea": ours + "/.../.a/%2e%2ea",
		"/a?../..":        ours + "/a?../..",
		// absolute addresses
		ours:                           ours,
		ours + "/":                     ours + "/",
		ours + "?x=1":                  ours + "?x=1",
		ours + "#x":                    ours + "#x",
		ours + "/dash?x=1":             ours + "/dash?x=1",
		ours + ":443/x":                ours + "/x",
		"HTTPS://App.Example.COM/X":    ours + "/X",
		shop + "/cart":                 shop + "/cart",
		"http://localhost:3000/x":      local + "/x",
		"HTTP://LOCALHOST:3000":        local,
		"http://[::1]:8080/x?y":        ipv6 + "/x?y",
		ours + "/a/../b":               ours + "/b",
		ours + "/x?to=https://e.test/": ours + "/x?to=https://e.test/",
	} {
		got, ok := p.Resolve(raw)
		if !ok || got != want {
			t.Errorf("Resolve(%q) = %q, %t, want %q", raw, got, ok, want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	p := policy(t)
	for name, list := range map[string][]string{
		"RED-1 another host in a path": {
			"//evil.example", "//evil.example/x", "//", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
			"/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\x00/evil.example", "/a\x7f", "\t//evil.example", "/a\\b", "/?\\", "/#\\",
		},
		"RED-1 another host once dot segments are resolved": {
			"/.//evil.example", "/..//evil.example", "/a/..//evil.example", "/%2e//evil.example", "/%2E%2e//evil.example", "/././/evil.example",
			"/a/../b/..//evil.example", ours + "/.//evil.example", "//../a/..//evil.example",
		},
		"RED-1 two slashes after the origin": {ours + "//evil.example", shop + "///x", ours + "/\\evil.example"},
		"RED-1 relative": {
			"", " ", "a", "a/b", "?x=1", "#x", ".", "..", "./a", "../a", " /lead", "\t/tab", "\u00a0/a", "\ufeff/a", "*", "@", ":", "/\xff", "\xff",
		},
		"RED-1 other schemes": {
			"javascript:alert(1)", "JavaScript://app.example.com/%0aalert(1)", "data:text/html,x", "blob:" + ours + "/x", "mailto:a@b.c",
			"ftp://app.example.com/", "file:///etc/passwd", "ws://app.example.com", "view-source:" + ours, "httpss://app.example.com", "://app.example.com",
		},
		"RED-1 other origins": {
			"http://app.example.com", "https://app.example.com:8443", "https://evil.example", "https://app.example.com.evil.example",
			"https://evilapp.example.com", "https://example.com", "https://app.example.com.", "https://sub.app.example.com",
			"http://localhost", "http://localhost:30000", "http://localhost:3000.evil.example/", "http://127.0.0.1:3000/x", "https://localhost:3000",
			"http://[::1]", "http://[0:0:0:0:0:0:0:1]:8080", "http://shop.example.com", "https://shop.example.com:80",
		},
		"RED-2 user names": {
			"https://user@app.example.com", "https://user:pw@app.example.com/x", "https://@app.example.com", "https://app.example.com@evil.example",
			"https://app.example.com:443@evil.example", "https://evil.example@app.example.com", "https://evil.example%2f@app.example.com",
		},
		"RED-2 forms that only browsers read": {
			"https:app.example.com", "https:/app.example.com", "https:///app.example.com", "https:\\\\app.example.com", "http:localhost:3000/x",
			"https://app.example.com\\@evil.example", "https://app.example.com\t.evil.example", "https://app%2eexample.com", "https://app.example.com:",
			"https://app.example.com:0443", "https:// app.example.com", "https://app.example.com /", "ht\ntps://app.example.com", "https://ａpp.example.com",
			"https://app。example.com", "https://app.example.com\u200b", "http://localho\u017ft:3000", "https\u003a//\u212a.example",
		},
		"RED-4 too long": {"/" + strings.Repeat("a", 4096), "/" + strings.Repeat("ü", 1000), ours + "/" + strings.Repeat("a", 4096)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, raw := range list {
				if got, ok := p.Resolve(raw); ok || got != "" {
					t.Errorf("Resolve(%.80q) = %q, %t, want a refusal", raw, got, ok)
				}
			}
		})
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct{ entry, as string }{
		{"https://shop.example.com", "https://shop.example.com/x"},
		{"https://shop.example.com/", "https://shop.example.com/x"},
		{"HTTPS://Shop.Example.com:443", "https://shop.example.com/x"},
		{"http://shop.example.com:80", "http://shop.example.com/x"},
		{"http://10.0.0.7:8080", "http://10.0.0.7:8080/x"},
		{"http://[::1]", "http://[::1]/x"},
		{"https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example/x"},
	} {
		p, err := returnto.New(ours, []string{c.entry})
		if err != nil {
			t.Errorf("%q: %v", c.entry, err)
			continue
		}
		if got, ok := p.Resolve(c.as); !ok || got != c.as {
			t.Errorf("with %q listed, Resolve(%q) = %q, %t", c.entry, c.as, got, ok)
		}
	}
	p := policy(t)
	if p.Origin() != ours || p.Default() != ours {
		t.Errorf("origin %q, default %q, want %q", p.Origin(), p.Default(), ours)
	}
}

func TestNewNamesTheMend(t *testing.T) {
	for _, c := range []struct{ id, entry, mend string }{
		{"CSR-8", "https://*.example.com", "wildcards"},
		{"CSR-8", "*", "wildcards"},
		{"CSR-8", "https://shop.example.com/*", "wildcards"},
		{"CSR-8", "shop.example.com", "not an origin such as"},
		{"", "//shop.example.com", "not an origin such as"},
		{"", "ftp://shop.example.com", "not an origin such as"},
		{"", "https://", "not an origin such as"},
		{"", "https://shop.example.com:", "not an origin such as"},
		{"", "https://shop.example.com:x", "not an origin such as"},
		{"", "", "not an origin such as"},
		{"CSR-7", "null", "not an origin such as"},
		{"", "https://shop.example.com/path", "leave the rest out"},
		{"", "https://shop.example.com?x", "leave the rest out"},
		{"", "https://shop.example.com?", "leave the rest out"},
		{"", "https://shop.example.com#", "leave the rest out"},
		{"", "https://user:canary@shop.example.com", "user name"},
		{"", "https://münchen.example", "punycode"},
		{"", "https://shop..example.com", "empty part"},
		{"", "https://.shop", "empty part"},
		{"", "https://.", "empty part"},
		{"", "https://sh,op.example", "character ','"},
		{"", "https://shop.example.com:0", "between 1 and 65535"},
		{"", "https://shop.example.com:0443", "between 1 and 65535"},
		{"", "https://shop.example.com:65536", "between 1 and 65535"},
		{"", "http://127.1", "four decimal numbers"},
		{"", "http://0x7f.0.0.1", "four decimal numbers"},
		{"", "http://127.0.0.0x1", "four decimal numbers"},
		{"", "http://[0:0::1]", "shortest form"},
		{"", "http://[::ffff:127.0.0.1]", "shortest form"},
		{"", "http://[fe80::1%25eth0]", "without a zone"},
	} {
		t.Run(c.id+" "+c.entry, func(t *testing.T) {
			p, err := returnto.New(ours, []string{shop, c.entry})
			if err == nil || p != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.mend) || strings.Contains(err.Error(), "canary") {
				t.Errorf("the error is %q, want one with %q and no password", err, c.mend)
			}
		})
	}
	_, err := returnto.New(ours, []string{"*", shop, "shop"})
	if err == nil || !strings.Contains(err.Error(), `"*"`) || !strings.Contains(err.Error(), `"shop"`) {
		t.Errorf("not every faulty entry is named: %v", err)
	}
}

// FuzzResolve holds what comes out against a model of the browser's parser.
func FuzzResolve(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.URL)
	}
	for _, seed := range []string{
		"/.//evil.example", "/a/%2e%2e//x", "/%", "HTTPS://APP.EXAMPLE.COM:443/../x?y z#\"", shop + "/ü", "http://[::1]:8080//", "/a?b#c ",
	} {
		f.Add(seed)
	}
	p := policy(f)
	elsewhere := place{"https://evil.example", "/"}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := p.Resolve(raw)
		if !ok {
			if got != "" {
				t.Errorf("%q is refused, yet returned as %q", raw, got)
			}
			return
		}
		if again, ok := p.Resolve(got); !ok || again != got {
			t.Errorf("%q becomes %q, which becomes %q, %t", raw, got, again, ok)
		}
		for _, c := range []byte(got) {
			if c <= ' ' || c > 0x7e || strings.IndexByte(`\"<>`, c) >= 0 {
				t.Fatalf("%q becomes %q, with byte %q in it", raw, got, c)
			}
		}
		there, ok := goTo(elsewhere, got)
		if !ok || there.origin != ours && !strings.Contains(" "+listed+" ", " "+there.origin+" ") {
			t.Errorf("%q becomes %q, and a browser goes to %+v", raw, got, there)
		}
		// what front ends do: take path and query of the address, and push them
		rest := got[len(there.origin):]
		for _, pushed := range []string{rest, there.path} {
			if at, ok := goTo(place{ours, "/"}, pushed); pushed != "" && (!ok || at.origin != ours) {
				t.Errorf("%q becomes %q, and %q of it leads to %+v", raw, got, pushed, at)
			}
		}
		// and it is what was asked for
		if want, ok := goTo(place{ours, "/"}, raw); !ok || want.origin != there.origin || sameText(want.path) != sameText(there.path) {
			t.Errorf("%q becomes %q, and a browser would have gone to %+v", raw, got, want)
		}
		if u, err := url.Parse(got); err != nil || u.Scheme+"://"+u.Host != there.origin || u.User != nil {
			t.Errorf("%q becomes %q, which Go reads as %v (%v)", raw, got, u, err)
		}
	})
}

// sameText undoes escapes, to compare paths by meaning.
func sameText(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if i+2 < len(path) && path[i] == '%' {
			if text, err := url.PathUnescape(path[i : i+3]); err == nil {
				b.WriteString(text)
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

func BenchmarkResolve(b *testing.B) {
	p := policy(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Resolve(ours + "/dashboard?tab=2")
	}
}

func TestNewTakesHostsThatBeginWithADigit(t *testing.T) {
	for _, host := range []string{"https://app.3scale", "http://0c2d41ab77f0:3000", "https://1.2.3.4"} {
		if _, err := returnto.New(ours, []string{host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}
