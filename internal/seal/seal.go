// Package seal turns small states of the server into opaque texts that a browser
// can keep: nobody else can read or change them. Each purpose has keys of its
// own, so that a text made for one is nothing anywhere else (JWE-6), and none of
// them is a key of session tokens.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrInvalid is the error for every text that does not open, whatever the reason.
var ErrInvalid = errors.New("sealed text does not open")

const (
	version   = 1
	nonceSize = 12
	tagSize   = 16
	maxPlain  = 16 << 10
)

// Box seals and opens texts for one purpose. It is safe for concurrent use and
// holds ciphers only.
type Box struct{ keys []cipher.AEAD }

// New derives the keys of a purpose from the secrets (HKDF-SHA-256, RFC 5869).
// The first seals, all open.
func New(secrets []string, purpose string) (*Box, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no secret")
	}
	b := new(Box)
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, "Ostiary "+purpose, 32)
		if err != nil {
			return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		b.keys = append(b.keys, aead)
	}
	return b, nil
}

// String keeps the keys from being printed.
func (b *Box) String() string { return "seal.Box" }

// GoString keeps the keys from being printed.
func (b *Box) GoString() string { return b.String() }

// Seal returns plain as a text of URL-safe characters that opens only with the
// same ad. At most 16 KiB are sealed.
func (b *Box) Seal(plain, ad []byte) (string, error) {
	if len(plain) > maxPlain {
		return "", fmt.Errorf("%d bytes are more than can be sealed, %d", len(plain), maxPlain)
	}
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(plain)+tagSize)
	out[0] = version
	rand.Read(out[1:]) // never fails
	out = b.keys[0].Seal(out, out[1:], plain, ad)
	return base64.RawURLEncoding.EncodeToString(out), nil
}

var encoding = base64.RawURLEncoding.Strict()

// Open returns what was sealed, or ErrInvalid.
func (b *Box) Open(sealed string, ad []byte) ([]byte, error) {
	if len(sealed) > encoding.EncodedLen(1+nonceSize+maxPlain+tagSize) {
		return nil, ErrInvalid
	}
	raw, err := encoding.DecodeString(sealed)
	if err != nil || len(raw) < 1+nonceSize+tagSize || raw[0] != version {
		return nil, ErrInvalid
	}
	for _, key := range b.keys {
		if plain, err := key.Open(nil, raw[1:1+nonceSize], raw[1+nonceSize:], ad); err == nil {
			return plain, nil
		}
	}
	return nil, ErrInvalid
}
