package form

import (
	"fmt"
	"strings"
)

// kind is a set of field types, or one of them.
type kind uint16

const (
	kindText kind = 1 << iota
	kindPassword
	kindEmail
	kindTel
	kindNumber
	kindURL
	kindSearch
	kindDate
	kindCheckbox
	kindSelect
	kindHidden
	kindTOTP
	kindYubiKey
)

const (
	proofs = kindTOTP | kindYubiKey // the proof of a second factor

	textual = kindText | kindPassword | kindEmail | kindTel | kindURL | kindSearch | proofs
	typed   = textual | kindNumber | kindDate
	visible = typed | kindCheckbox | kindSelect
	anyKind = visible | kindHidden
)

var kinds = []struct {
	name string
	kind kind
}{
	{"text", kindText},
	{"password", kindPassword},
	{"email", kindEmail},
	{"tel", kindTel},
	{"number", kindNumber},
	{"url", kindURL},
	{"search", kindSearch},
	{"date", kindDate},
	{"checkbox", kindCheckbox},
	{"select", kindSelect},
	{"hidden", kindHidden},
	{"totp", kindTOTP},
	{"yubikey", kindYubiKey},
}

// insteadOf says what to declare in place of a type that is not offered.
var insteadOf = map[string]string{
	"radio":    "declare a select with the same options",
	"textarea": "declare text",
	"file":     "files are never accepted at sign-in",
	"image":    "the page has its own button",
	"submit":   "the page has its own button",
	"button":   "the page has its own button",
	"reset":    "the page has its own button",
	"range":    "declare number with min and max",
}

// kindOf returns the kind of a declared type; empty means text.
func kindOf(declared string) (kind, error) {
	if declared == "" {
		return kindText, nil
	}
	lower := strings.ToLower(declared)
	names := make([]string, len(kinds))
	for i, k := range kinds {
		if k.name == lower {
			return k.kind, nil
		}
		names[i] = k.name
	}
	mend := "choose one of " + strings.Join(names, ", ")
	if instead, ok := insteadOf[lower]; ok {
		mend = instead
	}
	return 0, fmt.Errorf("type %s is not offered: %s", quote(declared), mend)
}

// String names the types of the set, for messages.
func (k kind) String() string {
	var names []string
	for _, known := range kinds {
		if k&known.kind != 0 {
			names = append(names, known.name)
		}
	}
	return strings.Join(names, ", ")
}
