package passhash

import (
	"encoding/binary"
	"unicode/utf16"
)

// utf16le returns the text in UTF-16, the low byte first.
func utf16le(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}
