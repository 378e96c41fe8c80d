package strictjson

import (
	"bytes"
	"strconv"
)

// loneSurrogate reports whether the text holds an escape for half a character.
// The decoder would quietly put U+FFFD in its place, so that different passwords
// became one. It needs no valid JSON: a back-slash is only ever part of an escape.
func loneSurrogate(text []byte) bool {
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return false
		}
		text = text[at:]
		unit, escaped := codeUnit(text)
		switch {
		case !escaped:
			text = text[min(2, len(text)):]
		case unit < 0xd800 || unit > 0xdfff:
			text = text[escapeLength:]
		default:
			second, escaped := codeUnit(text[escapeLength:])
			if unit > 0xdbff || !escaped || second < 0xdc00 || second > 0xdfff {
				return true
			}
			text = text[2*escapeLength:]
		}
	}
}

const escapeLength = len(`\u0000`)

// codeUnit returns the UTF-16 code unit of the \u escape that text begins with.
func codeUnit(text []byte) (unit uint64, ok bool) {
	if len(text) < escapeLength || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:escapeLength]), 16, 16)
	return unit, err == nil
}
