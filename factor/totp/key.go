package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"
)

// Algorithm is the hash below the code (RFC 6238, section 1.2). Apps that know
// only SHA-1 are many; it is as good as the others here.
type Algorithm string

// The algorithms. Empty means SHA1.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

func (a Algorithm) hash() func() hash.Hash {
	switch a {
	case "", SHA1:
		return sha1.New
	case SHA256:
		return sha256.New
	case SHA512:
		return sha512.New
	}
	return nil
}

// size is the length of the hash in bytes, 0 for an unknown one.
func (a Algorithm) size() int {
	h := a.hash()
	if h == nil {
		return 0
	}
	return h().Size()
}

// Key is a secret with what its codes are made by. It is safe for concurrent use.
type Key struct {
	Secret Secret
	// Algorithm is the hash. Empty means SHA1.
	Algorithm Algorithm
	// Digits is how long a code is, 6 to 8. Zero means 6.
	Digits int
	// Period is how long a code of the time is good, in whole seconds from 15 to
	// 120. Zero means 30 seconds. Codes by counter have none.
	Period time.Duration
}

// Check returns what is wrong with the key, every fault joined.
func (k Key) Check() error {
	var faults []error
	if n := len(k.Secret.bytes()); n < shortest || n > longest {
		faults = append(faults, fmt.Errorf("Secret: %w", errSecret))
	}
	if k.Algorithm.hash() == nil {
		faults = append(faults, fmt.Errorf("Algorithm: %q is none of SHA1, SHA256 and SHA512", k.Algorithm))
	}
	if k.Digits != 0 && (k.Digits < 6 || k.Digits > 8) {
		faults = append(faults, fmt.Errorf("Digits: %d is not from 6 to 8", k.Digits))
	}
	if k.Period != 0 && (k.Period < 15*time.Second || k.Period > 2*time.Minute || k.Period%time.Second != 0) {
		faults = append(faults, errors.New("Period: it must be whole seconds from 15 to 120"))
	}
	return errors.Join(faults...)
}

func (k Key) digits() int {
	if k.Digits == 0 {
		return 6
	}
	return k.Digits
}

func (k Key) period() int64 {
	if k.Period == 0 {
		return 30
	}
	return int64(k.Period / time.Second)
}

// step is the time step of a moment (RFC 6238, section 4.2). It needs 64 bits
// (OTP-6).
func (k Key) step(at time.Time) int64 { return floorDiv(at.Unix(), k.period()) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Code returns the code of a counter, or of a time step (RFC 4226, section 5.3).
// It is empty for a key that does not pass Check.
func (k Key) Code(counter int64) string {
	if k.Check() != nil {
		return ""
	}
	return k.code(counter)
}

func (k Key) code(counter int64) string {
	mac := hmac.New(k.Algorithm.hash(), k.Secret.bytes())
	var moving [8]byte
	binary.BigEndian.PutUint64(moving[:], uint64(counter))
	mac.Write(moving[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	modulus := uint32(1)
	for range k.digits() {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", k.digits(), n%modulus)
}

// At returns the code of a moment.
func (k Key) At(at time.Time) string { return k.Code(k.step(at)) }
