package totp

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Secret is what the app and we share. It does not show itself when printed,
// logged or encoded; Text writes it out. The zero Secret makes no codes.
type Secret struct {
	// Behind a function: fmt prints what it finds in an unexported field of
	// another structure, but of a function never more than an address.
	open func() []byte
}

// Bounds of a secret in bytes. New ones are as long as the hash (RFC 6238,
// section 5.1, and OTP-5); older systems have issued them as short as 80 bits,
// and those can be taken over.
const (
	shortest = 10
	longest  = 128
)

var errSecret = fmt.Errorf("a secret has %d to %d bytes", shortest, longest)

// NewSecret returns a random secret that is as long as the output of the hash.
func NewSecret(a Algorithm) Secret {
	size := 20
	if n := a.size(); n > 0 {
		size = n
	}
	b := make([]byte, size)
	rand.Read(b) // crypto/rand never fails
	return Secret{func() []byte { return b }}
}

// SecretFromBytes takes a secret over from another system.
func SecretFromBytes(b []byte) (Secret, error) {
	if len(b) < shortest || len(b) > longest {
		return Secret{}, errSecret
	}
	b = slices.Clone(b)
	return Secret{func() []byte { return b }}, nil
}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// ParseSecret reads a secret as people type it and as otpauth addresses have it:
// base32 (RFC 4648, section 6) in either letter case, with blanks, hyphens and
// padding where they like. The error never holds the text.
func ParseSecret(text string) (Secret, error) {
	if len(text) > 4*longest {
		return Secret{}, errSecret
	}
	text = strings.TrimRight(strings.NewReplacer(" ", "", "-", "").Replace(text), "=")
	b, err := encoding.DecodeString(strings.ToUpper(text))
	if err != nil {
		return Secret{}, errors.New("a secret is base32: the letters A to Z and the digits 2 to 7")
	}
	return SecretFromBytes(b)
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.open == nil }

// Bytes returns a copy of the secret, to be sealed and stored.
func (s Secret) Bytes() []byte { return slices.Clone(s.bytes()) }

func (s Secret) bytes() []byte {
	if s.open == nil {
		return nil
	}
	return s.open()
}

// Text returns the secret in base32, in groups of four, for whoever types it into
// an app by hand. It is for that person's eyes, once.
func (s Secret) Text() string {
	text := encoding.EncodeToString(s.bytes())
	var groups []string
	for chunk := range slices.Chunk([]byte(text), 4) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, " ")
}

const mask = "***"

// String returns ***.
func (Secret) String() string { return mask }

// GoString returns the type and ***.
func (Secret) GoString() string { return "totp.Secret(" + mask + ")" }

// Format prints *** for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// LogValue returns ***.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText returns ***, also for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
