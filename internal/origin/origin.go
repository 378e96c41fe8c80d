// Package origin reads the one external address of a service and writes its
// origin as browsers do (RFC 6454, section 6.2), so that the two can be compared
// byte for byte.
package origin

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Origin is scheme, host and port. The zero value is no origin.
type Origin struct {
	scheme, host, port string // lower case; port is empty for the scheme's own
}

// Parse reads an http or https address and returns its origin and path. It
// refuses what has no place in such an address: user names, query, fragment, and
// every host that a browser would write in another way, since then no Origin
// header would ever equal ours. The error says how to mend the address, and
// never quotes one that may hold a password.
func Parse(raw string) (o Origin, path string, err error) {
	if strings.Contains(raw, "@") {
		return Origin{}, "", errors.New("the address holds a user name or a password; leave them out")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return Origin{}, "", fmt.Errorf("%q is not an address", raw)
	}
	o.scheme = u.Scheme // in lower case already
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return Origin{}, "", fmt.Errorf(`%q must begin with https:// or http://`, raw)
	case strings.ContainsAny(raw, "?#"):
		return Origin{}, "", fmt.Errorf("%q has a query or a fragment; leave it out", raw)
	}
	var faults [2]error
	o.host, faults[0] = plainHost(u.Hostname())
	o.port, faults[1] = plainPort(u.Scheme, u.Port())
	if err := errors.Join(faults[:]...); err != nil {
		return Origin{}, "", fmt.Errorf("%q: %w", raw, err)
	}
	return o, u.Path, nil
}

// plainHost returns the host as browsers write it.
func plainHost(host string) (string, error) {
	host = strings.ToLower(host)
	switch {
	case host == "":
		return "", errors.New("the host is missing")
	case strings.Contains(host, ":"):
		return plainIPv6(host)
	}
	for _, c := range host {
		switch {
		case c > 0x7e:
			return "", errors.New("write the host in ASCII (punycode, xn--…)")
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return "", fmt.Errorf("the host has the character %q", c)
		}
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || len(host) > 254 {
			return "", errors.New("the host has an empty or an overlong part")
		}
	}
	if endsInNumber(labels[len(labels)-1]) {
		return plainIPv4(host)
	}
	return host, nil
}

// endsInNumber reports whether browsers take a host with this last label for an
// IPv4 address: decimal digits, or 0x and hexadecimal ones (WHATWG URL, section
// 3.5, "ends in a number").
func endsInNumber(label string) bool {
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// plainIPv4 refuses the other spellings of numeric hosts, which browsers turn
// into four decimal numbers (WHATWG URL, section 3.5): 127.1, 0x7f000001.
func plainIPv4(host string) (string, error) {
	if _, err := netip.ParseAddr(host); err != nil {
		return "", errors.New("the host ends in a number but is no IPv4 address; write four decimal numbers")
	}
	return host, nil
}

func plainIPv6(host string) (string, error) {
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return "", errors.New("the host is no IPv6 address")
	case addr.Zone() != "":
		return "", errors.New("an address with a zone has no origin; write it without")
	case addr.Is4In6():
		return "", fmt.Errorf("write the host as IPv4 address, %s", addr.Unmap())
	}
	return addr.String(), nil // the shortest form, which is that of browsers
}

// plainPort drops the scheme's own port, as browsers do.
func plainPort(scheme, port string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil, n == 0:
		return "", fmt.Errorf("port %s is not between 1 and 65535", port)
	case scheme == "https" && n == 443, scheme == "http" && n == 80:
		return "", nil
	}
	return strconv.FormatUint(n, 10), nil
}

// String returns the origin as browsers send it in the Origin header.
func (o Origin) String() string {
	host := o.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.port != "" {
		host += ":" + o.port
	}
	return o.scheme + "://" + host
}

// Secure reports whether the scheme is https.
func (o Origin) Secure() bool { return o.scheme == "https" }

// Loopback reports whether the host is this machine: localhost, a name below it
// (RFC 6761, section 6.3), or a loopback address.
func (o Origin) Loopback() bool {
	name := strings.TrimSuffix(o.host, ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(o.host)
	return err == nil && addr.IsLoopback()
}
