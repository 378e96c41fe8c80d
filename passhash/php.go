package passhash

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// phpFormats are those of PHP's password_hash.
var phpFormats = append(append([]format{}, bcryptFormats...), argon2Formats...)

// wordpressFormats: what has no name of its own goes to crypt(3), where plugins
// put it.
var wordpressFormats = append(append([]format{{"$wp$", BcryptSHA384, parseWordPress}}, phpassFormats...), crypt3...)

// readWordPress reads wp_users.user_pass. It may be a bare MD5.
func readWordPress(r Record, o Options) (Hash, error) {
	switch {
	case isHex(r.Stored, 32):
		return fastMD5.hex(o.Limits, r.Stored, "", "")
	case r.Stored[0] == '*', r.Stored[0] == '!':
		return Hash{}, ErrLocked
	case isDES(r.Stored):
		return parseDES(r.Stored, o.Limits)
	}
	return read(wordpressFormats, r.Stored, o.Limits)
}

// parseWordPress reads a bcrypt of an HMAC, of WordPress from 6.8 on.
func parseWordPress(f format, rest string, limits Limits) (Hash, error) {
	h, err := read(bcryptFormats, "$"+rest, limits)
	if err != nil {
		return Hash{}, err
	}
	return h.over(f.family, func(password string) string {
		mac := hmac.New(sha512.New384, []byte("wp-sha384"))
		mac.Write([]byte(password))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}), nil
}

// readLaravel reads what Hash::make wrote.
func readLaravel(r Record, o Options) (Hash, error) { return read(phpFormats, r.Stored, o.Limits) }

// drupalAll are all that Drupal ever wrote, the old ones first.
var drupalAll = append(append(append([]format{}, drupalFormats...), phpassFormats...), phpFormats...)

// readDrupal reads users_field_data.pass or Drupal 7's users.pass. A U in front
// says that the hash is of the MD5 in hexadecimal, of Drupal 6.
func readDrupal(r Record, o Options) (Hash, error) {
	stored, upgraded := strings.CutPrefix(r.Stored, "U$")
	if !upgraded {
		return read(drupalAll, stored, o.Limits)
	}
	h, err := read(drupalAll[:3], "$"+stored, o.Limits)
	if err != nil {
		return Hash{}, err
	}
	return h.over(h.family, func(password string) string {
		return hex.EncodeToString(fastMD5.sum(password))
	}), nil
}

// readNextcloud reads oc_users.password: a version, | and a hash. Old ones have
// no version and take the site's salt behind the password, or are a bare SHA-1.
func readNextcloud(r Record, o Options) (Hash, error) {
	version, rest, found := strings.Cut(r.Stored, "|")
	switch {
	case found && (version == "1" || version == "2" || version == "3"):
		return read(phpFormats, rest, o.Limits)
	case found:
		return Hash{}, fmt.Errorf("%w: a version of Nextcloud's hashes that is not known here", ErrUnsupported)
	case isHex(r.Stored, 40):
		return fastSHA1.hex(o.Limits, r.Stored, "", "")
	}
	h, err := read(bcryptFormats, r.Stored, o.Limits)
	if err != nil {
		return Hash{}, err
	}
	return h.behind(o.SiteSalt), nil
}

// moodleFormats are those of password_verify that Moodle writes.
var moodleFormats = append([]format{
	{"$5$", SHA256Crypt, parseSHACrypt},
	{"$6$", SHA512Crypt, parseSHACrypt},
}, phpFormats...)

// readMoodle reads mdl_user.password. The peppers are tried one after the other,
// and then none.
func readMoodle(r Record, o Options) (Hash, error) {
	switch {
	case r.Stored == "not cached", r.Stored == "nologin", r.Stored == "restored", r.Stored[0] == '*', r.Stored[0] == '!':
		return Hash{}, ErrLocked
	case isHex(r.Stored, 32):
		return fastMD5.hex(o.Limits, r.Stored, "", string(o.SiteSalt))
	}
	h, err := read(moodleFormats, r.Stored, o.Limits)
	if err != nil || o.Pepper == "" {
		return h, err
	}
	return h.behind(append(append([]Pepper{o.Pepper}, o.OldPeppers...), "")...), nil
}
