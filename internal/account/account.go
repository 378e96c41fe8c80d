// Package account has the two canonical spellings of a person: of the name that
// they type, and of the id that the user system gives them.
package account

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxName = 256 // bytes
	maxID   = 512 // bytes
)

// ErrName is the error for what can't be a login name.
var ErrName = errors.New("not a login name")

// Name returns the one spelling under which a login name is counted and logged:
// compatibility forms and letter case make no difference, and nothing that can't
// be seen is in it (IDN-1). It is not what the user system is asked with. The
// error is ErrName.
func Name(s string) (string, error) {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return "", ErrName
	}
	for range 8 { // folding may undo normal form, and normal form folding
		next := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
		if next == s {
			return s, check(s)
		}
		s = next
	}
	return "", ErrName
}

func check(s string) error {
	if len(s) > maxName || strings.TrimSpace(s) != s {
		return ErrName
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) || r == utf8.RuneError {
			return ErrName
		}
	}
	return nil
}

// ID returns the one text for a user of a realm: no other pair has the same. The
// id is the immutable one, exactly as the user system gave it; it may have 512
// bytes and no control characters.
func ID(realm, userID string) (string, error) {
	for _, s := range [...]string{realm, userID} {
		if s == "" || len(s) > maxID || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return "", errors.New("neither realm nor user id may be empty, beyond 512 bytes, or hold control characters")
		}
	}
	return escaper.Replace(realm) + ":" + userID, nil
}

// escaper keeps the first colon for ID: a realm never holds one.
var escaper = strings.NewReplacer("%", "%25", ":", "%3A")
