package cookies

import (
	"strings"
	"unicode/utf8"
)

// appendEscaped percent-encodes a value as JavaScript's encodeURIComponent does.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	start := 0
	for i := range len(s) {
		if c := s[i]; reserved[c] {
			dst = append(append(dst, s[start:i]...), '%', hex[c>>4], hex[c&15])
			start = i + 1
		}
	}
	return append(dst, s[start:]...)
}

// reserved tells what is escaped.
var reserved = func() (table [256]bool) {
	for i := range table {
		table[i] = true
	}
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()" {
		table[c] = false
	}
	return table
}()

// unescape undoes appendEscaped. What decodeURIComponent would not read is left as it is.
func unescape(s string) string {
	at := strings.IndexByte(s, '%')
	if at < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	rest := s
	for ; at >= 0; at = strings.IndexByte(rest, '%') {
		if len(rest) < at+3 {
			return s
		}
		high, low := hexadecimal(rest[at+1]), hexadecimal(rest[at+2])
		if high > 15 || low > 15 {
			return s
		}
		out.WriteString(rest[:at])
		out.WriteByte(high<<4 | low)
		rest = rest[at+3:]
	}
	out.WriteString(rest)
	if !utf8.ValidString(out.String()) {
		return s
	}
	return out.String()
}

// hexadecimal returns the value of a digit, more than 15 for what is none.
func hexadecimal(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
