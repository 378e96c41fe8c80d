// Package csrf tells requests of our own pages from forged ones, in two ways
// that both have to hold: the double-submit pair of Auth.js (contract, section
// 6), and what the browser itself says about where a request comes from.
//
// The pair alone is not enough: anybody can fetch one and, from a sibling host,
// plant it in a victim's browser. The headers alone are not enough: old browsers
// and programs don't send them.
package csrf

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Guard issues and verifies pairs with one secret. It is safe for concurrent use.
type Guard struct{ secret []byte }

// New returns the guard of a secret. For Auth.js v5 that is the whole list of
// secrets, joined with commas.
func New(secret string) *Guard { return &Guard{secret: []byte(secret)} }

// String keeps the secret from being printed.
func (g *Guard) String() string { return "csrf.Guard" }

// GoString keeps the secret from being printed.
func (g *Guard) GoString() string { return g.String() }

const tokenLength = 64 // 32 random bytes in hex

// Issue returns a new token and the cookie value that goes with it.
func (g *Guard) Issue() (token, cookie string) {
	var random [tokenLength / 2]byte
	rand.Read(random[:]) // never fails
	token = hex.EncodeToString(random[:])
	return token, token + "|" + g.hash(token)
}

// Verify returns the token of a cookie value, percent-decoded, and whether the
// cookie was made with this secret. What follows a second bar is ignored.
func (g *Guard) Verify(cookie string) (token string, ok bool) {
	token, rest, found := strings.Cut(cookie, "|")
	if !found || len(token) == 0 || len(token) > 2*tokenLength {
		return "", false
	}
	hash, _, _ := strings.Cut(rest, "|")
	if subtle.ConstantTimeCompare([]byte(hash), []byte(g.hash(token))) != 1 {
		return "", false
	}
	return token, true
}

// Match compares the token of the cookie with the submitted one, in constant time.
func Match(token, submitted string) bool {
	return token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(submitted)) == 1
}

func (g *Guard) hash(token string) string {
	h := sha256.New()
	h.Write([]byte(token))
	h.Write(g.secret)
	return hex.EncodeToString(h.Sum(nil))
}
