package httpapi

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

func TestPolicy(t *testing.T) {
	lan := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd12::/16")}
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	self := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::ffff:10.0.0.0/104")}
	for _, row := range []struct {
		host, addr string
		allowed    []netip.Prefix
		want       bool
	}{
		{"acme.internal", "10.1.2.3", nil, true},
		{"acme.internal", "172.16.0.1", nil, true},
		{"acme.internal", "192.168.1.1", nil, true},
		{"acme.internal", "fd12::1", nil, true},
		{"acme.example", "203.0.113.5", nil, true},
		{"acme.example", "2a00::1", nil, true},
		{"acme.internal", "127.0.0.1", nil, false},
		{"acme.internal", "127.8.8.8", nil, false},
		{"acme.internal", "::1", nil, false},
		{"acme.internal", "::ffff:127.0.0.1", nil, false},
		{"acme.internal", "::127.0.0.1", nil, false},
		{"acme.internal", "64:ff9b::7f00:1", nil, false},
		{"acme.internal", "2002:7f00:1::", nil, false},
		{"acme.internal", "0.0.0.0", nil, false},
		{"acme.internal", "0.1.2.3", nil, false},
		{"acme.internal", "::", nil, false},
		{"acme.internal", "169.254.169.254", nil, false},
		{"acme.internal", "::ffff:169.254.169.254", nil, false},
		{"acme.internal", "64:ff9b::a9fe:a9fe", nil, false},
		{"acme.internal", "64:ff9b:1::a9fe:a9fe", nil, false},
		{"acme.internal", "2002:a9fe:a9fe::", nil, false},
		{"acme.internal", "fd00:ec2::254", nil, false},
		{"acme.internal", "fd20:ce::254", nil, false},
		{"acme.internal", "100.100.100.200", nil, false},
		{"acme.internal", "168.63.129.16", nil, false},
		{"acme.internal", "192.0.0.192", nil, false},
		{"acme.internal", "fe80::1", nil, false},
		{"acme.internal", "fe80::1%eth0", nil, false},
		{"acme.internal", "224.0.0.1", nil, false},
		{"acme.internal", "ff02::1", nil, false},
		{"acme.internal", "255.255.255.255", nil, false},
		{"acme.internal", "2001:0:1::1", nil, false},

		{"localhost", "127.0.0.1", nil, true},
		{"localhost", "::1", nil, true},
		{"a.localhost", "127.0.0.1", nil, true},
		{"127.0.0.1", "127.0.0.1", nil, true},
		{"::1", "::1", nil, true},
		{"localhost", "10.1.2.3", nil, false},
		{"localhost", "169.254.169.254", nil, false},
		{"localhost", "127.0.0.1", lan, true},

		{"acme.internal", "10.1.2.3", lan, true},
		{"acme.internal", "::ffff:10.1.2.3", lan, true},
		{"acme.internal", "fd12::1", lan, true},
		{"acme.internal", "192.168.1.1", lan, false},
		{"acme.internal", "127.0.0.1", lan, false},
		{"acme.internal", "127.0.0.1", all, false},
		{"acme.internal", "::1", all, false},
		{"acme.internal", "169.254.169.254", all, false},
		{"acme.internal", "192.168.1.1", all, true},
		{"acme.internal", "127.0.0.1", self, true},
		{"acme.internal", "127.0.0.2", self, false},
		{"acme.internal", "10.1.2.3", self, true},
	} {
		p, err := newPolicy(row.allowed)
		if err != nil {
			t.Fatal(err)
		}
		err = p.check(row.host, netip.MustParseAddr(row.addr))
		if got := err == nil; got != row.want || err != nil && !errors.Is(err, errForbidden) {
			t.Errorf("HTC-2 %s at %s, allowed %v: got %v, want %v", row.host, row.addr, row.allowed, err, row.want)
		}
	}
}

// fakeDNS resolves every name to one address, which may change at any moment.
type fakeDNS struct{ addr atomic.Pointer[netip.Addr] }

func (d *fakeDNS) set(addr string) { a := netip.MustParseAddr(addr); d.addr.Store(&a) }

func (d *fakeDNS) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go d.serve(theirs)
		return ours, nil
	}}
}

// serve speaks DNS over a stream: two bytes of length, then the message.
func (d *fakeDNS) serve(conn net.Conn) {
	defer conn.Close()
	var length [2]byte
	for {
		if _, err := conn.Read(length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := conn.Read(query); err != nil {
			return
		}
		answer := d.answer(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (d *fakeDNS) answer(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the root label, type and class
	kind := binary.BigEndian.Uint16(query[end-4:])
	out := append([]byte(nil), query[:end]...)
	out[2], out[3] = 0x81, 0x80                              // an answer without error
	copy(out[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})          // one question
	addr := d.addr.Load()                                    // of the name, for a short while
	if addr.Is4() && kind == 1 || addr.Is6() && kind == 28 { // A or AAAA
		out[7] = 1                                                   // one answer
		out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0) // name, type, class, no life
		out = append(out, 0, byte(addr.BitLen()/8))
		out = append(out, addr.AsSlice()...)
	}
	return out
}

func TestRebinding(t *testing.T) {
	asked := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Connection", "close")
		_, _ = w.Write([]byte(`{"id":"1"}`))
	}))
	defer server.Close()
	u, _ := url.Parse(server.URL)
	c, err := New(Config{
		URL: "http://acme.example:" + u.Port(), InsecureHTTP: true,
		AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		t.Fatal(err)
	}
	dns := new(fakeDNS)
	c.dialer.resolver = dns.resolver()

	dns.set("127.0.0.1")
	if user, err := c.Authorize(context.Background(), form.Values{}, nil); err != nil || user.ID != "1" {
		t.Fatalf("got %v, %v", user, err)
	}
	for _, addr := range []string{"127.0.0.2", "169.254.169.254", "10.0.0.1", "::1", "0.0.0.0", "fe80::1"} {
		dns.set(addr)
		_, err := c.Authorize(context.Background(), form.Values{}, nil)
		if !errors.Is(err, ostiary.ErrUnavailable) || !errors.Is(err, errForbidden) || !strings.Contains(err.Error(), addr) {
			t.Errorf("HTC-2 the name now leads to %s: got %v", addr, err)
		}
		if err := c.Check(context.Background()); !errors.Is(err, errForbidden) {
			t.Errorf("HTC-2 Check, the name now leads to %s: got %v", addr, err)
		}
		c.signIn.breaker.count = 0
	}
	if asked.Load() != 1 {
		t.Errorf("HTC-2 the endpoint was asked %d times, want once", asked.Load())
	}
}

func TestLocalhostStaysHere(t *testing.T) {
	c, err := New(Config{URL: "http://acme.localhost:1/"})
	if err != nil {
		t.Fatal(err)
	}
	dns := new(fakeDNS)
	dns.set("10.0.0.1")
	c.dialer.resolver = dns.resolver()
	if _, err := c.Authorize(context.Background(), form.Values{}, nil); !errors.Is(err, errForbidden) {
		t.Errorf("HTC-2 plain http to a localhost that is elsewhere: got %v", err)
	}
}
