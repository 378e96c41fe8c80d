package passhash

import (
	"math/bits"
	"strings"
	"time"

	"golang.org/x/crypto/scrypt"
)

const scryptOnce = 370 * time.Nanosecond // of one of the N·r·p steps

// parseScrypt builds the hash of a scrypt (RFC 7914).
func parseScrypt(limits Limits, n, r, p int64, salt, want []byte) (Hash, error) {
	if n < 2 || bits.OnesCount64(uint64(n)) != 1 || r < 1 || p < 1 {
		return Hash{}, malformed("scrypt with an N that is no power of two, or no r or p")
	}
	if len(want) < leastKey || len(want) > mostKey || len(salt) > mostSalt {
		return Hash{}, malformed("scrypt with a salt or key of an odd length")
	}
	cost := Cost{
		Factor: int(n),
		Time:   lasting(scryptOnce, n, r, p),
		Memory: times(128, r, n+p+2),
	}
	return limits.admit(Scrypt, cost, func(password string) bool {
		got, err := scrypt.Key([]byte(password), salt, int(n), int(r), int(p), len(want))
		return err == nil && equal(got, want)
	})
}

// parseScryptPHC reads ln=N,r=R,p=P, salt and key, as passlib writes them.
func parseScryptPHC(_ format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return Hash{}, malformed("scrypt has parameters, salt and key")
	}
	params, ok := parameters(parts[0], "ln", "r", "p")
	salt, isSalt := unbase64(raw, parts[1])
	want, isKey := unbase64(raw, parts[2])
	if !ok || !isSalt || !isKey {
		return Hash{}, malformed("scrypt has ln=…,r=…,p=…, salt and key")
	}
	if params[0] > 62 {
		return Hash{}, malformed("scrypt with an N beyond 2^62")
	}
	return parseScrypt(limits, 1<<params[0], params[1], params[2], salt, want)
}

// parseScrypt7 reads $7$ of crypt(3): one letter of N, five each of r and p, the
// salt as text, and 43 letters of key.
func parseScrypt7(_ format, rest string, limits Limits) (Hash, error) {
	head, hash, found := strings.Cut(rest, "$")
	if !found || len(head) < 11 || !inCrypt(head[:11]) || !isDigest(hash, 43, 16) {
		return Hash{}, malformed("$7$ has parameters, salt and 43 letters of hash")
	}
	n, _ := uncrypt64(head[:1])
	r, _ := uncrypt64(head[1:6])
	p, _ := uncrypt64(head[6:11])
	if n > 62 || strings.ContainsFunc(head[11:], notInSalt) {
		return Hash{}, malformed("$7$ has parameters, salt and 43 letters of hash")
	}
	salt, want := []byte(head[11:]), []byte(hash)
	h, err := parseScrypt(limits, 1<<n, r, p, salt, make([]byte, 32))
	if err != nil {
		return Hash{}, err
	}
	h.matches = func(password string) bool {
		got, err := scrypt.Key([]byte(password), salt, 1<<n, int(r), int(p), 32)
		return err == nil && equal([]byte(crypt64(got)), want)
	}
	return h, nil
}

// parameters reads name=number of each of the names, in that order, between
// commas.
func parameters(s string, names ...string) ([]int64, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != len(names) {
		return nil, false
	}
	values := make([]int64, len(names))
	for i, name := range names {
		text, found := strings.CutPrefix(parts[i], name+"=")
		value, ok := number(text)
		if !found || !ok {
			return nil, false
		}
		values[i] = value
	}
	return values, true
}
