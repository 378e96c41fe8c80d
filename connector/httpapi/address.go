package httpapi

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// errForbidden marks an address that may not be connected to.
var errForbidden = errors.New("the address may not be connected to")

// never are networks that no user system lives in, some of which hand out the
// credentials of the machine to whoever asks.
var never = []struct {
	network netip.Prefix
	what    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "it is unspecified"},
	{netip.MustParsePrefix("::/128"), "it is unspecified"},
	{netip.MustParsePrefix("169.254.0.0/16"), "it is link-local, where metadata services are"},
	{netip.MustParsePrefix("fe80::/10"), "it is link-local"},
	{netip.MustParsePrefix("fd00:ec2::/32"), "a metadata service is there"},
	{netip.MustParsePrefix("fd20:ce::254/128"), "a metadata service is there"},
	{netip.MustParsePrefix("100.100.100.200/32"), "a metadata service is there"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a metadata service is there"},
	{netip.MustParsePrefix("192.0.0.192/32"), "a metadata service is there"},
	{netip.MustParsePrefix("224.0.0.0/4"), "it is multicast"},
	{netip.MustParsePrefix("ff00::/8"), "it is multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "it is no address of a machine"},
	{netip.MustParsePrefix("2001::/32"), "it is a tunnel to another address"},
}

// policy decides which addresses may be connected to.
type policy struct{ allowed []netip.Prefix }

// check is asked with the address that is about to be connected to, after all
// name resolution, at every connection: a name that was harmless a moment ago
// may lead elsewhere now (HTC-2).
func (p policy) check(host string, addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	for _, a := range []netip.Addr{addr, embedded(addr)} {
		if !a.IsValid() {
			continue
		}
		if why := refusedAlways(a); why != "" {
			return fmt.Errorf("%w: %s: %s", errForbidden, addr, why)
		}
		if a.IsLoopback() && !isLocal(host) && !p.listsLoopback(a) {
			return fmt.Errorf("%w: %s: it is this machine, which must be listed in the allowed networks", errForbidden, addr)
		}
	}
	if isLocal(host) {
		if addr.IsLoopback() {
			return nil
		}
		return fmt.Errorf("%w: %s: %s must be this machine", errForbidden, addr, host)
	}
	if len(p.allowed) > 0 && !listed(p.allowed, addr) {
		return fmt.Errorf("%w: %s: it is in none of the allowed networks", errForbidden, addr)
	}
	return nil
}

func refusedAlways(addr netip.Addr) string {
	for _, n := range never {
		if n.network.Contains(addr) {
			return n.what
		}
	}
	return ""
}

func listed(networks []netip.Prefix, addr netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}

// listsLoopback wants a network of loopback addresses only: "everything" is
// not a decision to let this machine be called.
func (p policy) listsLoopback(addr netip.Addr) bool {
	for _, n := range p.allowed {
		if n.Contains(addr) && isLoopback(n) {
			return true
		}
	}
	return false
}

func isLoopback(n netip.Prefix) bool {
	return n.Addr().IsLoopback() && n.Bits() >= 8 && (n.Addr().Is4() || n.Bits() == 128)
}

// embedded returns the IPv4 address that an IPv6 address of a translation
// network leads to, or the zero Addr.
func embedded(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return netip.Addr{}
	}
	b := addr.As16()
	switch {
	case b[0] == 0x20 && b[1] == 0x02: // 6to4, RFC 3056
		return netip.AddrFrom4([4]byte(b[2:6]))
	case b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b: // NAT64, RFC 6052 and 8215
		return netip.AddrFrom4([4]byte(b[12:16]))
	case [12]byte(b[:12]) == [12]byte{} && !addr.IsLoopback(): // IPv4-compatible, RFC 4291
		return netip.AddrFrom4([4]byte(b[12:16]))
	}
	return netip.Addr{}
}

// isLocal reports whether a configured host is this machine by its very name
// (RFC 6761, section 6.3).
func isLocal(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// newPolicy checks the allow-list.
func newPolicy(networks []netip.Prefix) (policy, error) {
	var p policy
	var faults []error
	for _, n := range networks {
		if !n.IsValid() {
			faults = append(faults, errors.New("allowed networks: one of them is not a network"))
			continue
		}
		if n.Addr().Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
		}
		n = n.Masked()
		for _, bad := range never {
			if bad.network.Bits() <= n.Bits() && bad.network.Contains(n.Addr()) {
				faults = append(faults, fmt.Errorf("allowed networks: %s can't be allowed: %s", n, bad.what))
			}
		}
		p.allowed = append(p.allowed, n)
	}
	return p, errors.Join(faults...)
}

// hostOf returns the host of "host:port", which is what dialers are given.
func hostOf(hostport string) string {
	host, _, _ := net.SplitHostPort(hostport)
	return host
}
