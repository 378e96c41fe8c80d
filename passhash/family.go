package passhash

import "strings"

// Family names a way of hashing passwords.
type Family string

// The families that are recognised.
const (
	Bcrypt       Family = "bcrypt"        // $2a$, $2b$, $2y$
	BcryptSHA256 Family = "bcrypt-sha256" // Django's bcrypt of a SHA-256
	BcryptSHA384 Family = "bcrypt-sha384" // WordPress's $wp$, bcrypt of an HMAC
	BcryptMD5    Family = "bcrypt-phpass" // phpBB's old hashes, hashed once more
	SHA256Crypt  Family = "sha256-crypt"  // $5$
	SHA512Crypt  Family = "sha512-crypt"  // $6$
	Argon2id     Family = "argon2id"      // RFC 9106
	Argon2i      Family = "argon2i"
	Argon2d      Family = "argon2d"
	Scrypt       Family = "scrypt" // RFC 7914
	Yescrypt     Family = "yescrypt"
	GostYescrypt Family = "gost-yescrypt"
	PBKDF2SHA1   Family = "pbkdf2-sha1" // RFC 8018
	PBKDF2SHA256 Family = "pbkdf2-sha256"
	PBKDF2SHA512 Family = "pbkdf2-sha512"
	SCRAMSHA1    Family = "scram-sha-1" // RFC 5802, PBKDF2 inside
	SCRAMSHA256  Family = "scram-sha-256"
	PHPass       Family = "phpass"        // $P$, $H$: MD5, some thousand times
	PHPassSHA512 Family = "phpass-sha512" // Drupal's $S$
	SunMD5       Family = "sun-md5"       // $md5

	APR1     Family = "apr1"      // $apr1$, Apache's salted MD5: weak
	MD5Crypt Family = "md5-crypt" // $1$, the same of FreeBSD: weak
	MD4      Family = "md4"       // weak
	MD5      Family = "md5"       // salted or not: weak
	SHA1     Family = "sha1"      // salted or not: weak
	SHA256   Family = "sha256"    // salted or not: weak
	SHA384   Family = "sha384"    // salted or not: weak
	SHA512   Family = "sha512"    // salted or not: weak
	NT       Family = "nt"        // MD4 of wide characters: weak
	CRAMMD5  Family = "cram-md5"  // the two halves of an HMAC-MD5: weak

	DES   Family = "des"        // crypt(3) of old, and BSD's with more rounds
	Plain Family = "plain text" // the password itself
)

// weak families need Limits.AllowMD5AndSHA1 (PWD-5).
var weak = map[Family]bool{
	APR1: true, MD5Crypt: true, MD4: true, MD5: true, SHA1: true, SHA256: true,
	SHA384: true, SHA512: true, NT: true, CRAMMD5: true,
}

// format is one spelling of a family. Of two prefixes of which one begins the
// other, the longer comes first.
type format struct {
	prefix string
	family Family
	// parse reads what follows the prefix. It sets the hash's family where the
	// format does not know it.
	parse func(f format, rest string, limits Limits) (Hash, error)
}

// formats are those of Parse, Apache's.
var formats = []format{
	{"$2a$", Bcrypt, parseBcrypt},
	{"$2b$", Bcrypt, parseBcrypt},
	{"$2y$", Bcrypt, parseBcrypt},
	{"$5$", SHA256Crypt, parseSHACrypt},
	{"$6$", SHA512Crypt, parseSHACrypt},
	{"$apr1$", APR1, parseMD5Crypt},
	{"$1$", MD5Crypt, parseMD5Crypt},
	{"{SHA}", SHA1, parseSHA1},
}

// cryptLetters are the digits of crypt(3), in the order of their value.
const cryptLetters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func inCrypt(s string) bool { return strings.Trim(s, cryptLetters) == "" }

// isDigest reports whether s has n letters of crypt(3) of which the last stays
// below the given value: it has bits to spare, and these are zero.
func isDigest(s string, n, below int) bool {
	return len(s) == n && inCrypt(s) && strings.IndexByte(cryptLetters, s[n-1]) < below
}
