package clientip

import (
	"errors"
	"fmt"
	"net/netip"
)

// Network returns what an address is counted under: IPv4 alone, IPv6 with its
// whole /64, which is what one subscriber has. The zero Addr gives the zero
// Prefix.
func Network(a netip.Addr) netip.Prefix {
	a = canonical(a)
	bits := 64
	if a.Is4() {
		bits = 32
	}
	network, _ := a.Prefix(bits) // fails for the zero Addr alone
	return network
}

// ParseTrusted reads addresses and networks: "10.0.0.0/8", "192.0.2.7", "::1".
// Every faulty entry is named in the error, with the mend.
func ParseTrusted(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	var faults []error
	for _, entry := range list {
		network, err := parseNetwork(entry)
		faults = append(faults, err)
		out = append(out, network)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return out, nil
}

func parseNetwork(entry string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(entry); err == nil {
		if a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q: leave the zone out", entry)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	network, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf(`%q is neither an address nor a network such as "10.0.0.0/8"`, entry)
	}
	if masked := network.Masked(); masked != network {
		return netip.Prefix{}, fmt.Errorf("%q has bits beyond its length; did you mean %s?", entry, masked)
	}
	return unmapped(network), nil
}

// unmapped makes a network of IPv4 of one that is written as IPv4 in IPv6:
// addresses are compared in their canonical form, so it would never match.
func unmapped(network netip.Prefix) netip.Prefix {
	if a := network.Addr(); a.Is4In6() && network.Bits() >= 96 {
		return netip.PrefixFrom(a.Unmap(), network.Bits()-96)
	}
	return network
}
