// Package returnto decides where a person may be sent after signing in or out:
// the rule of callback URLs (contract, section 7; RED-1, RED-2).
package returnto

import (
	"fmt"
	"net/url"
	"strings"
)

// Policy knows our origin and those that are allowed beside it. It is safe for
// concurrent use.
type Policy struct {
	origin  string
	allowed map[string]bool // normalised origins
}

const maxLength = 4096 // bytes

// New returns the policy of an origin, as browsers serialise it. The allowed ones
// are exact origins with their scheme; a fault names the entry and the mend.
func New(origin string, allowed []string) (*Policy, error) {
	p := &Policy{origin: origin, allowed: map[string]bool{}}
	for _, entry := range append([]string{origin}, allowed...) {
		u, err := url.Parse(entry)
		switch {
		case strings.Contains(entry, "*"):
			return nil, fmt.Errorf("%q: wildcards are not possible; list each origin", entry)
		case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "":
			return nil, fmt.Errorf(`%q is not an origin such as "https://shop.example.com"`, entry)
		case u.User != nil, u.RawQuery != "", u.Fragment != "", strings.Trim(u.Path, "/") != "":
			return nil, fmt.Errorf("%q has more than scheme, host and port; leave the rest out", entry)
		case !plainHost(u.Host):
			return nil, fmt.Errorf("%q: write the host in ASCII (punycode, xn--…)", entry)
		}
		p.allowed[originOf(u)] = true
	}
	return p, nil
}

// Default returns the default page: our origin, without a slash.
func (p *Policy) Default() string { return p.origin }

// Resolve returns the absolute address for what a request asked for: a path of
// ours, or an http or https address whose origin is ours or allowed. It is put
// together anew from its parts. When ok is false, go to the default page.
//
// A path may not begin with two slashes, or a slash and a back-slash: browsers
// take both for another host as soon as somebody strips our origin off again.
// Control bytes, back-slashes and user names are refused for the same reason:
// browsers read them in ways of their own (WHATWG URL, section 4.4).
func (p *Policy) Resolve(raw string) (address string, ok bool) {
	if raw == "" || len(raw) > maxLength || !clean(raw) {
		return "", false
	}
	if raw[0] == '/' {
		if len(raw) > 1 && raw[1] == '/' {
			return "", false
		}
		return p.rebuild(p.origin, raw)
	}
	scheme, rest, found := strings.Cut(raw, "://")
	if !found || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	u, err := url.Parse(strings.ToLower(scheme) + "://" + rest[:end])
	if err != nil || u.User != nil || strings.Contains(rest[:end], "@") || !plainHost(u.Host) || !p.allowed[originOf(u)] {
		return "", false
	}
	return p.rebuild(originOf(u), rest[end:])
}

// rebuild parses what follows the origin and writes it again.
func (p *Policy) rebuild(origin, tail string) (string, bool) {
	path, fragment, hasFragment := strings.Cut(tail, "#")
	path, query, hasQuery := strings.Cut(path, "?")
	if strings.HasPrefix(path, "//") {
		return "", false
	}
	var b strings.Builder
	b.WriteString(origin)
	b.WriteString(escape(path))
	if hasQuery {
		b.WriteString("?" + escape(query))
	}
	if hasFragment {
		b.WriteString("#" + escape(fragment))
	}
	return b.String(), true
}

// originOf writes the origin of a parsed address as browsers do.
func originOf(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}

func plainHost(host string) bool {
	if host == "" || strings.HasSuffix(host, ":") {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._:[]", c) >= 0) {
			return false
		}
	}
	return true
}

func clean(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f || s[i] == '\\' {
			return false
		}
	}
	return true
}

// escape percent-encodes what has no place in an address, and leaves the escapes
// that are there.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > 0x7e || strings.IndexByte("\"<>`{}^|", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
