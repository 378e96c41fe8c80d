package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// scheme reads what follows a {NAME}.
type scheme func(rest string, limits Limits, r Record) (Hash, error)

// cutBraces splits a {NAME} from what follows, the name in capital letters.
func cutBraces(stored string) (name, rest string, ok bool) {
	text, begins := strings.CutPrefix(stored, "{")
	name, rest, ok = strings.Cut(text, "}")
	return strings.ToUpper(name), rest, begins && ok && name != ""
}

// plainDigest reads a hash without salt, salted one with a salt behind it.
func plainDigest(f fast) scheme {
	return func(rest string, limits Limits, _ Record) (Hash, error) {
		want, ok := unbase64(base64.StdEncoding, rest)
		if !ok {
			return Hash{}, malformed("%s in base64", f.family)
		}
		return f.between(limits, want, "", "")
	}
}

func saltedDigest(f fast) scheme {
	return func(rest string, limits Limits, _ Record) (Hash, error) {
		all, ok := unbase64(base64.StdEncoding, rest)
		if !ok || len(all) <= f.size || len(all) > f.size+mostSalt {
			return Hash{}, malformed("%s and a salt in base64", f.family)
		}
		return f.between(limits, all[:f.size], "", string(all[f.size:]))
	}
}

// cryptScheme is {CRYPT}.
func cryptScheme(rest string, limits Limits, _ Record) (Hash, error) { return readCrypt(rest, limits) }

// ofFormats reads what begins like one of the formats.
func ofFormats(among []format) scheme {
	return func(rest string, limits Limits, _ Record) (Hash, error) { return read(among, rest, limits) }
}

// ofPBKDF2 is OpenLDAP's pw-pbkdf2.
func ofPBKDF2(f prf) scheme {
	parse := parsePBKDF2(f)
	return func(rest string, limits Limits, _ Record) (Hash, error) { return parse(format{}, rest, limits) }
}

func plainScheme(rest string, limits Limits, _ Record) (Hash, error) { return plain(rest, limits) }

// elsewhere is a scheme whose password is not in the value.
func elsewhere(string, Limits, Record) (Hash, error) { return Hash{}, ErrLocked }

var openldapSchemes = map[string]scheme{
	"SHA":    plainDigest(fastSHA1),
	"SSHA":   saltedDigest(fastSHA1),
	"MD5":    plainDigest(fastMD5),
	"SMD5":   saltedDigest(fastMD5),
	"SHA256": plainDigest(fastSHA256), "SSHA256": saltedDigest(fastSHA256),
	"SHA384": plainDigest(fastSHA384), "SSHA384": saltedDigest(fastSHA384),
	"SHA512": plainDigest(fastSHA512), "SSHA512": saltedDigest(fastSHA512),
	"CRYPT":  cryptScheme,
	"PBKDF2": ofPBKDF2(withSHA1), "PBKDF2-SHA1": ofPBKDF2(withSHA1),
	"PBKDF2-SHA256": ofPBKDF2(withSHA256), "PBKDF2-SHA512": ofPBKDF2(withSHA512),
	"ARGON2":    ofFormats(argon2Formats),
	"CLEARTEXT": plainScheme,
	"SASL":      elsewhere, "KERBEROS": elsewhere, "UNIX": elsewhere,
}

// readOpenLDAP reads a userPassword. Without braces it is plain text.
func readOpenLDAP(r Record, o Options) (Hash, error) {
	switch r.Stored[0] {
	case '!', '*':
		return Hash{}, ErrLocked
	case '{':
		return readBraces(openldapSchemes, r, o.Limits)
	}
	return plain(r.Stored, o.Limits)
}

func readBraces(schemes map[string]scheme, r Record, limits Limits) (Hash, error) {
	name, rest, ok := cutBraces(r.Stored)
	parse, known := schemes[name]
	if !ok || !known {
		return Hash{}, fmt.Errorf("%w: a scheme in braces that is not known here", ErrUnsupported)
	}
	return parse(rest, limits, r)
}

var dovecotSchemes = map[string]scheme{
	"SHA": plainDigest(fastSHA1), "SHA1": plainDigest(fastSHA1), "SSHA": saltedDigest(fastSHA1),
	"LDAP-MD5": plainDigest(fastMD5), "PLAIN-MD5": plainDigest(fastMD5), "PLAIN-MD4": plainDigest(fastMD4),
	"SMD5":   saltedDigest(fastMD5),
	"SHA256": plainDigest(fastSHA256), "SSHA256": saltedDigest(fastSHA256),
	"SHA512": plainDigest(fastSHA512), "SSHA512": saltedDigest(fastSHA512),
	"CRYPT": cryptScheme, "SHA512-CRYPT": cryptScheme, "SHA256-CRYPT": cryptScheme, "BLF-CRYPT": cryptScheme,
	"MD5-CRYPT": cryptScheme, "MD5": cryptScheme, "DES-CRYPT": cryptScheme,
	"ARGON2I": ofFormats(argon2Formats), "ARGON2ID": ofFormats(argon2Formats),
	"PBKDF2":        parseDovecotPBKDF2,
	"SCRAM-SHA-1":   parseSCRAM(SCRAMSHA1, withSHA1),
	"SCRAM-SHA-256": parseSCRAM(SCRAMSHA256, withSHA256),
	"CRAM-MD5":      parseCRAMMD5, "HMAC-MD5": parseCRAMMD5,
	"NTLM":       func(rest string, limits Limits, _ Record) (Hash, error) { return parseNT(format{}, rest, limits) },
	"DIGEST-MD5": parseDigestMD5,
	"PLAIN":      plainScheme, "CLEAR": plainScheme, "CLEARTEXT": plainScheme,
}

// inBase64 are Dovecot's schemes that hold bytes, and their sizes without salt.
// As hexadecimal digits they are written with a suffix or, without salt, told by
// their length.
var inBase64 = map[string]int{
	"SHA": 20, "SHA1": 20, "LDAP-MD5": 16, "PLAIN-MD5": 16, "PLAIN-MD4": 16, "SHA256": 32, "SHA512": 64,
	"SSHA": 0, "SMD5": 0, "SSHA256": 0, "SSHA512": 0,
}

// readDovecot reads a value with {SCHEME} or {SCHEME.ENCODING} in front, or of
// the default scheme.
func readDovecot(r Record, o Options) (Hash, error) {
	if !strings.HasPrefix(r.Stored, "{") {
		name := o.DefaultScheme
		if name == "" {
			name = "CRYPT"
		}
		r.Stored = "{" + name + "}" + r.Stored
	}
	name, rest, ok := cutBraces(r.Stored)
	if !ok {
		return Hash{}, malformed("a scheme without its brace")
	}
	name, encoding, given := strings.Cut(name, ".")
	if name == "MD5" && !strings.HasPrefix(rest, "$1$") {
		name = "LDAP-MD5" // RFC 2307 calls so what has no $ in it
	}
	size, bytes := inBase64[name]
	switch {
	case rest == "":
		return Hash{}, ErrLocked
	case given && (!bytes || encoding != "HEX" && encoding != "B64" && encoding != "BASE64"):
		return Hash{}, fmt.Errorf("%w: a scheme in an encoding that is not known here", ErrUnsupported)
	case encoding == "HEX", !given && size > 0 && len(rest) == 2*size:
		b, err := hex.DecodeString(rest)
		if err != nil {
			return Hash{}, malformed("a scheme in hexadecimal")
		}
		rest = base64.StdEncoding.EncodeToString(b)
	}
	r.Stored = "{" + name + "}" + rest
	return readBraces(dovecotSchemes, r, o.Limits)
}

// parseDovecotPBKDF2 reads $1$, salt as text, rounds and a SHA-1 in hexadecimal.
func parseDovecotPBKDF2(rest string, limits Limits, _ Record) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 5 || parts[0] != "" || parts[1] != "1" || parts[2] == "" {
		return Hash{}, malformed("{PBKDF2} has $1$, salt, rounds and hash")
	}
	rounds, isNumber := number(parts[3])
	want, isHash := unhex(parts[4])
	if !isNumber || !isHash || len(want) != withSHA1.size {
		return Hash{}, malformed("{PBKDF2} has $1$, salt, rounds and hash")
	}
	return withSHA1.parsed(limits, rounds, []byte(parts[2]), want)
}

// parseDigestMD5 reads the MD5 of name, realm and password (RFC 2831, section
// 2.1.2.1). The realm is what follows an @ in the name.
func parseDigestMD5(rest string, limits Limits, r Record) (Hash, error) {
	if r.Username == "" {
		return Hash{}, malformed("{DIGEST-MD5} covers the login name, which is not given")
	}
	name, realm, _ := strings.Cut(r.Username, "@")
	return fastMD5.hex(limits, rest, name+":"+realm+":", "")
}
