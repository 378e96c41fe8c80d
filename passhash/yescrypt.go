package passhash

import (
	"strings"
	"time"

	"github.com/go-crypt/crypt/algorithm/scrypt"
)

const yescryptOnce = 340 * time.Nanosecond // of one of the N·r steps

// yescrypt is what the text of a hash says: j, N and r as one letter each, a
// salt of up to 64 bytes, and 43 letters of key
// (https://www.openwall.com/yescrypt).
type yescrypt struct {
	n, r int64
	salt []byte
	key  string
}

func cutYescrypt(rest string) (y yescrypt, ok bool) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 || len(parts[0]) != 3 || parts[0][0] != 'j' || len(parts[1]) > 86 || !isDigest(parts[2], 43, 16) {
		return y, false
	}
	n, isN := uncrypt64(parts[0][1:2])
	r, isR := uncrypt64(parts[0][2:])
	y.salt, ok = saltOfCrypt(parts[1])
	if !isN || !isR || !ok || n > 61 {
		return y, false
	}
	y.n, y.r, y.key = 1<<(n+1), r+1, parts[2]
	return y, true
}

// saltOfCrypt reads the bytes of crypt64.
func saltOfCrypt(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i += 4 {
		group := s[i:min(i+4, len(s))]
		value, ok := uncrypt64(group)
		if !ok {
			return nil, false
		}
		for range len(group) * 6 / 8 {
			out = append(out, byte(value))
			value >>= 8
		}
	}
	return out, crypt64(out) == s
}

// sum returns the 32 bytes of key of the password, nil for a fault.
func (y yescrypt) sum(password string) []byte {
	key, err := scrypt.VariantYescrypt.KeyFunc()([]byte(password), y.salt, int(y.n), int(y.r), 1, 32)
	if err != nil {
		return nil
	}
	return key
}

func (y yescrypt) cost() Cost {
	return Cost{int(y.n), lasting(yescryptOnce, y.n, y.r), times(128, y.r, y.n+3)}
}

// parseYescrypt reads $y$.
func parseYescrypt(f format, rest string, limits Limits) (Hash, error) {
	y, ok := cutYescrypt(rest)
	if !ok {
		return Hash{}, malformed("%s has three letters of parameters, salt and 43 letters of hash", f.family)
	}
	want := []byte(y.key)
	return limits.admit(f.family, y.cost(), func(password string) bool {
		return equal([]byte(crypt64(y.sum(password))), want)
	})
}

// parseGostYescrypt reads $gy$: an HMAC of Streebog around a yescrypt. The inner
// HMAC covers the text up to the salt.
func parseGostYescrypt(f format, rest string, limits Limits) (Hash, error) {
	y, ok := cutYescrypt(rest)
	if !ok {
		return Hash{}, malformed("%s has three letters of parameters, salt and 43 letters of hash", f.family)
	}
	setting := []byte(f.prefix + rest[:len(rest)-len(y.key)-1])
	want := []byte(y.key)
	return limits.admit(f.family, y.cost(), func(password string) bool {
		typed := streebog256([]byte(password))
		key := hmacStreebog(hmacStreebog(typed[:], setting), y.sum(password))
		return equal([]byte(crypt64(key)), want)
	})
}
