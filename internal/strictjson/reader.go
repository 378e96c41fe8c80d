package strictjson

import (
	"bytes"
	"encoding/json"
)

// reader walks over a text that encoding/json has found valid, so that it need
// not look at more than where things begin and end.
type reader struct {
	text []byte
	at   int
}

// next skips blanks, commas and colons, and returns the byte that follows.
func (r *reader) next() byte {
	for {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

// object reads the object at the reader.
func (r *reader) object(depth int) (map[string]json.RawMessage, error) {
	members := make(map[string]json.RawMessage)
	r.at++ // the opening brace
	for r.next() != '}' {
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, ErrInvalid
		}
		r.next()
		from := r.at
		if err := r.value(depth); err != nil {
			return nil, err
		}
		members[name] = r.text[from:r.at:r.at]
	}
	r.at++
	return members, nil
}

func (r *reader) name() (string, error) {
	from := r.at
	r.skipText()
	quoted := r.text[from:r.at]
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var name string
	if json.Unmarshal(quoted, &name) != nil {
		return "", ErrInvalid
	}
	return name, nil
}

// value steps over the value at the reader, which lies within depth others.
func (r *reader) value(depth int) error {
	switch r.text[r.at] {
	case '"':
		r.skipText()
	case '{':
		if depth == maxDepth {
			return ErrInvalid
		}
		_, err := r.object(depth + 1)
		return err
	case '[':
		if depth == maxDepth {
			return ErrInvalid
		}
		return r.list(depth + 1)
	default: // a number, true, false or null
		for bytes.IndexByte([]byte(" \t\r\n,]}"), r.text[r.at]) < 0 {
			r.at++
		}
	}
	return nil
}

func (r *reader) list(depth int) error {
	r.at++ // the opening bracket
	for r.next() != ']' {
		if err := r.value(depth); err != nil {
			return err
		}
	}
	r.at++
	return nil
}

// skipText steps over the text at the reader, quotes included.
func (r *reader) skipText() {
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
}
