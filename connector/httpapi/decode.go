package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// maxDepth is how deep an answer may nest.
const maxDepth = 32

var (
	errNotJSON   = errors.New("is not valid JSON")
	errTooDeep   = errors.New("is nested too deep")
	errAmbiguous = errors.New("has a name twice in one object")
)

// object is a JSON object that remembers the order of its names.
type object struct {
	names   []string
	members map[string]any
}

// decode reads one JSON text strictly: valid UTF-8, no name twice in an object,
// nothing behind it, limited depth. Numbers stay text, objects are *object.
func decode(data []byte) (any, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, errNotJSON
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return decodeValue(d, maxDepth)
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, errNotJSON
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == 0 {
		return nil, errTooDeep
	}
	if delim == '[' {
		return decodeList(d, depth-1)
	}
	return decodeObject(d, depth-1)
}

func decodeList(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := decodeValue(d, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, err
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	o := &object{members: make(map[string]any)}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, errNotJSON
		}
		name, _ := t.(string)
		if _, twice := o.members[name]; twice {
			return nil, errAmbiguous
		}
		v, err := decodeValue(d, depth)
		if err != nil {
			return nil, err
		}
		o.names = append(o.names, name)
		o.members[name] = v
	}
	_, err := d.Token()
	return o, err
}

// plain turns a decoded value into what encoding/json would have made of it.
func plain(v any) any {
	switch v := v.(type) {
	case *object:
		return v.plain()
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	}
	return v
}

func (o *object) plain() map[string]any {
	m := make(map[string]any, len(o.members))
	for name, v := range o.members {
		m[name] = plain(v)
	}
	return m
}
