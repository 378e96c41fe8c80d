package returnto

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// New returns the policy of an origin, given as browsers serialise it. The
// allowed ones are exact origins with their scheme; there are no wildcards
// (CSR-8). Every faulty entry is named in the error, with the mend.
func New(origin string, allowed []string) (*Policy, error) {
	p := &Policy{allowed: map[string]string{}}
	own, err := p.allow(origin)
	p.origin = own
	faults := []error{err}
	for _, entry := range allowed {
		_, err := p.allow(entry)
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return p, nil
}

// allow adds one origin, in its two spellings: without and with a default port.
func (p *Policy) allow(entry string) (origin string, err error) {
	if strings.Contains(entry, "@") { // perhaps a password: not to be quoted
		return "", errors.New("an origin holds a user name; leave it out")
	}
	u, err := url.Parse(entry)
	switch {
	case strings.Contains(entry, "*"):
		return "", fmt.Errorf("%q: wildcards are not possible; list each origin", entry)
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Host != strings.TrimSuffix(u.Host, ":"):
		return "", fmt.Errorf(`%q is not an origin such as "https://shop.example.com"`, entry)
	case strings.ContainsAny(entry, "?#") || strings.Trim(u.Path, "/") != "":
		return "", fmt.Errorf("%q has more than scheme, host and port; leave the rest out", entry)
	}
	host := lower(u.Hostname())
	if err := checkHost(host); err != nil {
		return "", fmt.Errorf("%q: %w", entry, err)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	bare := u.Scheme + "://" + host
	standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	switch port := u.Port(); {
	case port == "" || port == standard:
		p.allowed[bare], p.allowed[bare+":"+standard] = bare, bare
		return bare, nil
	case port[0] == '0' || len(port) > 5 || len(port) == 5 && port > "65535":
		return "", fmt.Errorf("%q: the port is not between 1 and 65535", entry)
	default:
		bare += ":" + port
		p.allowed[bare] = bare
		return bare, nil
	}
}

// checkHost accepts what browsers leave as it is, so that the origin that is
// listed is the origin that is met.
func checkHost(host string) error {
	addr, err := netip.ParseAddr(host)
	if strings.Contains(host, ":") {
		if err != nil || addr.String() != host || addr.Zone() != "" || addr.Is4In6() {
			return errors.New("write the IPv6 address in its shortest form, without a zone")
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
	name := strings.TrimSuffix(host, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "" || strings.HasPrefix(host, ".") || strings.Contains(host, ".."):
		return errors.New("the host has an empty part")
	case endsInNumber(last) && err != nil:
		return errors.New("the host ends in a number but is no IPv4 address; write four decimal numbers")
	}
	return nil
}

// endsInNumber reports whether browsers take a host with this last label for an
// IPv4 address (WHATWG URL, section 3.5).
func endsInNumber(label string) bool {
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
