package passhash

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Family names a way of hashing passwords.
type Family string

// The families that are recognised.
const (
	Bcrypt      Family = "bcrypt"       // $2a$, $2b$, $2y$
	SHA256Crypt Family = "sha256-crypt" // $5$
	SHA512Crypt Family = "sha512-crypt" // $6$
	APR1        Family = "apr1"         // $apr1$, Apache's salted MD5: weak
	SHA1        Family = "sha1"         // {SHA}, unsalted: weak
)

// Limits bound what is accepted. The zero value is the safe default.
type Limits struct {
	// BcryptCost is the greatest cost of bcrypt. Zero means 15.
	BcryptCost int
	// CryptRounds is the greatest number of rounds of SHA-crypt. Zero means
	// 1,000,000.
	CryptRounds int
	// AllowMD5AndSHA1 also accepts the weak families, which an attacker who
	// has the file tries at billions a second.
	AllowMD5AndSHA1 bool
}

var (
	// ErrMalformed is the error for a value that begins like a family but is
	// not one of its hashes.
	ErrMalformed = errors.New("malformed password hash")
	// ErrUnsupported is the error for a value of no family that can be verified:
	// DES, plain text, a locked password, or something unknown.
	ErrUnsupported = errors.New("unsupported password hash")
	// ErrTooCostly is the error for a hash beyond the limits.
	ErrTooCostly = errors.New("password hash beyond the cost limit")
	// ErrWeak is the error for a weak family that is not allowed.
	ErrWeak = errors.New("weak password hash")
)

// Hash is a stored password hash that was recognised. It does not show itself
// when printed. The zero Hash matches nothing. It is safe for concurrent use.
type Hash struct {
	family Family
	cost   int
	match  func(password string) bool
}

// maxStored bounds a stored value, in bytes; real ones have up to about 120.
const maxStored = 512

// Parse recognises a stored value. Its error is ErrMalformed, ErrUnsupported,
// ErrTooCostly or ErrWeak, and never holds the value.
func Parse(stored string, limits Limits) (Hash, error) {
	if len(stored) > maxStored {
		return Hash{}, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxStored)
	}
	switch {
	case strings.HasPrefix(stored, "$2"):
		return parseBcrypt(stored, limits)
	case strings.HasPrefix(stored, "$5$"), strings.HasPrefix(stored, "$6$"):
		return parseSHACrypt(stored, limits)
	case strings.HasPrefix(stored, "$apr1$"):
		return weak(parseAPR1, stored, limits, "Apache MD5 ($apr1$)")
	case strings.HasPrefix(stored, "{SHA}"):
		return weak(parseSHA1, stored, limits, "unsalted SHA-1 ({SHA})")
	}
	return Hash{}, fmt.Errorf("%w: it is neither bcrypt, SHA-crypt, $apr1$ nor {SHA}", ErrUnsupported)
}

func weak(parse func(string) (Hash, error), stored string, limits Limits, name string) (Hash, error) {
	if !limits.AllowMD5AndSHA1 {
		return Hash{}, fmt.Errorf("%w: %s", ErrWeak, name)
	}
	return parse(stored)
}

// Match reports whether the password is the one, byte for byte. It takes as long
// as the family and cost of the hash take, whatever the password.
func (h Hash) Match(password string) bool { return h.match != nil && h.match(password) }

// Family returns the family, "" for the zero Hash.
func (h Hash) Family() Family { return h.family }

// Cost returns the family's own measure: bcrypt's exponent, SHA-crypt's rounds,
// 1000 for apr1, 1 for SHA-1.
func (h Hash) Cost() int { return h.cost }

// Dummy returns a hash of the same family and cost that matches no password, to
// be verified where there is no account: the answer then takes as long as for
// one (PWD-6).
func (h Hash) Dummy() Hash {
	match := h.match
	if match == nil {
		return Hash{}
	}
	return Hash{h.family, h.cost, func(password string) bool { match(password); return false }}
}

// String names family and cost, never the hash.
func (h Hash) String() string { return fmt.Sprintf("passhash.Hash{%s, cost %d}", h.family, h.cost) }

// GoString is String.
func (h Hash) GoString() string { return h.String() }

// LogValue is String.
func (h Hash) LogValue() slog.Value { return slog.StringValue(h.String()) }

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
