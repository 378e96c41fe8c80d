// Package reference makes the numbers that attempts are known by: on the page,
// in the JSON, in the log.
package reference

import (
	"crypto/rand"
	"strings"
)

// alphabet has 32 signs, none of which looks like another: Crockford's base 32,
// which leaves out I, L, O and U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const length = 8

// New returns a new reference: eight signs, 40 bits from crypto/rand, so that
// nobody guesses that of another attempt.
func New() string {
	var b [length]byte
	rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = alphabet[b[i]%32] // 32 divides 256: no sign is likelier
	}
	return string(b[:])
}

// Valid reports whether s is spelled as New makes it.
func Valid(s string) bool { return len(s) == length && strings.Trim(s, alphabet) == "" }

// Parse reads a reference as people write one, in small letters, with blanks or
// hyphens in it, O for 0 and I or L for 1, and returns it as New makes it. It
// returns "" for anything else.
func Parse(s string) string {
	if len(s) > 4*length {
		return ""
	}
	s = strings.Map(sign, s)
	if !Valid(s) {
		return ""
	}
	return s
}

// sign returns what a written character stands for; -1 is nothing at all.
func sign(c rune) rune {
	switch {
	case 'a' <= c && c <= 'z':
		return sign(c - 'a' + 'A')
	case c == 'O':
		return '0'
	case c == 'I' || c == 'L':
		return '1'
	case c == ' ' || c == '-':
		return -1
	}
	return c
}
