package passhash

import (
	"fmt"
	"strings"
)

// bcryptFormats are bcrypt where what is too long is cut off, as the systems
// themselves do.
var bcryptFormats = []format{
	{"$2a$", Bcrypt, parseCutBcrypt},
	{"$2b$", Bcrypt, parseCutBcrypt},
	{"$2y$", Bcrypt, parseCutBcrypt},
}

// crypt3 are the formats of libxcrypt's crypt(3), DES aside.
var crypt3 = append(append([]format{
	{"$2x$", Bcrypt, parseSignedBcrypt},
	{"$5$", SHA256Crypt, parseSHACrypt},
	{"$6$", SHA512Crypt, parseSHACrypt},
	{"$1$", MD5Crypt, parseMD5Crypt},
	{"$y$", Yescrypt, parseYescrypt},
	{"$gy$", GostYescrypt, parseGostYescrypt},
	{"$7$", Scrypt, parseScrypt7},
	{"$md5", SunMD5, parseSunMD5},
	{"$3$$", NT, parseNT},
	{"_", DES, parseBSDi},
}, bcryptFormats...), argon2Formats...)

// readCrypt reads what crypt(3) does.
func readCrypt(stored string, limits Limits) (Hash, error) {
	switch {
	case stored == "", stored[0] == '!', stored[0] == '*', stored == "x", stored == "NP":
		return Hash{}, ErrLocked
	case isDES(stored):
		return parseDES(stored, limits)
	}
	return read(crypt3, stored, limits)
}

// parseCutBcrypt lets the first 72 bytes of a password in, as nearly every other
// program does.
func parseCutBcrypt(f format, rest string, limits Limits) (Hash, error) {
	h, err := parseBcrypt(f, rest, limits)
	if err == nil && !limits.WholePassword {
		h.longest = MaxPassword
	}
	return h, err
}

// parseSignedBcrypt reads $2x$: old PHP took the bytes of a password for signed
// numbers, so that one beyond ASCII hides those before it (CVE-2011-2483).
func parseSignedBcrypt(f format, rest string, limits Limits) (Hash, error) {
	h, err := parseCutBcrypt(f, rest, limits)
	if err != nil {
		return Hash{}, err
	}
	inner := h.matches
	h.matches = func(password string) bool { return inner(signedKey(password)) }
	return h, nil
}

// signedKey returns the 72 bytes of key that the fault makes of a password and
// the NUL behind it.
func signedKey(password string) string {
	password += "\x00"
	var key strings.Builder
	for at := 0; key.Len() < bcryptLongest; {
		var word uint32
		for range 4 {
			word = word<<8 | uint32(int32(int8(password[at%len(password)])))
			at++
		}
		key.Write([]byte{byte(word >> 24), byte(word >> 16), byte(word >> 8), byte(word)})
	}
	return key.String()
}

// parseNT reads 32 hexadecimal digits of an MD4. Windows takes UTF-16;
// libxcrypt and Dovecot, whose hashes these are, put a zero behind each byte, which
// is the same for ASCII.
func parseNT(_ format, rest string, limits Limits) (Hash, error) {
	want, ok := unhex(rest)
	if !ok {
		return Hash{}, malformed("%s is 32 hexadecimal digits", NT)
	}
	h, err := fastMD4.parsed(limits, 1, want, func(password string) []byte {
		wide := make([]byte, 2*len(password))
		for i := range len(password) {
			wide[2*i] = password[i]
		}
		return fastMD4.sum(string(wide))
	})
	return h.named(NT), err
}

// plain builds the hash of a stored password.
func plain(stored string, limits Limits) (Hash, error) {
	switch {
	case stored == "":
		return Hash{}, ErrLocked
	case !limits.AllowPlainText:
		return Hash{}, fmt.Errorf("%w: plain text", ErrUnsupported)
	}
	// Sums have the same length, so that the time does not tell the password's.
	want := fastSHA256.sum(stored)
	h, err := fastSHA256.between(limits, want, "", "")
	return h.named(Plain), err
}
