package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

var mediawikiFormats = []format{
	{":pbkdf2:", "", mediawikiPBKDF2},
	{":bcrypt:", Bcrypt, mediawikiBcrypt},
	{":argon2:", "", mediawikiArgon2},
	{":A:", MD5, mediawikiMD5},
	{":B:", MD5, mediawikiMD5},
	{":pbkdf2-legacyA:!", "", mediawikiLayered},
	{":pbkdf2-legacyB:!", "", mediawikiLayered},
}

func readMediaWiki(r Record, o Options) (Hash, error) {
	return read(mediawikiFormats, r.Stored, o.Limits)
}

// mediawikiPRF are the names of PHP's hash_algos.
var mediawikiPRF = map[string]prf{"sha1": withSHA1, "sha256": withSHA256, "sha512": withSHA512}

// mediawikiPBKDF2 reads function, rounds, length, salt and key.
func mediawikiPBKDF2(_ format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, ":")
	if len(parts) != 5 {
		return Hash{}, malformed("pbkdf2 has five parts")
	}
	f, known := mediawikiPRF[parts[0]]
	if !known {
		return Hash{}, fmt.Errorf("%w: pbkdf2 with a function that is not known here", ErrUnsupported)
	}
	rounds, isNumber := number(parts[1])
	size, isSize := number(parts[2])
	salt, isSalt := unbase64(base64.StdEncoding, parts[3])
	want, isKey := unbase64(base64.StdEncoding, parts[4])
	if !isNumber || !isSize || !isSalt || !isKey || int64(len(want)) != size || len(salt) == 0 {
		return Hash{}, malformed("pbkdf2 has function, rounds, length, salt and a key as long as that")
	}
	return f.parsed(limits, rounds, salt, want)
}

// mediawikiBcrypt reads the cost without a zero in front, and a dollar more.
func mediawikiBcrypt(_ format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 || len(parts[1]) != 22 {
		return Hash{}, malformed("bcrypt has cost, salt and hash")
	}
	cost, ok := number(parts[0])
	if !ok {
		return Hash{}, malformed("bcrypt's cost is no number")
	}
	return read(bcryptFormats, fmt.Sprintf("$2y$%02d$%s%s", cost, parts[1], parts[2]), limits)
}

func mediawikiArgon2(_ format, rest string, limits Limits) (Hash, error) {
	return read(argon2Formats, rest, limits)
}

// mediawikiMD5 reads a bare MD5 or, of either type, a salt and an MD5 of the
// salt, a hyphen and the MD5.
func mediawikiMD5(f format, rest string, limits Limits) (Hash, error) {
	salt, digits, salted := strings.Cut(rest, ":")
	switch {
	case salted:
		want, ok := unhex(digits)
		if !ok {
			return Hash{}, malformed("%s in hexadecimal", f.family)
		}
		return fastMD5.parsed(limits, 1, want, func(password string) []byte {
			return fastMD5.sum(mediawikiB(salt, password))
		})
	case f.prefix == ":A:":
		return fastMD5.hex(limits, rest, "", "")
	}
	return Hash{}, malformed("%s has a salt and a hash", f.family)
}

// mediawikiB is the text that the outer MD5 of type B hashes.
func mediawikiB(salt, password string) string {
	return salt + "-" + hex.EncodeToString(fastMD5.sum(password))
}

// mediawikiLayered reads a PBKDF2 over what type A or B made: its parameters, the
// salt of the first, the salt and the key of the second, between exclamation
// marks.
func mediawikiLayered(f format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, "!")
	if len(parts) != 4 {
		return Hash{}, malformed("two layers have four parts")
	}
	h, err := mediawikiPBKDF2(f, parts[0]+":"+parts[2]+":"+parts[3], limits)
	if err != nil {
		return Hash{}, err
	}
	salt := parts[1]
	return h.over(h.family, func(password string) string {
		if f.prefix == ":pbkdf2-legacyA:!" {
			return hex.EncodeToString(fastMD5.sum(password))
		}
		return hex.EncodeToString(fastMD5.sum(mediawikiB(salt, password)))
	}), nil
}
