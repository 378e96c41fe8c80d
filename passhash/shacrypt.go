package passhash

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-crypt/crypt/algorithm/shacrypt"
)

const (
	defaultRounds = 5000
	leastRounds   = 1000
	mostRounds    = 1_000_000 // unless Limits say otherwise
	longestSalt   = 16
)

// parseSHACrypt reads an optional rounds=N$, a salt of up to 16 characters, $,
// and the hash (https://www.akkadia.org/drepper/SHA-crypt.txt).
func parseSHACrypt(f format, rest string, limits Limits) (Hash, error) {
	rounds, rest, err := cutRounds(rest)
	if err != nil {
		return Hash{}, fmt.Errorf("%w (%s)", err, f.family)
	}
	most := limits.CryptRounds
	if most == 0 {
		most = mostRounds
	}
	if rounds > most {
		return Hash{}, fmt.Errorf("%w: %d rounds of %s, at most %d", ErrTooCostly, rounds, f.family, most)
	}
	size, below, once := 43, 16, 200*time.Nanosecond
	if f.family == SHA512Crypt {
		size, below, once = 86, 4, 400*time.Nanosecond
	}
	salt, hash, found := strings.Cut(rest, "$")
	if !found || len(salt) > longestSalt || strings.ContainsFunc(salt, notInSalt) || !isDigest(hash, size, below) {
		return Hash{}, malformed("%s has a salt of up to %d characters and a hash of %d", f.family, longestSalt, size)
	}
	digest, err := shacrypt.Decode(fmt.Sprintf("%srounds=%d$%s", f.prefix, rounds, rest))
	if err != nil {
		return Hash{}, malformed("%s", f.family)
	}
	return Hash{
		cost:    Cost{rounds, time.Duration(rounds) * once, 4 << 10},
		longest: MaxPassword,
		matches: digest.Match,
	}, nil
}

// cutRounds takes "rounds=N$" off, where it is there. Its number is as the
// format's own programs write it: no sign, no zero in front, at least 1000.
func cutRounds(s string) (rounds int, rest string, err error) {
	text, given := strings.CutPrefix(s, "rounds=")
	if !given {
		return defaultRounds, s, nil
	}
	number, rest, found := strings.Cut(text, "$")
	rounds, err = strconv.Atoi(number)
	if !found || err != nil || strconv.Itoa(rounds) != number || rounds < leastRounds {
		return 0, "", malformed("the rounds are no number from %d", leastRounds)
	}
	return rounds, rest, nil
}

// notInSalt refuses what libxcrypt refuses in a salt.
func notInSalt(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`!*:;\`, r) }
