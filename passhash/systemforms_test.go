package passhash_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// TestSystemForms has what the vectors do not: spellings that systems document
// and values that are nearly right. The password is "open sesame".
func TestSystemForms(t *testing.T) {
	const (
		md5     = "54ef36ec71201fdf9d1423fd26f97f6b"
		md5b64  = "VO827HEgH9+dFCP9Jvl/aw=="
		sha1    = "5bcaff7f22ff533ca099b3408ead876c0ebba9a7"
		bcrypt  = "$2y$04$vit2jmW4nmiQ6xMJWIjPXe1mM3Au5xBMZZ1W2/2G6NVfZ0HipI3y2"
		argon   = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		zeros64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	)
	membership := func(kind string) map[string]string {
		return map[string]string{"PasswordFormat": kind, "PasswordSalt": "***"}
	}
	no := passhash.ErrMalformed
	for _, row := range []struct {
		name, system, stored string
		columns              map[string]string
		want                 error // nil: it matches
	}{
		{"MD5 in base64 under Dovecot's {MD5}", "dovecot", "{MD5}" + md5b64, nil, nil},
		{"MD5 by its length", "dovecot", "{PLAIN-MD5}" + md5, nil, nil},
		{"in capitals", "dovecot", "{LDAP-MD5.HEX}" + strings.ToUpper(md5), nil, nil},
		{"hexadecimal of a crypt", "dovecot", "{CRYPT.HEX}00", nil, passhash.ErrUnsupported},
		{"a scheme that is not one", "dovecot", "{}x", nil, no},
		{"a password of one time", "dovecot", "{OTP}x", nil, passhash.ErrUnsupported},
		{"Nextcloud's oldest", "nextcloud", sha1, nil, nil},
		{"Django without a salt", "django", md5, nil, nil},
		{"Django, one field", "django", "sha1$" + sha1, nil, no},
		{"Django, no salt", "django", "pbkdf2_sha256$1000$$" + zeros64 + "=", nil, no},
		{"Django, four fields of scrypt", "django", "scrypt$16384$salt$8$1", nil, no},
		{"Django, no DES", "django", "crypt$$short", nil, no},
		{"WordPress, DES", "wordpress", "4Ln5b65a85DE3", nil, errNoMatch},
		{"MediaWiki, bcrypt's cost", "mediawiki", ":bcrypt:x$......................$...............................", nil, no},
		{"MediaWiki, bcrypt's salt", "mediawiki", ":bcrypt:6$...$...............................", nil, no},
		{"MediaWiki, no hexadecimal", "mediawiki", ":B:12:zz", nil, no},
		{"MediaWiki, three layers", "mediawiki", ":pbkdf2-legacyB:!sha512:1000:64!9f3c", nil, no},
		{"phpBB, two salts", "phpbb", `$H\2y$9oUcr2HSt$10$x`, nil, no},
		{"phpBB, rounds of the first", "phpbb", `$H\2y$1oUcr2HSt$10\ucfzA2DW3xgG4icYgUem0u$211txGeBh.flAn52Vf83NMTAd3pwKOW`, nil, no},
		{"Spring, another scheme of LDAP", "spring-security", "{ldap}{SMD5}x", nil, passhash.ErrUnsupported},
		{"Spring, nothing in braces", "spring-security", "{}x", nil, passhash.ErrUnsupported},
		{"Spring, MD5 without salt", "spring-security", "{MD5}" + md5, nil, nil},
		{"Membership, plain text", "aspnet-identity", "open sesame", membership("0"), nil},
		{"Membership, encrypted", "aspnet-identity", "open sesame", membership("2"), passhash.ErrUnsupported},
		{"Membership, no salt", "aspnet-identity", "AAAA", membership("1"), no},
		{"Gitea, a name alone", "gitea", sha1, map[string]string{"passwd_hash_algo": "md5"}, passhash.ErrUnsupported},
		{"Keycloak as the main column", "keycloak", `{"value":"AAAA"}`, nil, no},
		{"$7$ cut", "shadow", "$7$6....", nil, no},
		{"$3$$ cut", "shadow", "$3$$abc", nil, no},
		{"$gy$ cut", "shadow", "$gy$j9T$salt", nil, no},
		{"$md5 without a number", "shadow", "$md5,rounds=x$salt$$......................", nil, no},
		{"BSD's DES cut", "shadow", "_J9..", nil, no},
		{"no v", "laravel", strings.Replace(argon, "v=19$", "", 1), nil, errNoMatch},
		{"a doubled parameter", "laravel", strings.Replace(argon, "t=1", "m=1", 1), nil, no},
		{"a salt with padding", "laravel", strings.Replace(argon, "c2FsdHNhbHQ", "c2FsdHNhbHQ=", 1), nil, no},
		{"a signed number", "laravel", strings.Replace(argon, "m=8", "m=+8", 1), nil, no},
		{"65 lanes", "laravel", strings.Replace(argon, "m=8,t=1,p=1", "m=8192,t=1,p=65", 1), nil, no},
		{"too little memory", "laravel", strings.Replace(argon, "p=1", "p=2", 1), nil, no},
		{"passlib's scrypt", "", "$scrypt$ln=4,r=8$c2FsdA$" + zeros64, nil, no},
		{"passlib's scrypt, 2^63", "", "$scrypt$ln=63,r=8,p=1$c2FsdA$" + zeros64, nil, no},
		{"any, bcrypt", "", bcrypt, nil, nil},
		{"any, in braces", "", "{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=", nil, nil},
		{"any, Spring's", "", "{bcrypt}" + bcrypt, nil, nil},
		{"any, locked", "", "!" + bcrypt, nil, passhash.ErrLocked},
		{"any, a bare MD5", "", md5, nil, passhash.ErrUnsupported},
	} {
		t.Run("PWD-5 "+row.name, func(t *testing.T) {
			h, err := named(t, row.system).Parse(passhash.Record{Stored: row.stored, Columns: row.columns}, passhash.Options{Limits: everything})
			if err == nil && !h.Match("open sesame") {
				err = errNoMatch
			}
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

var errNoMatch = errors.New("no match")

// TestMoodlePeppers: the newest, an older one, and none.
func TestMoodlePeppers(t *testing.T) {
	const sesame = "$2y$04$vit2jmW4nmiQ6xMJWIjPXe1mM3Au5xBMZZ1W2/2G6NVfZ0HipI3y2"
	o := passhash.Options{Pepper: "sesame", OldPeppers: []passhash.Pepper{" sesame", "same"}}
	h, err := named(t, "moodle").Parse(passhash.Record{Stored: sesame}, o)
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]bool{"open ": true, "open": true, "open se": true, "open sesame": true, "open s": false} {
		if h.Match(typed) != want {
			t.Errorf("%q: want %v", typed, want)
		}
	}
	one, err := named(t, "moodle").Parse(passhash.Record{Stored: sesame}, passhash.Options{})
	if err != nil || h.Cost().Time != 4*one.Cost().Time {
		t.Errorf("PWD-6: got %v of %v, %v", h.Cost().Time, one.Cost().Time, err)
	}
}

// TestDefaultScheme is for columns of one hash that has no look of its own.
func TestDefaultScheme(t *testing.T) {
	const md5 = "54ef36ec71201fdf9d1423fd26f97f6b"
	for _, name := range []string{"", "dovecot"} {
		h, err := named(t, name).Parse(passhash.Record{Stored: md5}, passhash.Options{Limits: everything, DefaultScheme: "PLAIN-MD5"})
		if err != nil || !h.Match("open sesame") || h.Match(md5) {
			t.Errorf("%q: got %v, %v", name, h, err)
		}
	}
}
