package session

import (
	"encoding/json"
	"errors"
)

// Text is a claim that may be absent, null, or a string: clients tell the
// three apart. The zero value is absent. Texts can be compared with ==.
type Text struct {
	value string
	state textState
}

type textState uint8

const (
	absent textState = iota
	isNull
	isString
)

// String returns a present text.
func String(s string) Text { return Text{s, isString} }

// Null returns a text that is present but has no value.
func Null() Text { return Text{state: isNull} }

// Value returns the string, or "" when the text is absent or null.
func (t Text) Value() string { return t.value }

// IsNull reports whether the text is present as null.
func (t Text) IsNull() bool { return t.state == isNull }

// Present reports whether the text is a string or null.
func (t Text) Present() bool { return t.state != absent }

// IsZero reports whether the text is absent, for the JSON option omitzero.
func (t Text) IsZero() bool { return t.state == absent }

// String returns the same as Value.
func (t Text) String() string { return t.value }

// MarshalJSON writes the string, or null. JSON has no word for an absent text:
// give the field the option omitzero.
func (t Text) MarshalJSON() ([]byte, error) {
	if t.state != isString {
		return []byte("null"), nil
	}
	return json.Marshal(t.value)
}

// UnmarshalJSON reads a string or null.
func (t *Text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = Null()
		return nil
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return errors.New("neither a string nor null")
	}
	*t = String(s)
	return nil
}
