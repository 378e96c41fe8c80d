package passhash

import (
	"crypto/md5"
	"crypto/sha512"
	"hash"
	"strings"
	"time"
)

// phpass is the scheme of Openwall's phpass: a letter of log2 of the rounds,
// eight letters of salt, the hash in the letters of crypt(3), cut to a length.
type phpass struct {
	family Family
	hash   func() hash.Hash
	size   int // letters of hash
	below  int // what the value of the last letter stays below
	once   time.Duration
}

var (
	phpassMD5    = phpass{PHPass, md5.New, 22, 4, 140 * time.Nanosecond}
	phpassSHA512 = phpass{PHPassSHA512, sha512.New, 43, 64, 320 * time.Nanosecond}
)

const (
	leastPHPass = 7 // log2 of the rounds
	mostPHPass  = 30
)

// parse reads what follows the prefix.
func (p phpass) parse(_ format, rest string, limits Limits) (Hash, error) {
	if len(rest) != 9+p.size || !inCrypt(rest[:9]) || !isDigest(rest[9:], p.size, p.below) {
		return Hash{}, malformed("%s has %d letters of rounds, salt and hash", p.family, 9+p.size)
	}
	log2 := strings.IndexByte(cryptLetters, rest[0])
	if log2 < leastPHPass || log2 > mostPHPass {
		return Hash{}, malformed("%s of 2^%d rounds", p.family, log2)
	}
	rounds, salt, want := 1<<log2, rest[1:9], []byte(rest[9:])
	cost := Cost{rounds, lasting(p.once, int64(rounds)), 1 << 10}
	return limits.admit(p.family, cost, func(password string) bool {
		return equal([]byte(p.letters(password, salt, rounds)), want)
	})
}

// letters computes the hash of a password.
func (p phpass) letters(password, salt string, rounds int) string {
	h, typed := p.hash(), []byte(password)
	h.Write([]byte(salt))
	h.Write(typed)
	sum := h.Sum(nil)
	for range rounds {
		h.Reset()
		h.Write(sum)
		h.Write(typed)
		sum = h.Sum(sum[:0])
	}
	return crypt64(sum)[:p.size]
}

var (
	phpassFormats = []format{{"$P$", PHPass, phpassMD5.parse}, {"$H$", PHPass, phpassMD5.parse}}
	drupalFormats = []format{{"$S$", PHPassSHA512, phpassSHA512.parse}}
)
