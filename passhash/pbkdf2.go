package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"
	"time"
)

// prf is the function inside a PBKDF2.
type prf struct {
	family Family
	hash   func() hash.Hash
	size   int           // of its result, in bytes
	once   time.Duration // of one round for one result
}

var (
	withSHA1   = prf{PBKDF2SHA1, sha1.New, sha1.Size, 240 * time.Nanosecond}
	withSHA256 = prf{PBKDF2SHA256, sha256.New, sha256.Size, 240 * time.Nanosecond}
	withSHA512 = prf{PBKDF2SHA512, sha512.New, sha512.Size, 560 * time.Nanosecond}
)

// leastKey is the length in bytes of a derived key below which it is taken for a
// cut one; mostKey bounds the work of a longer one.
const (
	leastKey = 16
	mostKey  = 128
	mostSalt = 128
)

// parsed builds the hash of a PBKDF2 (RFC 8018, section 5.2).
func (f prf) parsed(limits Limits, rounds int64, salt, want []byte) (Hash, error) {
	if rounds < 1 || len(want) < leastKey || len(want) > mostKey || len(salt) > mostSalt {
		return Hash{}, malformed("%s with no rounds, or a salt or key of an odd length", f.family)
	}
	blocks := int64(len(want)+f.size-1) / int64(f.size)
	cost := Cost{int(rounds), lasting(f.once, rounds, blocks), 2 << 10}
	return limits.admit(f.family, cost, func(password string) bool {
		got, err := pbkdf2.Key(f.hash, password, salt, int(rounds), len(want))
		return err == nil && equal(got, want)
	})
}

// parsePBKDF2 reads rounds, salt and key of a size, in the base64 of passlib and
// of OpenLDAP's pw-pbkdf2.
func parsePBKDF2(f prf) func(format, string, Limits) (Hash, error) {
	return func(_ format, rest string, limits Limits) (Hash, error) {
		parts := strings.Split(rest, "$")
		if len(parts) != 3 {
			return Hash{}, malformed("%s has rounds, salt and key", f.family)
		}
		rounds, isNumber := number(parts[0])
		salt, isSalt := unbase64(adapted, parts[1])
		want, isKey := unbase64(adapted, parts[2])
		if !isNumber || !isSalt || !isKey || len(want) != f.size {
			return Hash{}, malformed("%s has rounds, salt and key of %d bytes", f.family, f.size)
		}
		return f.parsed(limits, rounds, salt, want)
	}
}

// passlib are the formats of Python's passlib.
var passlib = []format{
	{"$pbkdf2$", PBKDF2SHA1, parsePBKDF2(withSHA1)},
	{"$pbkdf2-sha256$", PBKDF2SHA256, parsePBKDF2(withSHA256)},
	{"$pbkdf2-sha512$", PBKDF2SHA512, parsePBKDF2(withSHA512)},
	{"$scrypt$", Scrypt, parseScryptPHC},
}

// raw is base64 without padding, as the PHC string format has it.
var raw = base64.RawStdEncoding
