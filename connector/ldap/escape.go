package ldap

import (
	"strings"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"
)

// filterText is a text as it may stand for a value in a filter, and dnText one as
// it may stand for a value in a name. Only the functions below make them: the rules
// of one are no protection in the other (LDP-2).
type (
	filterText string
	dnText     string
)

// inFilter escapes a value for a filter (RFC 4515, section 3).
func inFilter(value string) filterText { return filterText(goldap.EscapeFilter(value)) }

// bytesInFilter escapes a binary value for a filter.
func bytesInFilter(value []byte) filterText {
	const hex = "0123456789abcdef"
	out := make([]byte, 0, 3*len(value))
	for _, b := range value {
		out = append(out, '\\', hex[b>>4], hex[b&15])
	}
	return filterText(out)
}

// inDN escapes a value for a distinguished name (RFC 4514, section 2.4).
func inDN(value string) dnText {
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		switch {
		case strings.IndexByte(`"+,;<>\=`, c) >= 0,
			i == 0 && (c == '#' || c == ' '), i == len(value)-1 && c == ' ':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			const hex = "0123456789abcdef"
			b.WriteByte('\\')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return dnText(b.String())
}

// maxValue bounds a value that is put into a filter or a name, in bytes.
const maxValue = 512

// usable reports whether a typed value may reach the directory at all.
func usable(value string) bool {
	return value != "" && len(value) <= maxValue && utf8.ValidString(value) && strings.IndexByte(value, 0) < 0
}
