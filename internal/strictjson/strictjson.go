// Package strictjson reads the one kind of JSON that sign-in requests have, an
// object of plain values, in a way that no two readers can disagree about: no
// name twice, nothing after the end, valid UTF-8 (CSR-9, RFC 8259, sections 4
// and 8).
package strictjson

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// ErrInvalid is the error for every text that is not such an object, or whose
// values are not plain.
var ErrInvalid = errors.New("not a JSON object with each name once")

const maxDepth = 32 // objects and lists in one another, the first included

// Object returns the members of an object, undecoded, by their names, which are
// told apart by letter case. Objects further inside are held to the same rules.
// The error is ErrInvalid. The caller bounds the size of the text, which the
// members share.
func Object(text []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(text) || !utf8.Valid(text) || loneSurrogate(text) {
		return nil, ErrInvalid
	}
	r := reader{text: text}
	if r.next() != '{' {
		return nil, ErrInvalid
	}
	return r.object(1)
}

// Fields returns plain members as texts, as a form would have sent them: numbers
// as they are written, true and false by name, null not at all. The error is
// ErrInvalid when a member is an object or a list; take out first what may be one.
func Fields(members map[string]json.RawMessage) (map[string][]string, error) {
	fields := make(map[string][]string, len(members))
	for name, raw := range members {
		if len(raw) == 0 {
			return nil, ErrInvalid
		}
		switch raw[0] {
		case '{', '[':
			return nil, ErrInvalid
		case '"':
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return nil, ErrInvalid
			}
			fields[name] = []string{s}
		case 'n': // null
		default:
			fields[name] = []string{string(raw)}
		}
	}
	return fields, nil
}
