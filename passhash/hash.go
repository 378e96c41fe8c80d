package passhash

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// MaxPassword is the length in bytes up to which a password can match any hash.
// The work of SHA-crypt grows with the square of it.
const MaxPassword = 1024

// Hash is a stored password hash that was recognised. It does not show itself
// when printed. The zero Hash matches nothing. It is safe for concurrent use.
type Hash struct {
	family Family
	cost   Cost
	// longest is the length in bytes from which on the family would cut a
	// password off.
	longest int
	// matches does the work. It is a function also because fmt prints what it
	// finds in an unexported field, but of a function never more than an address.
	matches func(password string) bool
}

// Cost is what one Match takes, estimated from the parameters of the hash.
type Cost struct {
	// Factor is the family's own measure: bcrypt's exponent, the N of scrypt and
	// yescrypt, the passes of Argon2, the rounds of all others, 1 for a plain sum.
	Factor int
	// Time is about what one core of a small server needs, right within a
	// factor of three.
	Time time.Duration
	// Memory is what it holds at its peak, in bytes.
	Memory int64
}

// Match reports whether the password is the one, byte for byte. It takes as long
// as family and cost take, whatever the password. One that the family would cut
// off, for its length or at a NUL, is not the one: two passwords would open the
// account (PWD-3, CVE-2025-22228).
func (h Hash) Match(password string) bool {
	if h.matches == nil {
		return false
	}
	whole := len(password) <= h.longest && strings.IndexByte(password, 0) < 0
	return h.matches(password[:min(len(password), h.longest)]) && whole
}

// Family returns the family, "" for the zero Hash.
func (h Hash) Family() Family { return h.family }

// Cost returns what one Match takes, zeros for the zero Hash.
func (h Hash) Cost() Cost { return h.cost }

// Dummy returns a hash of the same family and cost that matches no password, to
// be verified where there is no account: the answer then takes as long as for
// one (PWD-6).
func (h Hash) Dummy() Hash {
	if matches := h.matches; matches != nil {
		h.matches = func(password string) bool {
			matches(password)
			return false
		}
	}
	return h
}

// String names family and cost, never the hash.
func (h Hash) String() string {
	return fmt.Sprintf("passhash.Hash{%s, cost %d}", h.family, h.cost.Factor)
}

// GoString is String.
func (h Hash) GoString() string { return h.String() }

// LogValue is String.
func (h Hash) LogValue() slog.Value { return slog.StringValue(h.String()) }

// equal compares in a time that depends on the lengths alone.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
