package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

var djangoFormats = []format{
	{"pbkdf2_sha256$", PBKDF2SHA256, djangoPBKDF2(withSHA256)},
	{"pbkdf2_sha1$", PBKDF2SHA1, djangoPBKDF2(withSHA1)},
	{"argon2$", "", djangoArgon2},
	{"bcrypt_sha256$", BcryptSHA256, djangoBcryptSHA256},
	{"bcrypt$", Bcrypt, djangoBcrypt},
	{"scrypt$", Scrypt, djangoScrypt},
	{"sha1$", SHA1, djangoDigest(fastSHA1)},
	{"md5$", MD5, djangoDigest(fastMD5)},
	{"crypt$$", DES, djangoCrypt},
}

// readDjango reads a column of django.contrib.auth. A mark in front of it stands
// for no password.
func readDjango(r Record, o Options) (Hash, error) {
	switch {
	case r.Stored[0] == '!':
		return Hash{}, ErrLocked
	case isHex(r.Stored, 32):
		return fastMD5.hex(o.Limits, r.Stored, "", "")
	}
	return read(djangoFormats, r.Stored, o.Limits)
}

// djangoPBKDF2 reads rounds, salt as text, and the key in base64.
func djangoPBKDF2(f prf) func(format, string, Limits) (Hash, error) {
	return func(_ format, rest string, limits Limits) (Hash, error) {
		parts := strings.Split(rest, "$")
		if len(parts) != 3 || parts[1] == "" {
			return Hash{}, malformed("%s has rounds, salt and key", f.family)
		}
		rounds, isNumber := number(parts[0])
		want, isKey := unbase64(base64.StdEncoding, parts[2])
		if !isNumber || !isKey || len(want) != f.size {
			return Hash{}, malformed("%s has rounds, salt and key of %d bytes", f.family, f.size)
		}
		return f.parsed(limits, rounds, []byte(parts[1]), want)
	}
}

// djangoArgon2 reads a PHC string that has lost its first dollar.
func djangoArgon2(_ format, rest string, limits Limits) (Hash, error) {
	return read(argon2Formats, "$"+rest, limits)
}

func djangoBcrypt(_ format, rest string, limits Limits) (Hash, error) {
	return read(bcryptFormats, rest, limits)
}

// djangoBcryptSHA256 reads a bcrypt of the SHA-256 in small hexadecimal digits.
func djangoBcryptSHA256(f format, rest string, limits Limits) (Hash, error) {
	h, err := read(bcryptFormats, rest, limits)
	if err != nil {
		return Hash{}, err
	}
	return h.over(f.family, func(password string) string {
		return hex.EncodeToString(fastSHA256.sum(password))
	}), nil
}

// djangoScrypt reads N, salt as text, r, p, and the key in base64.
func djangoScrypt(_ format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 5 || parts[1] == "" {
		return Hash{}, malformed("scrypt has N, salt, r, p and key")
	}
	n, isN := wide(parts[0])
	r, isR := number(parts[2])
	p, isP := number(parts[3])
	want, isKey := unbase64(base64.StdEncoding, parts[4])
	if !isN || !isR || !isP || !isKey || len(want) != 64 {
		return Hash{}, malformed("scrypt has N, salt, r, p and key of 64 bytes")
	}
	return parseScrypt(limits, n, r, p, []byte(parts[1]), want)
}

// djangoDigest reads a salt, or none, and small hexadecimal digits.
func djangoDigest(f fast) func(format, string, Limits) (Hash, error) {
	return func(_ format, rest string, limits Limits) (Hash, error) {
		salt, digits, found := strings.Cut(rest, "$")
		if !found {
			return Hash{}, malformed("%s has a salt and a hash", f.family)
		}
		return f.hex(limits, digits, salt, "")
	}
}

func djangoCrypt(_ format, rest string, limits Limits) (Hash, error) {
	if !isDES(rest) {
		return Hash{}, malformed("DES has a salt of 2 letters and a hash of 11")
	}
	return parseDES(rest, limits)
}
