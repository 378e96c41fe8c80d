// Package clientip finds the address of the browser behind trusted proxies
// (FWD-2, FWD-3), and the network that it is counted under (FWD-4).
package clientip

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Resolver knows which peers are proxies. The zero value trusts none. It is safe
// for concurrent use.
type Resolver struct{ trusted []netip.Prefix }

// New returns a resolver that believes X-Forwarded-For from these networks only.
func New(trusted []netip.Prefix) *Resolver { return &Resolver{trusted: trusted} }

// maxHops bounds how many addresses of X-Forwarded-For are looked at.
const maxHops = 64

// From returns the address of the browser: that of the peer, unless it is a
// trusted proxy; then the first address from the right of X-Forwarded-For that is
// not one. What is not an address ends the walk at the last trusted hop. The zero
// Addr means that even the peer is unknown.
func (p *Resolver) From(r *http.Request) netip.Addr {
	at := parse(r.RemoteAddr)
	if !p.trusts(at) {
		return at
	}
	lines := r.Header["X-Forwarded-For"]
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; ; {
			cut := strings.LastIndexByte(rest, ',')
			hop := parse(strings.TrimSpace(rest[cut+1:]))
			if hops++; !hop.IsValid() || hops > maxHops {
				return at
			}
			if at = hop; !p.trusts(at) {
				return at
			}
			if cut < 0 {
				break
			}
			rest = rest[:cut]
		}
	}
	return at
}

func (p *Resolver) trusts(a netip.Addr) bool {
	for _, network := range p.trusted {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// parse reads an address with or without a port, in its canonical form: IPv4 in
// IPv6 becomes IPv4, a zone is dropped.
func parse(s string) netip.Addr {
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone("")
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone("")
	}
	return netip.Addr{}
}

// Network returns what an address is counted under: IPv4 alone, IPv6 with its
// whole /64, which is what one subscriber has.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 32
	}
	network, _ := a.Prefix(bits) // the zero Addr gives the zero Prefix
	return network
}

// ParseTrusted reads addresses and networks: "10.0.0.0/8", "192.0.2.7", "::1".
func ParseTrusted(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil || a.Zone() != "" {
				return nil, fmt.Errorf(`%q is neither an address nor a network such as "10.0.0.0/8"`, s)
			}
			a = a.Unmap()
			network = netip.PrefixFrom(a, a.BitLen())
		}
		if network.Masked() != network {
			return nil, fmt.Errorf("%q has bits beyond its length; did you mean %s?", s, network.Masked())
		}
		out = append(out, network)
	}
	return out, nil
}
