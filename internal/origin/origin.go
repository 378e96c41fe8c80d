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
// refuses what has no place in such an address: user names, query, fragment,
// letters outside of ASCII in the host.
func Parse(raw string) (o Origin, path string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Origin{}, "", fmt.Errorf("%q is not an address", raw)
	}
	o = Origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname()), port: u.Port()}
	switch {
	case o.scheme != "http" && o.scheme != "https":
		return Origin{}, "", fmt.Errorf(`%q must begin with https:// or http://`, raw)
	case u.User != nil:
		return Origin{}, "", errors.New("the address holds a user name or a password; leave them out")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return Origin{}, "", fmt.Errorf("%q has a query or a fragment; leave it out", raw)
	}
	if err := checkHost(o.host); err != nil {
		return Origin{}, "", fmt.Errorf("%q: %w", raw, err)
	}
	if o.port, err = plainPort(o.scheme, o.port); err != nil {
		return Origin{}, "", fmt.Errorf("%q: %w", raw, err)
	}
	return o, u.Path, nil
}

func checkHost(host string) error {
	if host == "" {
		return errors.New("the host is missing")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return errors.New("an address with a zone has no origin")
		}
		return nil
	}
	for _, c := range host {
		switch {
		case c > 0x7e:
			return errors.New("write the host in ASCII (punycode, xn--…)")
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return fmt.Errorf("the host has the character %q", c)
		}
	}
	return nil
}

// plainPort drops the scheme's own port, as browsers do.
func plainPort(scheme, port string) (string, error) {
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("port %q is not between 1 and 65535", port)
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

// Loopback reports whether the host is this machine: localhost, a name below it,
// or a loopback address.
func (o Origin) Loopback() bool {
	if o.host == "localhost" || strings.HasSuffix(o.host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(o.host)
	return err == nil && addr.IsLoopback()
}
