package passhash

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-crypt/crypt/algorithm/shacrypt"
)

const (
	cryptLetters  = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	defaultRounds = 5000
	minRounds     = 1000
	maxSalt       = 16
)

// parseSHACrypt reads $5$ and $6$: an optional rounds=N$, a salt of up to 16
// characters, and 43 or 86 characters of hash
// (https://www.akkadia.org/drepper/SHA-crypt.txt).
func parseSHACrypt(stored string, limits Limits) (Hash, error) {
	family, size := SHA256Crypt, 43
	if stored[1] == '6' {
		family, size = SHA512Crypt, 86
	}
	rounds, rest := defaultRounds, stored[3:]
	if text, ok := strings.CutPrefix(rest, "rounds="); ok {
		number, after, found := strings.Cut(text, "$")
		n, err := strconv.Atoi(number)
		if !found || err != nil || strconv.Itoa(n) != number || n < minRounds {
			return Hash{}, fmt.Errorf("%w: %s's rounds are no number from %d", ErrMalformed, family, minRounds)
		}
		rounds, rest = n, after
	}
	most := limits.CryptRounds
	if most == 0 {
		most = 1_000_000
	}
	if rounds > most {
		return Hash{}, fmt.Errorf("%w: %d rounds of %s, at most %d", ErrTooCostly, rounds, family, most)
	}
	salt, hash, found := strings.Cut(rest, "$")
	if !found || len(salt) > maxSalt || len(hash) != size || strings.Trim(hash, cryptLetters) != "" || strings.ContainsAny(salt, ":\n\x00") {
		return Hash{}, fmt.Errorf("%w: %s needs a salt of up to %d characters and a hash of %d", ErrMalformed, family, maxSalt, size)
	}
	digest, err := shacrypt.Decode(stored)
	if err != nil {
		return Hash{}, fmt.Errorf("%w: %s", ErrMalformed, family)
	}
	return Hash{family, rounds, func(password string) bool {
		return digest.Match(password) && strings.IndexByte(password, 0) < 0
	}}, nil
}
