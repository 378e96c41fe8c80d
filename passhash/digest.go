package passhash

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"time"

	//lint:ignore SA1019 NT hashes and Spring's {MD4} are MD4, and off by default
	"golang.org/x/crypto/md4"
)

// fast is a function that hashes a password once, or a few times.
type fast struct {
	family Family
	hash   func() hash.Hash
	size   int // bytes
}

var (
	fastMD4    = fast{MD4, md4.New, md4.Size}
	fastMD5    = fast{MD5, md5.New, md5.Size}
	fastSHA1   = fast{SHA1, sha1.New, sha1.Size}
	fastSHA256 = fast{SHA256, sha256.New, sha256.Size}
	fastSHA384 = fast{SHA384, sha512.New384, sha512.Size384}
	fastSHA512 = fast{SHA512, sha512.New, sha512.Size}
)

// sum hashes the texts, one behind the other.
func (f fast) sum(texts ...string) []byte {
	h := f.hash()
	for _, text := range texts {
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}

// parsed builds the hash of what sum makes of a password in that many rounds.
func (f fast) parsed(limits Limits, rounds int64, want []byte, sum func(password string) []byte) (Hash, error) {
	if len(want) != f.size {
		return Hash{}, malformed("%s has %d bytes", f.family, f.size)
	}
	cost := Cost{int(rounds), lasting(300*time.Nanosecond, rounds), 512}
	return limits.admit(f.family, cost, func(password string) bool { return equal(sum(password), want) })
}

// between builds the hash of one round over two texts around the password.
func (f fast) between(limits Limits, want []byte, before, after string) (Hash, error) {
	return f.parsed(limits, 1, want, func(password string) []byte { return f.sum(before, password, after) })
}

// hex builds the hash of small hexadecimal digits, in the same way.
func (f fast) hex(limits Limits, digits, before, after string) (Hash, error) {
	want, ok := unhex(digits)
	if !ok {
		return Hash{}, malformed("%s in hexadecimal", f.family)
	}
	return f.between(limits, want, before, after)
}

// isHex reports whether s has n small hexadecimal digits.
func isHex(s string, n int) bool {
	_, ok := unhex(s)
	return ok && len(s) == n
}
