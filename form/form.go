package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Limits of a declaration. They are far above any form that a person would
// fill in and keep a mistaken or hostile declaration small.
const (
	// MaxFields is the greatest number of fields in one form.
	MaxFields = 64
	// MaxOptions is the greatest number of options of one select field.
	MaxOptions = 500
	// DefaultMaxBytes is the greatest length of a submitted value, in bytes,
	// where the field does not say otherwise.
	DefaultMaxBytes = 1 << 10
	// LargestMaxBytes is the most a field may ask for in MaxBytes.
	LargestMaxBytes = 64 << 10
)

// Form is the declaration of a form: its fields in the order of the page. An
// empty form shows a button and nothing else.
type Form []Field

// Field declares one control. The zero values of all but Name are useful: a
// field with only a name is an optional line of text labelled with that name.
type Field struct {
	// Name is the key of the submitted value. It must match
	// [A-Za-z][A-Za-z0-9_-]{0,63}, must be unlike every other name in the form
	// in more than case, and must not be a word of the sign-in protocol.
	Name string `json:"name"`

	// Label is the text beside the control. Empty means Name.
	Label string `json:"label,omitempty"`

	// Type is the kind of control: text, password, email, tel, number, url,
	// search, date, checkbox, select or hidden. Empty means text.
	//
	// totp and yubikey are a line of text for the proof of a second factor, for
	// people who like to type everything at once: who has that factor may leave
	// it empty and is asked afterwards. The value is judged by the service and
	// does not reach the authorizer.
	Type string `json:"type,omitempty"`

	// Placeholder is the example shown while a line of text is empty.
	Placeholder string `json:"placeholder,omitempty"`

	// Value is what the control holds at first. For a select it is the value
	// of the option chosen at first, for a checkbox what is submitted when it
	// is ticked (empty means "on"). A secret field may not have one.
	//
	// In a hidden or read-only field a Value is fixed: another one submitted is
	// refused, and when none is submitted this one is used. Without a Value
	// such a field takes what is sent, so that a script may fill it in.
	Value string `json:"value,omitempty"`

	// Options are the choices of a select, in order.
	Options []Option `json:"options,omitempty"`

	// Required refuses an empty or missing value, and a checkbox left empty.
	// Password fields are always required; see AllowEmptyPassword.
	Required bool `json:"required,omitempty"`

	// Secret masks the value wherever it is printed and never puts it back
	// into the form. Type password implies it.
	Secret bool `json:"secret,omitempty"`

	// AllowEmptyPassword lets an empty or missing value of a password field
	// through to the connector. Leave it off: several directories take a name
	// with an empty password for an anonymous visitor and answer "success"
	// (RFC 4513, section 5.1.2), which would sign anyone in as anyone. It is
	// for forms in which another field can stand in for the password.
	AllowEmptyPassword bool `json:"allowEmptyPassword,omitempty"`

	// MaxBytes is the greatest length of a submitted value in bytes. Zero means
	// 1024, the most is 65536; a captcha's answer may need more than 1024.
	MaxBytes int `json:"maxBytes,omitempty"`

	// Attributes are further HTML attributes from the allow-list. Names count
	// without regard to case. A value is a string, a number or a bool; true
	// gives the attribute without a value and false leaves it out, also where
	// there is a default. Attributes that HTML spells in words (spellcheck,
	// autocorrect, autocapitalize, translate) take a bool as the matching word.
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Option is one choice of a select. An empty Label means Value. An option with
// an empty Value stands for "nothing chosen".
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Input is one control as a template needs it. Name, id, type, value,
// placeholder, required and checked have places of their own here and never
// stand in Attrs.
type Input struct {
	Name        string
	Label       string // never empty
	Type        string // of the enumeration at [Field], "select" for a select
	Element     string // "input" or "select"
	Value       string // always empty for a secret
	Placeholder string
	Secret      bool
	Factor      string // the factor that the value proves: "totp", "yubikey"; else empty
	Required    bool
	Checked     bool     // a checkbox that is ticked at first
	Options     []Option // every Label filled in; for a select only
	Attrs       []Attr   // the order is the same at every start
}

// Attr is one further HTML attribute. Name is lower case and from the
// allow-list. Bare means that there is only the name and no value.
type Attr struct {
	Name  string
	Value string
	Bare  bool
}

// Attr returns the attribute of that lower-case name. The second result is
// false when the control does not have it.
func (in Input) Attr(name string) (Attr, bool) {
	i := slices.IndexFunc(in.Attrs, func(a Attr) bool { return a.Name == name })
	if i < 0 {
		return Attr{}, false
	}
	return in.Attrs[i], true
}

// Compiled is a form that has been checked. Its zero value is an empty form.
type Compiled struct {
	fields []field
	inputs []Input
	json   []byte
}

// Compile checks a declaration whole. The error joins every fault found, each
// naming the field, the attribute if there is one, and how to mend it.
// Later changes to f do not reach the result.
func Compile(f Form) (*Compiled, error) {
	if len(f) > MaxFields {
		return nil, fmt.Errorf("the form has %d fields: at most %d are allowed", len(f), MaxFields)
	}
	faults := checkNames(f)
	attributes := make([]attributeSet, len(f))
	for i := range f {
		set, errs := readAttributes(f[i])
		attributes[i] = set
		faults = append(faults, errs...)
	}
	if err := checkAutofocus(f, attributes); err != nil {
		faults = append(faults, err)
	}
	addDefaults(f, attributes)

	c := &Compiled{fields: make([]field, len(f)), inputs: make([]Input, len(f))}
	for i := range f {
		fd, errs := newField(f[i], attributes[i])
		c.fields[i], c.inputs[i] = fd, newInput(f[i], fd, attributes[i])
		faults = append(faults, errs...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c.json = encodeForm(c.inputs)
	return c, nil
}

// Inputs returns the controls in the order of the page. The slices inside are
// shared: do not change them.
func (c *Compiled) Inputs() []Input { return slices.Clone(c.inputs) }

// MarshalJSON returns the form for a front end of one's own:
//
//	{"fields": [{"name", "label", "type", "element", "value", "placeholder",
//	  "required", "secret", "checked", "options": [{"value", "label"}],
//	  "attributes": {"autocomplete": "username", "readonly": true}}]}
//
// name, label, type, element, required, secret and attributes are always there,
// the others where they say something. Attribute names are those of HTML, and
// one without a value is true. The bytes are the same at every call.
func (c *Compiled) MarshalJSON() ([]byte, error) {
	if c.json == nil {
		return encodeForm(c.inputs), nil
	}
	return slices.Clone(c.json), nil
}

type inputJSON struct {
	Name        string         `json:"name"`
	Label       string         `json:"label"`
	Type        string         `json:"type"`
	Element     string         `json:"element"`
	Value       string         `json:"value,omitempty"`
	Placeholder string         `json:"placeholder,omitempty"`
	Required    bool           `json:"required"`
	Secret      bool           `json:"secret"`
	Checked     bool           `json:"checked,omitempty"`
	Options     []Option       `json:"options,omitempty"`
	Attributes  map[string]any `json:"attributes"`
}

// encodeForm cannot fail: the structure holds strings, bools and maps of them.
func encodeForm(inputs []Input) []byte {
	fields := make([]inputJSON, len(inputs))
	for i, in := range inputs {
		attributes := make(map[string]any, len(in.Attrs))
		for _, a := range in.Attrs {
			if a.Bare {
				attributes[a.Name] = true
			} else {
				attributes[a.Name] = a.Value
			}
		}
		fields[i] = inputJSON{
			in.Name, in.Label, in.Type, in.Element, in.Value, in.Placeholder,
			in.Required, in.Secret, in.Checked, in.Options, attributes,
		}
	}
	encoded, _ := json.Marshal(map[string]any{"fields": fields})
	return encoded
}
