package passhash

import (
	"strings"
	"sync"
)

const (
	dots22, dots31, dots43 = "......................", "...............................", "..........................................."

	todayBcrypt05 = "$2y$05$" + dots22 + dots31
	todayBcrypt10 = "$2y$10$" + dots22 + dots31
	todayBcrypt12 = "$2y$12$" + dots22 + dots31
	todayPHPArgon = "$argon2id$v=19$m=65536,t=4,p=1$" + "AAAAAAAAAAAAAAAAAAAAAA" + "$" + key43
	todaySSHA     = "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

	key43 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	key86 = key43 + key43
)

// kinds are the systems by name. It is a function because the readers know each
// other.
var kinds = sync.OnceValue(func() map[string]kind {
	return map[string]kind{
		"":        {read: readAny, columns: anyColumns, today: Record{Stored: "$2y$12$" + dots22 + dots31}},
		"auth-js": {read: readBcrypt, today: Record{Stored: todayBcrypt10}},
		"aspnet-identity": {
			read: readASPNET, columns: []string{"PasswordFormat", "PasswordSalt"},
			today: Record{Stored: "AQAAAAIAAYagAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
		},
		"better-auth": {
			read: readBetterAuth, form: habitNFKC,
			today: Record{Stored: strings.Repeat("0", 32) + ":" + strings.Repeat("0", 128)},
		},
		"devise": {read: readDevise, columns: []string{"password_salt"}, today: Record{Stored: todayBcrypt12}},
		"discourse": {
			read: readDiscourse, columns: []string{"password_salt", "password_algorithm"}, form: habitDiscourse,
			today: Record{Stored: strings.Repeat("0", 64), Columns: map[string]string{
				"password_salt": strings.Repeat("0", 32), "password_algorithm": "$pbkdf2-sha256$i=600000,l=32$",
			}},
		},
		"django":  {read: readDjango, today: Record{Stored: "pbkdf2_sha256$1000000$" + dots22 + "$" + key43 + "="}},
		"dovecot": {read: readDovecot, today: Record{Stored: "{CRYPT}" + todayBcrypt05}},
		"drupal":  {read: readDrupal, form: habitDrupal, today: Record{Stored: todayBcrypt10}},
		"ghost":   {read: readBcrypt, today: Record{Stored: todayBcrypt10}},
		"gitea": {
			read: readGitea, columns: []string{"passwd_hash_algo", "salt"},
			today: Record{Stored: strings.Repeat("0", 100), Columns: map[string]string{
				"passwd_hash_algo": "pbkdf2$50000$50", "salt": strings.Repeat("0", 32),
			}},
		},
		"htpasswd": {read: readHtpasswd, today: Record{Stored: todayBcrypt05}},
		"keycloak": {
			read: readKeycloak, columns: []string{"secret_data", "credential_data"},
			today: Record{Stored: "{}", Columns: map[string]string{
				"secret_data":     `{"value":"` + key43 + `=","salt":"AAAAAAAAAAAAAAAAAAAAAA=="}`,
				"credential_data": keycloakToday,
			}},
		},
		"laravel":   {read: readLaravel, today: Record{Stored: todayBcrypt12}},
		"mediawiki": {read: readMediaWiki, form: habitNFC, today: Record{Stored: ":pbkdf2:sha512:30000:64:AAAAAAAAAAAAAAAAAAAAAA==:" + key86 + "=="}},
		"moodle":    {read: readMoodle, today: Record{Stored: "$6$rounds=10000$................$" + dots43 + dots43}},
		"nextcloud": {read: readNextcloud, today: Record{Stored: "3|" + todayPHPArgon}},
		"openldap":  {read: readOpenLDAP, today: Record{Stored: todaySSHA}},
		"phpbb":     {read: readPHPBB, form: habitPHPBB, today: Record{Stored: todayPHPArgon}},
		"shadow":    {read: readShadow, today: Record{Stored: "$y$j9T$" + dots22 + "$" + dots43}},
		"spring-security": {
			read: readSpring, today: Record{Stored: "{bcrypt}$2a$10$" + dots22 + dots31},
		},
		"strapi":    {read: readBcrypt, today: Record{Stored: todayBcrypt10}},
		"wordpress": {read: readWordPress, form: habitWordPress, today: Record{Stored: "$wp$2y$10$" + dots22 + dots31}},
	}
})

const keycloakToday = `{"hashIterations":5,"algorithm":"argon2","additionalParameters":` +
	`{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}`

// readShadow reads the password field of shadow(5).
func readShadow(r Record, o Options) (Hash, error) { return readCrypt(r.Stored, o.Limits) }

var htpasswdFormats = append([]format{
	{"$5$", SHA256Crypt, parseSHACrypt},
	{"$6$", SHA512Crypt, parseSHACrypt},
	{"$apr1$", APR1, parseMD5Crypt},
	{"$1$", MD5Crypt, parseMD5Crypt},
	{"{SHA}", SHA1, parseSHA1},
}, bcryptFormats...)

// readHtpasswd reads what Apache does, and cuts as it does.
func readHtpasswd(r Record, o Options) (Hash, error) {
	switch {
	case r.Stored[0] == '!', r.Stored[0] == '*':
		return Hash{}, ErrLocked
	case isDES(r.Stored):
		return parseDES(r.Stored, o.Limits)
	}
	return read(htpasswdFormats, r.Stored, o.Limits)
}

var anyColumns = []string{
	"secret_data", "credential_data", "passwd_hash_algo", "salt",
	"password_algorithm", "password_salt", "PasswordFormat", "PasswordSalt",
}

// anyFormats are all that tell what they are, but DES and plain text.
var anyFormats = func() (all []format) {
	for _, some := range [][]format{
		{{"$apr1$", APR1, parseMD5Crypt}},
		crypt3, passlib, phpbbFormats, drupalFormats,
		{{"$wp$", BcryptSHA384, parseWordPress}},
		djangoFormats, mediawikiFormats,
	} {
		all = append(all, some...)
	}
	return all
}()

// readAny goes by the columns that are there and by how the value begins. It cuts
// nothing off (PWD-3).
func readAny(r Record, o Options) (Hash, error) {
	o.WholePassword = true
	for _, known := range [...]struct {
		column string
		read   func(Record, Options) (Hash, error)
	}{
		{"credential_data", readKeycloak},
		{"passwd_hash_algo", readGitea},
		{"password_algorithm", readDiscourse},
		{"PasswordFormat", readASPNET},
	} {
		if r.Columns[known.column] != "" {
			return known.read(r, o)
		}
	}
	switch {
	case r.Stored[0] == '!', r.Stored[0] == '*':
		return Hash{}, ErrLocked
	case r.Stored[0] == '{':
		return readAnyBraces(r, o)
	case strings.HasPrefix(r.Stored, "AQAAAA"):
		return readASPNET(r, o)
	case len(r.Stored) == 161 && r.Stored[32] == ':':
		return readBetterAuth(r, o)
	case o.DefaultScheme != "" && r.Stored[0] != '$':
		return readDovecot(r, o)
	case o.AllowDES && isDES(r.Stored):
		return parseDES(r.Stored, o.Limits)
	}
	return read(anyFormats, r.Stored, o.Limits)
}

// readAnyBraces takes a scheme of OpenLDAP first, then Dovecot's, then Spring's.
func readAnyBraces(r Record, o Options) (Hash, error) {
	name, _, _ := cutBraces(r.Stored)
	if _, known := openldapSchemes[name]; known && !strings.Contains(r.Stored, "}{") {
		return readBraces(openldapSchemes, r, o.Limits)
	}
	base, _, _ := strings.Cut(name, ".")
	if _, known := dovecotSchemes[base]; known && !strings.Contains(r.Stored, "}{") {
		return readDovecot(r, o)
	}
	return readSpring(r, o)
}
