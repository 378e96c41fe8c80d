package returnto

import "strings"

// What browsers percent-encode beside everything that is not visible ASCII
// (WHATWG URL, section 1.3).
const (
	encodedInPath     = "\"<>^`{}"
	encodedInQuery    = "\"<>'"
	encodedInFragment = "\"<>`"
)

// rebuild takes what follows an origin apart and writes it again. It reports
// false when the path could be taken for another host.
func rebuild(tail string) (rest string, ok bool) {
	if settled(tail) {
		return tail, true
	}
	return compose(tail)
}

func compose(tail string) (rest string, ok bool) {
	path, fragment, hasFragment := strings.Cut(tail, "#")
	path, query, hasQuery := strings.Cut(path, "?")
	resolved := withoutDots(path)
	if strings.HasPrefix(path, "//") || strings.HasPrefix(resolved, "//") {
		return "", false
	}
	var b strings.Builder
	b.Grow(len(tail) + 8)
	encode(&b, resolved, encodedInPath)
	if hasQuery {
		b.WriteByte('?')
		encode(&b, query, encodedInQuery)
	}
	if hasFragment {
		b.WriteByte('#')
		encode(&b, fragment, encodedInFragment)
	}
	return b.String(), true
}

// settled reports whether a tail is what rebuild would write anyway, as most are:
// nothing in it is encoded, resolved or refused.
func settled(tail string) bool {
	for i := range len(tail) {
		switch c := tail[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '/' || c == '-' || c == '_' || c == '?' || c == '=' || c == '&':
		default:
			return false
		}
	}
	return !strings.HasPrefix(tail, "//")
}

// encode leaves the escapes that are there, as somebody wrote them, and mends a
// percent sign that begins none.
func encode(b *strings.Builder, s, special string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c > 0x7e || strings.IndexByte(special, c) >= 0 || c == '%' && !escapeAt(s, i) {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
}

func escapeAt(s string, i int) bool { return i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// withoutDots resolves "." and ".." in a path, also those written %2e, as
// browsers do before they go anywhere (WHATWG URL, section 4.4, path state).
func withoutDots(path string) string {
	if path == "" {
		return ""
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, segment := range segments {
		dots := dotsIn(segment)
		if dots == 2 && len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
		switch {
		case dots == 0:
			kept = append(kept, segment)
		case i == len(segments)-1: // "/a/." is the folder, "/a/"
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// dotsIn returns 1 or 2 for a dot segment, 0 for any other.
func dotsIn(segment string) int {
	if len(segment) > len("%2e%2e") {
		return 0
	}
	switch strings.ReplaceAll(lower(segment), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}
