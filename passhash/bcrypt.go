package passhash

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptLetters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bcryptLongest = 72                    // bytes that count; the rest would be cut off
	bcryptOnce    = 56 * time.Microsecond // of one of the 2^cost rounds
	bcryptMemory  = 5 << 10               // Blowfish's boxes
	defaultBcrypt = 15                    // the greatest cost (PWD-5)
)

// parseBcrypt reads two digits of cost, 22 letters of salt and 31 of hash.
func parseBcrypt(_ format, rest string, limits Limits) (Hash, error) {
	if len(rest) != 56 || rest[2] != '$' || strings.Trim(rest[3:], bcryptLetters) != "" {
		return Hash{}, malformed("bcrypt has 60 characters, cost and hash among them")
	}
	tens, ones := rest[0]-'0', rest[1]-'0'
	if tens > 9 || ones > 9 {
		return Hash{}, malformed("bcrypt's cost is no number")
	}
	cost, most := int(tens)*10+int(ones), limits.BcryptCost
	if most == 0 {
		most = defaultBcrypt
	}
	switch {
	case cost < bcrypt.MinCost:
		return Hash{}, malformed("bcrypt of cost %d, below %d", cost, bcrypt.MinCost)
	case cost > most || cost > bcrypt.MaxCost:
		return Hash{}, fmt.Errorf("%w: bcrypt of cost %d, at most %d", ErrTooCostly, cost, most)
	case strings.IndexByte(bcryptLetters, rest[24])%16 != 0, strings.IndexByte(bcryptLetters, rest[55])%4 != 0:
		// The last letters have bits to spare. Programs in C write zeros there
		// and compare text, so that such a value matches nothing with them.
		return Hash{}, malformed("bcrypt with bits to spare that are not zero")
	}
	// The versions hash alike up to 72 bytes without NUL; x/crypto reads 2a.
	value := []byte("$2a$" + rest)
	return Hash{
		cost:    Cost{cost, bcryptOnce << cost, bcryptMemory},
		longest: bcryptLongest,
		matches: func(password string) bool {
			return bcrypt.CompareHashAndPassword(value, []byte(password)) == nil
		},
	}, nil
}
