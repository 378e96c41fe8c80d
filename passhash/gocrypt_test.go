package passhash_test

import (
	"testing"

	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
	"github.com/go-crypt/crypt/algorithm/pbkdf2"
	"github.com/go-crypt/crypt/algorithm/scrypt"

	"github.com/ostiary/ostiary/passhash"
)

// TestGoCrypt has what go-crypt writes: the formats of passlib, which the vectors
// have none of, and Argon2d.
func TestGoCrypt(t *testing.T) {
	for _, row := range []struct {
		family passhash.Family
		hasher func() (algorithm.Hash, error)
	}{
		{passhash.PBKDF2SHA1, func() (algorithm.Hash, error) {
			return pbkdf2.New(pbkdf2.WithVariant(pbkdf2.VariantSHA1), pbkdf2.WithIterations(100000))
		}},
		{passhash.PBKDF2SHA256, func() (algorithm.Hash, error) {
			return pbkdf2.New(pbkdf2.WithVariant(pbkdf2.VariantSHA256), pbkdf2.WithIterations(100000))
		}},
		{passhash.PBKDF2SHA512, func() (algorithm.Hash, error) {
			return pbkdf2.New(pbkdf2.WithVariant(pbkdf2.VariantSHA512), pbkdf2.WithIterations(100000))
		}},
		{passhash.Scrypt, func() (algorithm.Hash, error) {
			return scrypt.New(scrypt.WithVariant(scrypt.VariantScrypt), scrypt.WithLN(10), scrypt.WithR(4), scrypt.WithP(2))
		}},
		{passhash.Yescrypt, func() (algorithm.Hash, error) {
			return scrypt.New(scrypt.WithVariant(scrypt.VariantYescrypt), scrypt.WithLN(10), scrypt.WithR(4), scrypt.WithP(1))
		}},
		{passhash.Argon2d, func() (algorithm.Hash, error) {
			return argon2.New(argon2.WithVariant(argon2.VariantD), argon2.WithT(2), argon2.WithM(100), argon2.WithP(2))
		}},
	} {
		hasher, err := row.hasher()
		if err != nil {
			t.Fatalf("%s: %v", row.family, err)
		}
		digest, err := hasher.Hash("open sesame")
		if err != nil {
			t.Fatalf("%s: %v", row.family, err)
		}
		h, err := passhash.System{}.Parse(passhash.Record{Stored: digest.Encode()}, passhash.Options{})
		if err != nil || h.Family() != row.family || !h.Match("open sesame") || h.Match("open sesam") {
			t.Errorf("%s: %s: got %v, %v", row.family, digest.Encode(), h, err)
		}
	}
}
