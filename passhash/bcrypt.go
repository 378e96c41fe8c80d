package passhash

import (
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// bcrypt reads 72 bytes, and ends at a NUL or repeats the key after it. A longer
// password, or one with a NUL, is no match for any hash; the time is spent all
// the same (PWD-3, CVE-2025-22228).
const bcryptBytes = 72

const bcryptLength = 60

func parseBcrypt(stored string, limits Limits) (Hash, error) {
	const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	if len(stored) != bcryptLength || stored[3] != '$' || stored[6] != '$' || strings.Trim(stored[7:], letters) != "" {
		return Hash{}, fmt.Errorf("%w: bcrypt has 60 characters", ErrMalformed)
	}
	minor := stored[2]
	if minor != 'a' && minor != 'b' && minor != 'y' {
		return Hash{}, fmt.Errorf("%w: bcrypt version %q", ErrUnsupported, stored[1:3])
	}
	tens, ones := stored[4]-'0', stored[5]-'0'
	if tens > 9 || ones > 9 {
		return Hash{}, fmt.Errorf("%w: bcrypt's cost is no number", ErrMalformed)
	}
	cost, most := int(tens)*10+int(ones), limits.BcryptCost
	if most == 0 {
		most = 15
	}
	switch {
	case cost < bcrypt.MinCost:
		return Hash{}, fmt.Errorf("%w: bcrypt cost %d", ErrMalformed, cost)
	case cost > most:
		return Hash{}, fmt.Errorf("%w: bcrypt cost %d, at most %d", ErrTooCostly, cost, most)
	}
	// The three minors hash alike within 72 bytes; x/crypto knows two of them.
	value := []byte("$2a" + stored[3:])
	return Hash{Bcrypt, cost, func(password string) bool {
		fits := len(password) <= bcryptBytes && strings.IndexByte(password, 0) < 0
		if !fits {
			password = "x"
		}
		return bcrypt.CompareHashAndPassword(value, []byte(password)) == nil && fits
	}}, nil
}
