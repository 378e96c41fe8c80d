package session

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
)

// b64 is the encoding of RFC 7515, section 2, without slack: a last character
// with stray bits is refused.
var b64 = base64.RawURLEncoding.Strict()

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
	// header is the protected header that the box writes, encoded.
	header() string
	// kid is the thumbprint of the key.
	kid() string
	// open returns what was sealed. The parts are encoded; head is the header
	// as received, and proven to be that by the tag.
	open(head, iv, ciphertext, tag string) (plain string, ok bool)
	// seal appends the compact form of plain to dst.
	seal(dst, plain []byte) []byte
}

// decode decodes all of s into dst, and fails when it does not fill dst.
func decode(dst []byte, s string) bool {
	if len(s) != b64.EncodedLen(len(dst)) {
		return false
	}
	n, err := b64.Decode(dst, []byte(s))
	return err == nil && n == len(dst) // the decoder passes over line breaks: then n is short
}

// size returns how many bytes s decodes to, and whether it can have been
// written by an encoder.
func size(s string) (int, bool) { return b64.DecodedLen(len(s)), len(s)%4 != 1 }
