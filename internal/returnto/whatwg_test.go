package returnto_test

import "strings"

// place is where a browser would go: a small model of the WHATWG URL parser for
// the schemes http and https, written apart from the code under test. It reads
// everything that the real one reads as an address with a host, and rather more.
type place struct{ origin, path string }

// goTo resolves s as a browser on the page at base would; ok is false when it
// stays an unknown scheme or has no host.
func goTo(base place, s string) (p place, ok bool) {
	s = strings.Trim(s, c0AndSpace)
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	scheme, rest, found := schemeOf(s)
	baseScheme, _, _ := strings.Cut(base.origin, ":")
	switch {
	case found && scheme != "http" && scheme != "https":
		return place{}, false
	case found && (scheme != baseScheme || startsWithSlashes(rest)):
		return withAuthority(scheme, strings.TrimLeft(rest, `/\`))
	case !found && startsWithSlashes(rest):
		return withAuthority(baseScheme, strings.TrimLeft(rest, `/\`))
	}
	return place{base.origin, pathOf(rest)}, true // relative to base
}

const c0AndSpace = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "

func schemeOf(s string) (scheme, rest string, found bool) {
	before, after, found := strings.Cut(s, ":")
	if !found || before == "" || strings.Trim(before, letters+"0123456789+-.") != "" || !strings.Contains(letters, before[:1]) {
		return "", s, false
	}
	return strings.ToLower(before), after, true
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func startsWithSlashes(s string) bool {
	return len(s) > 1 && strings.Contains(`/\`, s[:1]) && strings.Contains(`/\`, s[1:2])
}

func withAuthority(scheme, s string) (place, bool) {
	end := strings.IndexAny(s, `/\?#`)
	if end < 0 {
		end = len(s)
	}
	authority := s[:end]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
	}
	authority = strings.ToLower(authority)
	authority = strings.TrimSuffix(authority, map[string]string{"http": ":80", "https": ":443"}[scheme])
	return place{scheme + "://" + authority, pathOf(s[end:])}, authority != ""
}

// pathOf resolves dot segments by going through them from the left.
func pathOf(s string) string {
	if end := strings.IndexAny(s, "?#"); end >= 0 {
		s = s[:end]
	}
	s = strings.ReplaceAll(s, `\`, "/")
	var out []string
	parts := strings.Split(strings.TrimPrefix(s, "/"), "/")
	for i, part := range parts {
		plain := strings.ReplaceAll(strings.ReplaceAll(part, "%2e", "."), "%2E", ".")
		if plain == ".." && len(out) > 0 {
			out = out[:len(out)-1]
		}
		if plain != "." && plain != ".." {
			out = append(out, part)
		} else if i == len(parts)-1 {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}
