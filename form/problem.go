package form

import "strings"

// Codes of problems, stable, for pages that translate and for programs.
const (
	// CodeRequired: nothing was given where something is needed.
	CodeRequired = "required"
	// CodeTooLong: longer than maxlength or than the limit in bytes.
	CodeTooLong = "too_long"
	// CodeTooShort: shorter than minlength.
	CodeTooShort = "too_short"
	// CodePattern: does not match the pattern.
	CodePattern = "pattern"
	// CodeBadValue: not of the type, not an option, or between two steps.
	CodeBadValue = "bad_value"
	// CodeTooSmall: below min.
	CodeTooSmall = "too_small"
	// CodeTooLarge: above max.
	CodeTooLarge = "too_large"
	// CodeFixed: another value than the declared one of a hidden or read-only
	// field, or any value of a disabled one.
	CodeFixed = "fixed_value"
	// CodeRepeated: the field was submitted more than once.
	CodeRepeated = "repeated_field"
	// CodeEncoding: not UTF-8, or a control character where none belongs.
	CodeEncoding = "invalid_encoding"
	// CodeUndeclared: the form has no such field.
	CodeUndeclared = "undeclared_field"
)

// sentences say what is wrong, with the label of the field in front.
var sentences = map[string]string{
	CodeRequired:   "is required.",
	CodeTooLong:    "is too long.",
	CodeTooShort:   "is too short.",
	CodePattern:    "does not have the expected form.",
	CodeBadValue:   "is not a valid value.",
	CodeTooSmall:   "is too small.",
	CodeTooLarge:   "is too large.",
	CodeFixed:      "cannot be changed.",
	CodeRepeated:   "was submitted more than once.",
	CodeEncoding:   "holds characters that cannot be used here.",
	CodeUndeclared: "is not a field of this form.",
}

// mostUndeclared is the greatest number of undeclared fields that are named.
const mostUndeclared = 8

// Problem is what is wrong with one submitted field. It never holds a value.
type Problem struct {
	// Field is the name of a declared field, or the shortened and quoted name
	// of one that was not declared.
	Field string `json:"field"`
	// Code is one of the Code constants.
	Code string `json:"code"`
	// Message is a short English sentence, safe to show.
	Message string `json:"message"`
	// Quiet asks that the person be told no more than for a wrong password: a
	// password far too long to be right is refused before any work is done for
	// it, and the answer must not say so.
	Quiet bool `json:"-"`
}

// Problems is everything that is wrong with a submission: declared fields in
// their order, then undeclared ones by name. [Compiled.Parse] returns it as its
// error.
type Problems []Problem

// Error lists the problems in one line.
func (p Problems) Error() string {
	messages := make([]string, len(p))
	for i := range p {
		messages[i] = p[i].Message
	}
	return strings.Join(messages, " ")
}

// Quiet reports whether every problem is quiet, so that the whole submission
// must be answered like a wrong password. It is false when there is none.
func (p Problems) Quiet() bool {
	for i := range p {
		if !p[i].Quiet {
			return false
		}
	}
	return len(p) > 0
}

func (fd *field) problem(code string) Problem {
	return Problem{
		Field: fd.name, Code: code, Message: fd.label + " " + sentences[code],
		Quiet: code == CodeTooLong && fd.kind == kindPassword,
	}
}
