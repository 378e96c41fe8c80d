package clientip_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/clientip"
)

func resolver(t testing.TB) *clientip.Resolver {
	t.Helper()
	trusted, err := clientip.ParseTrusted([]string{"10.0.0.0/8", "2001:db8:ffff::/48", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	return clientip.New(trusted)
}

func request(peer string, forwarded ...string) *http.Request {
	return &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": forwarded}}
}

const (
	proxy   = "10.0.0.1:40000"
	browser = "203.0.113.7"
)

func TestFrom(t *testing.T) {
	p := resolver(t)
	for _, c := range []struct {
		name      string
		peer      string
		forwarded []string
		want      string // "" is the zero Addr
	}{
		{"FWD-2 a direct peer", browser + ":40000", nil, browser},
		{"FWD-2 a direct peer that claims to be a proxy", browser + ":40000", []string{"198.51.100.1"}, browser},
		{"FWD-2 a direct peer that claims to be loopback", browser + ":40000", []string{"127.0.0.1, ::1"}, browser},
		{"FWD-2 loopback is not trusted unless listed", "127.0.0.1:40000", []string{browser}, "127.0.0.1"},
		{"FWD-3 one proxy", proxy, []string{browser}, browser},
		{"FWD-3 a proxy that says nothing", proxy, nil, "10.0.0.1"},
		{"FWD-3 a chain of proxies", proxy, []string{browser + ", 10.0.0.3, 10.0.0.2"}, browser},
		{"FWD-3 what the browser itself sent is left of it", proxy, []string{"198.51.100.1, " + browser + ", 10.0.0.2"}, browser},
		{"FWD-3 lines are joined in order", proxy, []string{"198.51.100.1", browser, "10.0.0.2"}, browser},
		{"FWD-3 a line that holds a list", proxy, []string{"198.51.100.1, " + browser, "10.0.0.3,10.0.0.2"}, browser},
		{"FWD-3 proxies all the way", proxy, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"FWD-3 garbage at the right", proxy, []string{browser + ", unknown"}, "10.0.0.1"},
		{"FWD-3 garbage behind a trusted hop", proxy, []string{browser + ", garbage, 10.0.0.2"}, "10.0.0.2"},
		{"FWD-3 garbage left of the browser does not matter", proxy, []string{"<script>, " + browser}, browser},
		{"FWD-3 an empty line", proxy, []string{""}, "10.0.0.1"},
		{"FWD-3 an empty entry", proxy, []string{browser + ", , 10.0.0.2"}, "10.0.0.2"},
		{"FWD-3 an empty line between", proxy, []string{browser, "", "10.0.0.2"}, "10.0.0.2"},
		{"FWD-3 a comma at the end", proxy, []string{browser + ","}, "10.0.0.1"},
		{"FWD-3 an obfuscated identifier", proxy, []string{"_hidden"}, "10.0.0.1"},
		{"FWD-3 a quoted address", proxy, []string{`"` + browser + `"`}, "10.0.0.1"},
		{"FWD-3 a network", proxy, []string{browser + "/32"}, "10.0.0.1"},
		{"FWD-3 leading zeros", proxy, []string{"203.0.113.007"}, "10.0.0.1"},
		{"FWD-3 a host name", proxy, []string{"browser.example"}, "10.0.0.1"},
		{"FWD-3 another blank of Unicode", proxy, []string{"\u00a0" + browser}, "10.0.0.1"},
		{"a port", proxy, []string{browser + ":567"}, browser},
		{"a port of IPv6", proxy, []string{"[2001:db8::1]:8"}, "2001:db8::1"},
		{"a port that is none", proxy, []string{browser + ":99999"}, "10.0.0.1"},
		{"IPv6 in brackets", proxy, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv4 in brackets", proxy, []string{"[" + browser + "]"}, "10.0.0.1"},
		{"half a pair of brackets", proxy, []string{"[2001:db8::1"}, "10.0.0.1"},
		{"the other half", proxy, []string{"2001:db8::1]"}, "10.0.0.1"},
		{"blanks and tabs around", proxy, []string{" \t" + browser + "\t , \t10.0.0.2 "}, browser},
		{"FWD-4 IPv4 in IPv6", proxy, []string{"::ffff:" + browser}, browser},
		{"FWD-4 a proxy that is IPv4 in IPv6", "[::ffff:10.0.0.1]:40000", []string{browser}, browser},
		{"FWD-4 a trusted hop that is IPv4 in IPv6", proxy, []string{browser + ", ::ffff:10.9.9.9"}, browser},
		{"FWD-4 other spellings of IPv6", proxy, []string{"2001:DB8:0::0:1"}, "2001:db8::1"},
		{"FWD-4 a zone", "[fe80::1%eth0]:40000", nil, "fe80::1"},
		{"FWD-4 a zone from a proxy", proxy, []string{"fe80::1%<x>"}, "fe80::1"},
		{"FWD-4 a zone does not hide a proxy", "[2001:db8:ffff::1%eth0]:1", []string{browser}, browser},
		{"a proxy that is IPv6", "[2001:db8:ffff::9]:40000", []string{"2001:db8::5, 2001:db8:ffff::8"}, "2001:db8::5"},
		{"a peer without a port", browser, nil, browser},
		{"a peer that has no address", "@", []string{browser}, ""},
		{"no peer", "", []string{browser}, ""},
		{"64 hops are walked", proxy, []string{browser + strings.Repeat(", 10.0.0.2", 63)}, browser},
		{"a 65th is not", proxy, []string{browser + strings.Repeat(", 10.0.0.2", 64)}, "10.0.0.2"},
		{"nor are 100 000", proxy, []string{strings.Repeat("10.0.0.2,", 100_000) + "10.0.0.3"}, "10.0.0.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want netip.Addr
			if c.want != "" {
				want = netip.MustParseAddr(c.want)
			}
			if got := p.From(request(c.peer, c.forwarded...)); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestZeroResolverTrustsNobody(t *testing.T) {
	for _, p := range []*clientip.Resolver{{}, clientip.New(nil)} {
		if got := p.From(request(proxy, browser)); got != netip.MustParseAddr("10.0.0.1") {
			t.Errorf("FWD-2 got %v, want the peer", got)
		}
	}
}

func TestNewTakesMappedNetworks(t *testing.T) {
	p := clientip.New([]netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")})
	if got := p.From(request(proxy, browser)); got != netip.MustParseAddr(browser) {
		t.Errorf("FWD-4 got %v, want %s", got, browser)
	}
}

func TestNetwork(t *testing.T) {
	for a, want := range map[string]string{
		browser:                      browser + "/32",
		"::ffff:" + browser:          browser + "/32",
		"2001:db8:1:2:3:4:5:6":       "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff::":   "2001:db8:1:2::/64",
		"2001:db8:1:3::":             "2001:db8:1:3::/64",
		"fe80::1%eth0":               "fe80::/64",
		"::1":                        "::/64",
		"::":                         "::/64",
		"64:ff9b::203.0.113.7":       "64:ff9b::/64",
		"ffff:ffff:ffff:ffff:1::255": "ffff:ffff:ffff:ffff::/64",
	} {
		if got := clientip.Network(netip.MustParseAddr(a)); got != netip.MustParsePrefix(want) {
			t.Errorf("FWD-4 Network(%s) = %s, want %s", a, got, want)
		}
	}
	if got := clientip.Network(netip.Addr{}); got.IsValid() {
		t.Errorf("no address is in network %s", got)
	}
}

func TestParseTrusted(t *testing.T) {
	got, err := clientip.ParseTrusted([]string{"10.0.0.0/8", "192.0.2.7", "::1", "2001:db8::/32", "::ffff:192.0.2.8", "::ffff:10.0.0.0/104"})
	want := []string{"10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/32", "192.0.2.8/32", "10.0.0.0/8"}
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	for i := range got {
		if got[i].String() != want[i] {
			t.Errorf("entry %d is %s, want %s", i, got[i], want[i])
		}
	}
	if got, err := clientip.ParseTrusted(nil); len(got) != 0 || err != nil {
		t.Errorf("nothing gives %v, %v", got, err)
	}
}

func TestParseTrustedNamesTheMend(t *testing.T) {
	for entry, mend := range map[string]string{
		"":                "neither an address nor a network",
		"proxy.example":   "neither an address nor a network",
		"10.0.0.0/33":     "neither an address nor a network",
		"10.0.0.0/":       "neither an address nor a network",
		"10.0.0.0/-1":     "neither an address nor a network",
		"10.*":            "neither an address nor a network",
		"10.0.0.1:80":     "neither an address nor a network",
		"*":               "neither an address nor a network",
		"10.0.0.1/8":      "did you mean 10.0.0.0/8?",
		"2001:db8::1/32":  "did you mean 2001:db8::/32?",
		"fe80::1%eth0":    "leave the zone out",
		"fe80::%eth0/64":  "leave the zone out",
		" 10.0.0.0/8":     "neither an address nor a network",
		"010.0.0.0/8":     "neither an address nor a network",
		"10.0.0.0/8,::/0": "neither an address nor a network",
	} {
		got, err := clientip.ParseTrusted([]string{"::1", entry})
		if err == nil || got != nil || !strings.Contains(err.Error(), mend) {
			t.Errorf("%q gives %v, %v, want an error with %q", entry, got, err, mend)
		}
	}
	_, err := clientip.ParseTrusted([]string{"a", "::1", "b"})
	if err == nil || !strings.Contains(err.Error(), `"a"`) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("not every faulty entry is named: %v", err)
	}
}

// FuzzFrom holds the walk against the plain way to do it: join, split, walk.
func FuzzFrom(f *testing.F) {
	f.Add(proxy, browser+", 10.0.0.2", "")
	f.Add("[::1]:1", "[2001:db8::1]:8,", "::ffff:10.1.1.1")
	f.Add(browser+":1", "10.0.0.1", "x")
	f.Add(proxy, "fe80::1%a,b", "\t,")
	p := resolver(f)
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc([]string{"10.0.0.0/8", "2001:db8:ffff::/48", "::1/128"}, func(s string) bool {
			return netip.MustParsePrefix(s).Contains(a)
		})
	}
	f.Fuzz(func(t *testing.T, peer, first, second string) {
		r := request(peer, first, second)
		got := p.From(r)
		if got.Zone() != "" || got.Is4In6() {
			t.Errorf("FWD-4 %v is not canonical", got)
		}
		direct := p.From(request(peer))
		if !trusted(direct) {
			if got != direct {
				t.Errorf("FWD-2 %q is no proxy, yet %q is believed and gives %v", peer, r.Header, got)
			}
			return
		}
		want := direct
		entries := strings.Split(first+","+second, ",")
		for i, entry := range slices.Backward(entries) {
			hop := p.From(request(strings.Trim(entry, " \t")))
			if !hop.IsValid() || i < len(entries)-64 || !trusted(want) {
				break
			}
			want = hop
		}
		if got != want {
			t.Errorf("FWD-3 %q from %q: got %v, want %v", r.Header, peer, got, want)
		}
		if network := clientip.Network(got); !network.Contains(got) {
			t.Errorf("FWD-4 %v is not in its network %v", got, network)
		}
	})
}

func BenchmarkFrom(b *testing.B) {
	p, r := resolver(b), request(proxy, browser+", 10.0.0.3, 10.0.0.2")
	b.ReportAllocs()
	for b.Loop() {
		p.From(r)
	}
}
