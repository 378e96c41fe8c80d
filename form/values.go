package form

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// mask is printed in place of a secret, whatever its length, and also for an
// empty one.
const mask = "***"

// Values are the submitted values of declared fields. Secrets print as ***,
// whichever verb, logger or encoder prints them; Get and Reveal alone give
// them out. The zero value holds nothing. Values cannot be changed.
type Values struct {
	// Behind a function, since fmt cannot call methods on an unexported field
	// of another structure: it prints what it finds there, following pointers
	// when the verb does not fit, but of a function never more than an address.
	open func() submission
}

// submission holds what was submitted, entry by entry beside the fields.
type submission struct {
	fields  []field
	entries []entry
}

type entry struct {
	value string
	given bool
}

func (s submission) values() Values { return Values{func() submission { return s }} }

func (v Values) submission() submission {
	if v.open == nil {
		return submission{}
	}
	return v.open()
}

func (v Values) find(name string) (entry, *field) {
	s := v.submission()
	for i := range s.fields {
		if s.fields[i].name == name {
			return s.entries[i], &s.fields[i]
		}
	}
	return entry{}, nil
}

// Get returns the value of a field in plain text, or "" when it was not
// submitted or not declared.
func (v Values) Get(name string) string {
	if e, _ := v.find(name); e.given {
		return e.value
	}
	return ""
}

// Without returns the values less those of the named fields, which are as if
// they had not been submitted.
func (v Values) Without(names ...string) Values {
	s := v.submission()
	s.entries = slices.Clone(s.entries)
	for i := range s.fields {
		if slices.Contains(names, s.fields[i].name) {
			s.entries[i] = entry{}
		}
	}
	return s.values()
}

// With returns the values with another one for a declared field. It is not
// checked.
func (v Values) With(name, value string) Values {
	s := v.submission()
	s.entries = slices.Clone(s.entries)
	for i := range s.fields {
		if s.fields[i].name == name {
			s.entries[i] = entry{value, true}
		}
	}
	return s.values()
}

// Has reports whether the field was submitted at all. A hidden or read-only
// field with a declared value always counts as submitted.
func (v Values) Has(name string) bool {
	e, _ := v.find(name)
	return e.given
}

// Bool reports whether a checkbox was ticked. It is false for any other field.
func (v Values) Bool(name string) bool {
	e, fd := v.find(name)
	return fd != nil && fd.kind == kindCheckbox && e.given
}

// Names returns the names of the submitted fields in the order of declaration.
func (v Values) Names() []string {
	var names []string
	v.each(func(fd *field, _ string) { names = append(names, fd.name) })
	return names
}

// Reveal returns all submitted values in plain text, secrets included. It is
// for handing them to the system that checks them; never log the result.
func (v Values) Reveal() map[string]string {
	out := make(map[string]string)
	v.each(func(fd *field, value string) { out[fd.name] = value })
	return out
}

// Keep returns the values that are not secret, for filling the form in again
// after a failure.
func (v Values) Keep() map[string]string {
	out := make(map[string]string)
	v.each(func(fd *field, value string) {
		if !fd.secret {
			out[fd.name] = value
		}
	})
	return out
}

// each calls f for every submitted field in the order of declaration.
func (v Values) each(f func(fd *field, value string)) {
	s := v.submission()
	for i := range s.fields {
		if e := s.entries[i]; e.given {
			f(&s.fields[i], e.value)
		}
	}
}

func (s submission) dropSecrets() {
	for i := range s.fields {
		if s.fields[i].secret {
			s.entries[i] = entry{}
		}
	}
}

// String gives the values in one line, secrets masked, others quoted and
// shortened.
func (v Values) String() string {
	var b strings.Builder
	b.WriteByte('{')
	v.each(func(fd *field, value string) {
		if b.Len() > 1 {
			b.WriteByte(' ')
		}
		b.WriteString(fd.name)
		b.WriteByte(':')
		if fd.secret {
			b.WriteString(mask)
		} else {
			b.WriteString(quote(value))
		}
	})
	b.WriteByte('}')
	return b.String()
}

// GoString is String with the type in front.
func (v Values) GoString() string { return "form.Values" + v.String() }

// Format prints String for every verb, and GoString for %#v.
func (v Values) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('#') {
		_, _ = io.WriteString(s, v.GoString())
		return
	}
	_, _ = io.WriteString(s, v.String())
}

// LogValue gives a group with the secrets masked.
func (v Values) LogValue() slog.Value {
	var attrs []slog.Attr
	v.each(func(fd *field, value string) { attrs = append(attrs, slog.String(fd.name, fd.shown(value))) })
	return slog.GroupValue(attrs...)
}

// MarshalJSON gives an object with the secrets masked, in the order of
// declaration.
func (v Values) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	v.each(func(fd *field, value string) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, _ := json.Marshal(fd.name) // strings always encode
		text, _ := json.Marshal(fd.shown(value))
		out = append(append(append(out, key...), ':'), text...)
	})
	return append(out, '}'), nil
}

// shown is a value as it may be printed.
func (fd *field) shown(value string) string {
	if fd.secret {
		return mask
	}
	return shorten(value)
}
