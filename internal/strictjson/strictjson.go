// Package strictjson reads the one kind of JSON that sign-in requests have, an
// object of plain values, in a way that no two readers can disagree about: no
// name twice, nothing after the end, valid UTF-8 (CSR-9, RFC 8259, section 4).
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// ErrInvalid is the error for every text that is not such an object.
var ErrInvalid = errors.New("not a JSON object with each name once")

const maxDepth = 32

// Object returns the members of an object, undecoded. The error is ErrInvalid.
func Object(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) || tooDeep(text) {
		return nil, ErrInvalid
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, ErrInvalid
	}
	members := make(map[string]json.RawMessage)
	for dec.More() {
		name, err := dec.Token()
		key, ok := name.(string)
		if err != nil || !ok {
			return nil, ErrInvalid
		}
		var value json.RawMessage
		if _, twice := members[key]; twice || dec.Decode(&value) != nil {
			return nil, ErrInvalid
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, ErrInvalid
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, ErrInvalid
	}
	return members, nil
}

// tooDeep bounds nesting before anything is decoded. Brackets in strings count
// as well only where they nest, which no honest request does.
func tooDeep(text []byte) bool {
	depth := 0
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// Fields returns plain members as texts, as a form would have sent them: numbers
// as they are written, true and false by name, null not at all. The error is
// ErrInvalid when a member is an object or a list.
func Fields(members map[string]json.RawMessage) (map[string][]string, error) {
	fields := make(map[string][]string, len(members))
	for name, raw := range members {
		switch raw[0] {
		case '{', '[':
			return nil, ErrInvalid
		case '"':
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return nil, ErrInvalid
			}
			fields[name] = []string{s}
		case 'n':
		default:
			fields[name] = []string{string(raw)}
		}
	}
	return fields, nil
}
