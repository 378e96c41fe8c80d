package cookies

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Escape percent-encodes a value as JavaScript's encodeURIComponent does.
func Escape(s string) string {
	const hex = "0123456789ABCDEF"
	escaped := 0
	for i := range len(s) {
		if !unreserved[s[i]] {
			escaped++
		}
	}
	if escaped == 0 {
		return s
	}
	out := make([]byte, 0, len(s)+2*escaped)
	for i := range len(s) {
		if c := s[i]; unreserved[c] {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

var unreserved = func() (table [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()" {
		table[c] = true
	}
	return table
}()

// unescape undoes Escape. What decodeURIComponent would not read is left as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	decoded, err := url.PathUnescape(s)
	if err != nil || !utf8.ValidString(decoded) {
		return s
	}
	return decoded
}
