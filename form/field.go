package form

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// field is what Parse needs to know of one field.
type field struct {
	name, label string
	kind        kind
	value       string // the declared value; for a checkbox what stands for ticked
	secret      bool
	required    bool
	disabled    bool
	fixed       bool // hidden or read-only with a declared value
	maxBytes    int
	limits      limits
	options     map[string]struct{}
}

// newField checks everything about a field but its name, the form of its
// attributes and what concerns other fields.
func newField(f Field, set attributeSet) (field, []error) {
	of, err := kindOf(f.Type)
	if err != nil {
		return field{}, []error{fmt.Errorf("field %s: %w", quote(f.Name), err)}
	}
	fd := field{
		name: f.Name, label: labelOf(f), kind: of, value: f.Value,
		secret:   f.Secret || of&(kindPassword|proofs) != 0,
		required: f.Required || set.given("required") || (of == kindPassword && !f.AllowEmptyPassword),
		disabled: set.given("disabled"),
		maxBytes: f.MaxBytes,
	}
	fd.fixed = f.Value != "" && (of == kindHidden || set.given("readonly"))
	if of == kindCheckbox && fd.value == "" {
		fd.value = "on"
	}
	if fd.maxBytes == 0 {
		fd.maxBytes = DefaultMaxBytes
	}
	faults := []error{checkTexts(f), checkFlags(f, fd), checkOptions(f, of), checkPasswordAutofill(of, set)}
	fd.options = optionSet(f.Options)
	limits, limitFaults := readLimits(of, set)
	fd.limits = limits
	faults = append(faults, limitFaults...)
	if err := errors.Join(faults...); err == nil {
		faults = append(faults, checkValue(f, fd))
	}
	return fd, prefixed(f.Name, faults)
}

func prefixed(name string, faults []error) []error {
	var out []error
	for _, err := range faults {
		if err != nil {
			out = append(out, fmt.Errorf("field %s: %w", quote(name), err))
		}
	}
	return out
}

func labelOf(f Field) string {
	if f.Label == "" {
		return f.Name
	}
	return f.Label
}

func checkTexts(f Field) error {
	for _, t := range []struct{ what, text string }{
		{"label", f.Label}, {"placeholder", f.Placeholder}, {"value", f.Value},
	} {
		if err := checkText(t.text); err != nil {
			return fmt.Errorf("%s %w", t.what, err)
		}
	}
	return nil
}

// checkFlags refuses combinations that contradict themselves.
func checkFlags(f Field, fd field) error {
	switch {
	case fd.secret && f.Value != "":
		return errors.New("a secret field may not have a value: it would stand in the page; remove it")
	case f.AllowEmptyPassword && fd.kind != kindPassword:
		return errors.New("only a password field can allow an empty password: remove it")
	case f.AllowEmptyPassword && fd.required:
		return errors.New("required and allow an empty password contradict each other: keep one")
	case fd.disabled && fd.required:
		return errors.New("required and disabled contradict each other, since a disabled field is never submitted: keep one")
	case f.Placeholder != "" && fd.kind&(textual|kindNumber) == 0:
		return fmt.Errorf("a placeholder does not belong on type %s: remove it", fd.kind)
	case fd.maxBytes < 0 || fd.maxBytes > LargestMaxBytes:
		return fmt.Errorf("the greatest length in bytes must be from 1 to %d, or 0 for %d", LargestMaxBytes, DefaultMaxBytes)
	}
	return nil
}

func checkOptions(f Field, of kind) error {
	if of != kindSelect {
		if len(f.Options) > 0 {
			return fmt.Errorf("options belong on type select, not on %s", of)
		}
		return nil
	}
	if len(f.Options) == 0 {
		return errors.New("a select needs options")
	}
	if len(f.Options) > MaxOptions {
		return fmt.Errorf("has %d options: at most %d are allowed", len(f.Options), MaxOptions)
	}
	seen := make(map[string]bool, len(f.Options))
	for _, o := range f.Options {
		if err := errors.Join(checkText(o.Value), checkText(o.Label)); err != nil {
			return fmt.Errorf("option %s %w", quote(o.Value), err)
		}
		if seen[o.Value] {
			return fmt.Errorf("option %s is there twice: keep one", quote(o.Value))
		}
		seen[o.Value] = true
	}
	return nil
}

func optionSet(options []Option) map[string]struct{} {
	set := make(map[string]struct{}, len(options))
	for _, o := range options {
		set[o.Value] = struct{}{}
	}
	return set
}

// checkValue holds the declared value against the field's own constraints: a
// form that refuses what it shows at first is a mistake.
func checkValue(f Field, fd field) error {
	if f.Value == "" || fd.kind == kindCheckbox {
		return nil
	}
	if p := fd.check(f.Value); p.Code != "" {
		return fmt.Errorf("its own value is refused (%s): change one or the other", p.Code)
	}
	return nil
}

func newInput(f Field, fd field, set attributeSet) Input {
	in := Input{
		Name: f.Name, Label: fd.label, Type: fd.kind.String(), Element: "input", Value: fd.value,
		Placeholder: f.Placeholder, Secret: fd.secret, Required: fd.required, Checked: set.given("checked"),
		Attrs: set.ordered(),
	}
	if fd.kind&proofs != 0 {
		in.Type, in.Factor = kindText.String(), fd.kind.String()
	}
	if fd.kind == kindSelect {
		in.Element = "select"
		in.Options = slices.Clone(f.Options)
		for i, o := range in.Options {
			if o.Label == "" {
				in.Options[i].Label = o.Value
			}
		}
	}
	return in
}

// quote makes any text fit for a message: quoted, escaped and short.
func quote(s string) string { return strconv.Quote(shorten(s)) }

// longestPrinted is the greatest number of bytes of a value in a message or a
// log line.
const longestPrinted = 64

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= longestPrinted {
		return s
	}
	cut := longestPrinted
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
