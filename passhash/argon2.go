package passhash

import (
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

const (
	argon2Once  = 1000 * time.Nanosecond // of one pass over one KiB
	argon2Lanes = 64                     // at most
)

// argon2Spec are the parameters of an Argon2 (RFC 9106, section 3.1).
type argon2Spec struct {
	family                Family
	version               int64 // 0x10 or 0x13
	memory, passes, lanes int64 // memory in KiB
	salt, key             []byte
}

// parsed builds the hash.
func (a argon2Spec) parsed(limits Limits) (Hash, error) {
	switch {
	case a.version != 0x10 && a.version != 0x13:
		return Hash{}, malformed("%s of an unknown version", a.family)
	case a.passes < 1, a.lanes < 1, a.memory < 8*a.lanes:
		return Hash{}, malformed("%s without memory, passes or lanes", a.family)
	case a.lanes > argon2Lanes, len(a.key) < leastKey, len(a.key) > mostKey, len(a.salt) < 8, len(a.salt) > mostSalt:
		return Hash{}, malformed("%s with lanes, salt or key of an odd size", a.family)
	}
	cost := Cost{
		Factor: int(a.passes),
		Time:   lasting(argon2Once, a.memory, a.passes),
		Memory: times(1024, a.memory),
	}
	return limits.admit(a.family, cost, func(password string) bool { return equal(a.sum(password), a.key) })
}

// sum computes the key of a password. The vetted code has neither the old
// version nor the variant d.
func (a argon2Spec) sum(password string) []byte {
	passes, memory, length := uint32(a.passes), uint32(a.memory), uint32(len(a.key))
	switch {
	case a.version == 0x13 && a.family == Argon2id:
		return argon2.IDKey([]byte(password), a.salt, passes, memory, uint8(a.lanes), length)
	case a.version == 0x13 && a.family == Argon2i:
		return argon2.Key([]byte(password), a.salt, passes, memory, uint8(a.lanes), length)
	}
	return oldArgon2(a, []byte(password))
}

// argon2Formats are the PHC strings of Argon2.
var argon2Formats = []format{
	{"$argon2id$", Argon2id, parseArgon2},
	{"$argon2i$", Argon2i, parseArgon2},
	{"$argon2d$", Argon2d, parseArgon2},
}

// parseArgon2 reads an optional v=VERSION$, then m=KIB,t=PASSES,p=LANES$, salt, $
// and key. Without a version it is 0x10.
func parseArgon2(f format, rest string, limits Limits) (Hash, error) {
	a := argon2Spec{family: f.family, version: 0x10}
	parts := strings.Split(rest, "$")
	if version, ok := parameters(parts[0], "v"); ok {
		a.version, parts = version[0], parts[1:]
	}
	if len(parts) != 3 {
		return Hash{}, malformed("%s has parameters, salt and key", f.family)
	}
	params, ok := parameters(parts[0], "m", "t", "p")
	salt, isSalt := unbase64(raw, parts[1])
	key, isKey := unbase64(raw, parts[2])
	if !ok || !isSalt || !isKey {
		return Hash{}, malformed("%s has m=…,t=…,p=…, salt and key", f.family)
	}
	a.memory, a.passes, a.lanes, a.salt, a.key = params[0], params[1], params[2], salt, key
	return a.parsed(limits)
}
