package session

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
)

// b64 encodes (RFC 7515, section 2). Decoding is done by decode.
var b64 = base64.RawURLEncoding

// derive returns the key of a secret (contract, section 8).
func (f Format) derive(secret, salt string, size int) ([]byte, error) {
	info := "NextAuth.js Generated Encryption Key"
	if f == AuthJSV5 {
		info = "Auth.js Generated Encryption Key"
	}
	if f == AuthJSV5 || salt != "" {
		info += " (" + salt + ")"
	}
	return hkdf.Key(sha256.New, []byte(secret), []byte(salt), info, size)
}

// thumbprint returns the JWK thumbprint of a symmetric key (RFC 7638) under
// the hash that Auth.js takes for its size.
func thumbprint(key []byte) string {
	jwk := `{"k":"` + b64.EncodeToString(key) + `","kty":"oct"}`
	var h hash.Hash
	if len(key) == 64 {
		h = sha512.New()
	} else {
		h = sha256.New()
	}
	h.Write([]byte(jwk))
	return b64.EncodeToString(h.Sum(nil))
}

// box seals and opens with one key. Boxes are safe for concurrent use.
type box interface {
	// wrote reports whether the encoded header is the one that the box writes.
	wrote(header string) bool
	// kid is the thumbprint of the key.
	kid() string
	// open returns what was sealed. The parts are encoded; head is the header
	// as received, and proven to be that by the tag.
	open(head, iv, ciphertext, tag string) (plain string, ok bool)
	// seal appends the compact form of plain to dst.
	seal(dst, plain []byte) []byte
}

// heading is the protected header that a box writes, encoded. The kid in it is
// compared in constant time (JWE-4), what comes before in any.
type heading struct {
	all   string
	fixed int // characters before the kid
}

// newHeading encodes the header that is before with kid, and the end of JSON.
func newHeading(before, kid string) heading {
	return heading{b64.EncodeToString([]byte(before + kid + `"}`)), b64.EncodedLen(len(before) / 3 * 3)}
}

func (h heading) wrote(header string) bool {
	return len(header) == len(h.all) && header[:h.fixed] == h.all[:h.fixed] &&
		subtle.ConstantTimeCompare([]byte(header[h.fixed:]), []byte(h.all[h.fixed:])) == 1
}
