// Package csrf tells requests of our own pages from forged ones, in two ways
// that both have to hold: the double-submit pair of Auth.js (Guard, Match), and
// what the browser itself says about where a request comes from (SameOrigin).
//
// The pair alone is not enough: anybody can fetch one and, from a sibling host,
// plant it in a victim's browser (CSR-4). The headers alone are not enough: old
// browsers and programs don't send them.
package csrf

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Guard issues and verifies pairs with one secret (contract, section 6). Make
// one with New. It is safe for concurrent use.
type Guard struct{ secret string }

// New returns the guard of a secret. For Auth.js v5 that is the whole list of
// secrets, joined with commas.
func New(secret string) *Guard { return &Guard{secret: secret} }

// Format keeps the secret out of everything that is printed, whatever the verb.
func (Guard) Format(w fmt.State, _ rune) { io.WriteString(w, "csrf.Guard") }

const tokenLength = 64 // 32 random bytes in hex

// Issue returns a new token and the cookie value that goes with it, not yet
// percent-encoded.
func (g *Guard) Issue() (token, cookie string) {
	var random [tokenLength / 2]byte
	rand.Read(random[:]) // never fails
	token = hex.EncodeToString(random[:])
	hash := g.hash(token)
	return token, token + "|" + string(hash[:])
}

// Verify returns the token of a cookie value, percent-decoded, and whether the
// cookie was made with this secret. What follows a second bar is ignored, as
// Auth.js does. A token of any other form than Issue's is refused: the hash has
// no mark between token and secret, so only a fixed length keeps the two apart.
func (g *Guard) Verify(cookie string) (token string, ok bool) {
	token, rest, _ := strings.Cut(cookie, "|")
	if !wellFormed(token) {
		return "", false
	}
	hash, _, _ := strings.Cut(rest, "|")
	want := g.hash(token)
	if subtle.ConstantTimeCompare([]byte(hash), want[:]) != 1 {
		return "", false
	}
	return token, true
}

// Match reports whether the submitted token is that of the cookie, in constant
// time. The empty token matches nothing.
func Match(token, submitted string) bool {
	return token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(submitted)) == 1
}

func wellFormed(token string) bool {
	for i := range len(token) {
		if c := token[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(token) == tokenLength
}

func (g *Guard) hash(token string) (text [2 * sha256.Size]byte) {
	var room [256]byte // most secrets fit; then nothing is allocated
	sum := sha256.Sum256(append(append(room[:0], token...), g.secret...))
	hex.Encode(text[:], sum[:])
	return text
}
