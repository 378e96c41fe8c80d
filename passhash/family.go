package passhash

import "strings"

// Family names a way of hashing passwords.
type Family string

// The families that are recognised.
const (
	Bcrypt      Family = "bcrypt"       // $2a$, $2b$, $2y$
	SHA256Crypt Family = "sha256-crypt" // $5$
	SHA512Crypt Family = "sha512-crypt" // $6$
	APR1        Family = "apr1"         // $apr1$, Apache's salted MD5: weak
	MD5Crypt    Family = "md5-crypt"    // $1$, the same of FreeBSD: weak
	SHA1        Family = "sha1"         // {SHA}, unsalted: weak
)

// weak families need Limits.AllowMD5AndSHA1 (PWD-5).
var weak = map[Family]bool{APR1: true, MD5Crypt: true, SHA1: true}

// format is one spelling of a family. No prefix begins another one's.
type format struct {
	prefix string
	family Family
	// parse reads what follows the prefix. It does not set the hash's family.
	parse func(f format, rest string, limits Limits) (Hash, error)
}

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
