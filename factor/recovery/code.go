package recovery

import (
	"crypto/rand"
	"strings"
)

// alphabet are the digits and letters that nobody takes for another when they are
// on paper: Crockford's base 32.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// length is how many characters a code has, five bits each.
const length = 16

// newCode returns a code as it is shown: four groups of four. 32 divides 256, so no
// character is likelier than another (REC-1).
func newCode() string {
	var random [length]byte
	rand.Read(random[:]) // crypto/rand never fails
	var b strings.Builder
	for i, r := range random {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[r%32])
	}
	return b.String()
}

// parse reads a code as people type it: in either case, with blanks and hyphens
// where they like, and O, I and L for the digits that they look like.
func parse(typed string) (code string, ok bool) {
	if len(typed) > 4*length {
		return "", false
	}
	var b strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch c {
		case ' ', '-':
			continue
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if !strings.ContainsRune(alphabet, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	return b.String(), b.Len() == length
}
