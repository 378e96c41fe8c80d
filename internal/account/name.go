package account

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ErrName is the error for what can't be a login name.
var ErrName = errors.New("not a login name: empty, over 256 bytes, blank at an edge, or with invisible characters")

const maxName = 256 // bytes, as typed and as counted

// Name returns the one spelling under which a login name is counted and logged:
// compatibility forms and letter case make no difference, and nothing that can't
// be seen is in it (IDN-1; Unicode TR 15 and TR 21). It is not what the user
// system is asked with: that gets what was typed. The error is ErrName.
func Name(s string) (string, error) {
	if isPlain(s) {
		return checked(s)
	}
	if len(s) > maxName || !utf8.ValidString(s) {
		return "", ErrName
	}
	// Folding may undo the normal form, and the normal form the folding. One
	// round does for every single character; combinations may need another.
	for range 4 {
		next := norm.NFKC.String(fold(norm.NFKC.String(s)))
		if next == s {
			return checked(s)
		}
		s = next
	}
	return "", ErrName
}

// fold makes letter case no difference. Cherokee is folded to its capitals
// (Unicode, CaseFolding.txt); cases.Fold swaps the two instead.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 0xab70 <= r && r <= 0xabbf:
			return r - 0xab70 + 0x13a0
		case 0x13f8 <= r && r <= 0x13fd:
			return r - 8
		}
		return r
	}, cases.Fold().String(s))
}

// isPlain reports whether s is its own canonical spelling at a glance.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

func checked(s string) (string, error) {
	if s == "" || len(s) > maxName || strings.TrimSpace(s) != s || strings.ContainsFunc(s, invisible) {
		return "", ErrName
	}
	return s, nil
}

// invisible finds what makes two names look alike that are not: controls,
// formats (among them zero width and changes of direction), private use, ends of
// lines, and letters that are drawn as nothing.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.In(r,
		unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == brailleBlank || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

const brailleBlank = '\u2800' // a letter for Unicode, a blank for everybody else
