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
	"io"
	"strings"
)

// ErrInvalid is the error for every text that does not open, whatever the reason.
var ErrInvalid = errors.New("sealed text does not open")

// MaxPlain is how many bytes can be sealed in one text.
const MaxPlain = 16 << 10

// A sealed text is base64url, unpadded, of: version, nonce, AES-256-GCM
// ciphertext with its tag.
const (
	version   = 1
	nonceSize = 12
	tagSize   = 16
	header    = 1 + nonceSize
)

// salt sets our keys apart from those of v4 sessions, which alone are derived
// without one (JWE-6).
var salt = []byte("ostiary sealed text")

// Box seals and opens texts for one purpose. Make one with New. It is safe for
// concurrent use.
type Box struct{ keys []cipher.AEAD }

// New derives the keys of a purpose from the secrets (HKDF-SHA-256, RFC 5869).
// The first seals, all open; a secret that is not listed any more opens nothing.
func New(secrets []string, purpose string) (*Box, error) {
	if len(secrets) == 0 || purpose == "" {
		return nil, errors.New("sealing needs a secret and a purpose")
	}
	b := new(Box)
	for i, secret := range secrets {
		if secret == "" {
			return nil, fmt.Errorf("secret %d is empty", i+1)
		}
		key, err := newKey(secret, purpose)
		if err != nil {
			return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
		}
		b.keys = append(b.keys, key)
	}
	return b, nil
}

func newKey(secret, purpose string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), salt, "Ostiary "+purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Format keeps the keys out of everything that is printed, whatever the verb.
func (Box) Format(w fmt.State, _ rune) { io.WriteString(w, "seal.Box") }

// Seal returns plain as a text of URL-safe characters. It opens only with the
// same ad, which is not part of the text: give what the state belongs to. The
// error says that plain has more than MaxPlain bytes.
func (b *Box) Seal(plain, ad []byte) (string, error) {
	out, err := b.SealBytes(plain, ad)
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(out), nil
}

// SealBytes is Seal for where bytes can be kept, which are fewer.
func (b *Box) SealBytes(plain, ad []byte) ([]byte, error) {
	if len(plain) > MaxPlain {
		return nil, fmt.Errorf("%d bytes are more than can be sealed, %d", len(plain), MaxPlain)
	}
	out := make([]byte, header, header+len(plain)+tagSize)
	out[0] = version
	rand.Read(out[1:]) // never fails; random nonces are good for 2³² texts a key
	return b.keys[0].Seal(out, out[1:], plain, ad), nil
}

var encoding = base64.RawURLEncoding.Strict()

// Open returns what was sealed. The error is ErrInvalid.
func (b *Box) Open(sealed string, ad []byte) ([]byte, error) {
	if len(sealed) > encoding.EncodedLen(header+MaxPlain+tagSize) ||
		strings.ContainsAny(sealed, "\r\n") { // which the decoder would skip
		return nil, ErrInvalid
	}
	raw, err := encoding.DecodeString(sealed)
	if err != nil {
		return nil, ErrInvalid
	}
	return b.OpenBytes(raw, ad)
}

// OpenBytes returns what SealBytes sealed. The error is ErrInvalid.
func (b *Box) OpenBytes(raw, ad []byte) ([]byte, error) {
	if len(raw) < header+tagSize || len(raw) > header+MaxPlain+tagSize || raw[0] != version {
		return nil, ErrInvalid
	}
	for _, key := range b.keys {
		if plain, err := key.Open(nil, raw[1:header], raw[header:], ad); err == nil {
			return plain, nil
		}
	}
	return nil, ErrInvalid
}
