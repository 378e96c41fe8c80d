package passhash

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// readSpring reads {id} and a value. A bare bcrypt is what applications wrote
// before Spring Security 5.
func readSpring(r Record, o Options) (Hash, error) {
	if strings.HasPrefix(r.Stored, "$2") {
		return read(bcryptFormats, r.Stored, o.Limits)
	}
	text, begins := strings.CutPrefix(r.Stored, "{")
	id, rest, found := strings.Cut(text, "}")
	if !begins || !found {
		return Hash{}, malformed("no {id} in front")
	}
	parse, known := springIDs[id]
	if !known {
		return Hash{}, fmt.Errorf("%w: an {id} that is not known here", ErrUnsupported)
	}
	return parse(rest, o)
}

type springID func(rest string, o Options) (Hash, error)

var springIDs = map[string]springID{
	"bcrypt": func(rest string, o Options) (Hash, error) { return read(bcryptFormats, rest, o.Limits) },
	"argon2": func(rest string, o Options) (Hash, error) { return read(argon2Formats, rest, o.Limits) },
	"argon2@SpringSecurity_v5_8": func(rest string, o Options) (Hash, error) {
		return read(argon2Formats, rest, o.Limits)
	},
	"scrypt":                     springScrypt,
	"scrypt@SpringSecurity_v5_8": springScrypt,
	"pbkdf2":                     springPBKDF2(withSHA1, 185000, 8),
	"pbkdf2@SpringSecurity_v5_8": springPBKDF2(withSHA256, 310000, 16),
	"sha256":                     springSHA256,
	"MD4":                        springDigest(fastMD4),
	"MD5":                        springDigest(fastMD5),
	"SHA-1":                      springDigest(fastSHA1),
	"SHA-256":                    springDigest(fastSHA256),
	"noop":                       func(rest string, o Options) (Hash, error) { return plain(rest, o.Limits) },
	"ldap":                       springLDAP,
}

// springPBKDF2 reads a salt and a key of 32 bytes in hexadecimal. The rest is not
// in the value. The pepper, Spring's secret, goes behind the salt.
func springPBKDF2(f prf, rounds int64, saltSize int) springID {
	return func(rest string, o Options) (Hash, error) {
		all, ok := unhex(rest)
		if !ok || len(all) != saltSize+32 {
			return Hash{}, malformed("%s has %d bytes in hexadecimal", f.family, saltSize+32)
		}
		salt := append(all[:saltSize:saltSize], o.Pepper...)
		return f.parsed(o.Limits, rounds, salt, all[saltSize:])
	}
}

// springScrypt reads log2 of N, r and p as one hexadecimal number of 8 bits each
// for r and p, then salt and key.
func springScrypt(rest string, o Options) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 4 || parts[0] != "" {
		return Hash{}, malformed("scrypt has parameters, salt and key")
	}
	params, err := strconv.ParseUint(parts[1], 16, 22)
	salt, isSalt := unbase64(base64.StdEncoding, parts[2])
	want, isKey := unbase64(base64.StdEncoding, parts[3])
	if err != nil || strconv.FormatUint(params, 16) != parts[1] || !isSalt || !isKey {
		return Hash{}, malformed("scrypt has parameters, salt and key")
	}
	if params>>16 > 62 {
		return Hash{}, fmt.Errorf("%w: scrypt of N beyond 2^62", ErrTooCostly)
	}
	return parseScrypt(o.Limits, 1<<(params>>16), int64(params>>8&255), int64(params&255), salt, want)
}

// springSHA256 reads a salt of 8 bytes and a SHA-256 that was done 1024 times.
func springSHA256(rest string, o Options) (Hash, error) {
	const rounds, saltSize = 1024, 8
	all, ok := unhex(rest)
	if !ok || len(all) != saltSize+fastSHA256.size {
		return Hash{}, malformed("sha256 has %d bytes in hexadecimal", saltSize+fastSHA256.size)
	}
	before := string(all[:saltSize]) + string(o.Pepper)
	return fastSHA256.parsed(o.Limits, rounds, all[saltSize:], func(password string) []byte {
		sum := fastSHA256.sum(before, password)
		for range rounds - 1 {
			sum = fastSHA256.sum(string(sum))
		}
		return sum
	})
}

// springDigest reads an optional salt, braces and all part of it, and a hash of
// password and salt in hexadecimal.
func springDigest(f fast) springID {
	return func(rest string, o Options) (Hash, error) {
		salt := ""
		if end := strings.IndexByte(rest, '}'); strings.HasPrefix(rest, "{") && end > 0 {
			salt, rest = rest[:end+1], rest[end+1:]
		}
		return f.hex(o.Limits, rest, "", salt)
	}
}

// springLDAP reads {SSHA} and {SHA}.
func springLDAP(rest string, o Options) (Hash, error) {
	name, _, ok := cutBraces(rest)
	if !ok || name != "SSHA" && name != "SHA" {
		return Hash{}, fmt.Errorf("%w: {ldap} of another scheme than {SSHA} and {SHA}", ErrUnsupported)
	}
	return readBraces(openldapSchemes, Record{Stored: rest}, o.Limits)
}
