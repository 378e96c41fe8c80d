// Package clientip finds the address of the browser behind trusted proxies
// (FWD-2, FWD-3), and the network that it is counted under (FWD-4).
package clientip

import (
	"net/http"
	"net/netip"
	"strings"
)

// Resolver knows which peers are proxies. The zero value trusts none. It is safe
// for concurrent use.
type Resolver struct{ trusted []netip.Prefix }

// New returns a resolver that believes X-Forwarded-For from these networks only.
func New(trusted []netip.Prefix) *Resolver {
	p := new(Resolver)
	for _, network := range trusted {
		p.trusted = append(p.trusted, unmapped(network))
	}
	return p
}

// maxHops bounds how many addresses of X-Forwarded-For are looked at.
const maxHops = 64

// From returns the address of the browser: that of the peer, unless it is a
// trusted proxy; then the first address from the right of X-Forwarded-For that is
// not one, all lines of that header being one list. What is not an address ends
// the walk at the last trusted hop, and so does the 65th. The address is in its
// canonical form. The zero Addr means that even the peer is unknown.
func (p *Resolver) From(r *http.Request) netip.Addr {
	at := parse(r.RemoteAddr)
	if !p.trusts(at) {
		return at
	}
	lines := r.Header["X-Forwarded-For"]
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var last string
			rest, last, more = cutLast(rest)
			hop := parse(strings.Trim(last, " \t"))
			if hops++; !hop.IsValid() || hops > maxHops {
				return at
			}
			if at = hop; !p.trusts(at) {
				return at
			}
		}
	}
	return at
}

// cutLast cuts the last entry off a list with commas.
func cutLast(list string) (rest, last string, more bool) {
	comma := strings.LastIndexByte(list, ',')
	if comma < 0 {
		return "", list, false
	}
	return list[:comma], list[comma+1:], true
}

func (p *Resolver) trusts(a netip.Addr) bool {
	for _, network := range p.trusted {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// parse reads an address in one of the forms that proxies write, with or without
// a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
func parse(s string) netip.Addr {
	if with, err := netip.ParseAddrPort(s); err == nil {
		return canonical(with.Addr())
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || !strings.Contains(inner, ":") {
			return netip.Addr{}
		}
		s = inner
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return canonical(a)
}

// canonical makes IPv4 of IPv4 in IPv6, and drops a zone, so that one browser
// has one address.
func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
