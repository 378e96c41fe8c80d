package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// readGitea reads user.passwd with the columns passwd_hash_algo and salt. A salt
// of ten characters is text, a longer one hexadecimal.
func readGitea(r Record, o Options) (Hash, error) {
	name, text, _ := strings.Cut(r.Columns["passwd_hash_algo"], "$")
	if name == "bcrypt" {
		return read(bcryptFormats, r.Stored, o.Limits)
	}
	params, known := giteaParams(name, text)
	if !known {
		return Hash{}, fmt.Errorf("%w: a passwd_hash_algo that is not known here", ErrUnsupported)
	}
	salt := []byte(r.Columns["salt"])
	isSalt := len(salt) == 10
	if !isSalt {
		salt, isSalt = unhex(string(salt))
	}
	want, isKey := unhex(r.Stored)
	if !isSalt || !isKey || len(salt) == 0 || params == nil || int64(len(want)) != params[len(params)-1] {
		return Hash{}, malformed("passwd_hash_algo, salt and passwd do not go together")
	}
	switch name {
	case "argon2":
		return argon2Spec{
			family: Argon2id, version: 0x13,
			passes: params[0], memory: params[1], lanes: params[2], salt: salt, key: want,
		}.parsed(o.Limits)
	case "scrypt":
		return parseScrypt(o.Limits, params[0], params[1], params[2], salt, want)
	}
	return withSHA256.parsed(o.Limits, params[0], salt, want)
}

// giteaParams are the numbers of an algorithm, those of its default where it
// gives none, and nil where they can't be read.
func giteaParams(name, text string) (params []int64, known bool) {
	byDefault, known := map[string]string{
		"argon2": "2$65536$8$50", "scrypt": "65536$16$2$50",
		"pbkdf2": "10000$50", "pbkdf2_v1": "10000$50", "pbkdf2_v2": "50000$50", "pbkdf2_hi": "320000$50",
	}[name]
	if text == "" {
		text = byDefault
	}
	parts := strings.Split(text, "$")
	if len(parts) != strings.Count(byDefault, "$")+1 {
		return nil, known
	}
	for _, part := range parts {
		value, ok := wide(part)
		if !ok {
			return nil, known
		}
		params = append(params, value)
	}
	return params, known
}

// keycloakSecret and keycloakData are the columns secret_data and
// credential_data.
type (
	keycloakSecret struct{ Value, Salt string }
	keycloakData   struct {
		HashIterations       int64
		Algorithm            string
		AdditionalParameters map[string][]string
	}
)

// readKeycloak reads credential.secret_data, from its column or as the main one,
// and credential_data.
func readKeycloak(r Record, o Options) (Hash, error) {
	secretText, given := r.Columns["secret_data"]
	if !given {
		secretText = r.Stored
	}
	var secret keycloakSecret
	var data keycloakData
	if json.Unmarshal([]byte(secretText), &secret) != nil || json.Unmarshal([]byte(r.Columns["credential_data"]), &data) != nil {
		return Hash{}, malformed("secret_data or credential_data are no such JSON")
	}
	salt, isSalt := unbase64(base64.StdEncoding, secret.Salt)
	want, isKey := unbase64(base64.StdEncoding, secret.Value)
	if !isSalt || !isKey || len(salt) == 0 || data.HashIterations < 1 {
		return Hash{}, malformed("secret_data or credential_data without salt, value or rounds")
	}
	functions := map[string]prf{"pbkdf2": withSHA1, "pbkdf2-sha256": withSHA256, "pbkdf2-sha512": withSHA512}
	f, known := functions[data.Algorithm]
	switch {
	case data.Algorithm == "argon2":
		return keycloakArgon2(data, salt, want, o.Limits)
	case !known:
		return Hash{}, fmt.Errorf("%w: an algorithm of Keycloak's that is not known here", ErrUnsupported)
	}
	return f.parsed(o.Limits, data.HashIterations, salt, want)
}

func keycloakArgon2(data keycloakData, salt, want []byte, limits Limits) (Hash, error) {
	first := func(name string) string {
		if values := data.AdditionalParameters[name]; len(values) == 1 {
			return values[0]
		}
		return ""
	}
	memory, isMemory := number(first("memory"))
	lanes, isLanes := number(first("parallelism"))
	size, isSize := number(first("hashLength"))
	family := map[string]Family{"id": Argon2id, "i": Argon2i, "d": Argon2d}[first("type")]
	version := map[string]int64{"1.0": 0x10, "1.3": 0x13}[first("version")]
	if !isMemory || !isLanes || !isSize || family == "" || size != int64(len(want)) {
		return Hash{}, malformed("argon2 without its additionalParameters")
	}
	return argon2Spec{
		family: family, version: version, memory: memory, passes: data.HashIterations, lanes: lanes,
		salt: salt, key: want,
	}.parsed(limits)
}

// readDiscourse reads user_passwords.password_hash with the columns
// password_salt, which is taken as text, and password_algorithm. Where the last is
// not given, the row is of the time when there was one algorithm.
func readDiscourse(r Record, o Options) (Hash, error) {
	algorithm, given := r.Columns["password_algorithm"]
	if !given {
		algorithm = "$pbkdf2-sha256$i=64000,l=32$"
	}
	text, isKnown := strings.CutPrefix(algorithm, "$pbkdf2-sha256$")
	text, ends := strings.CutSuffix(text, "$")
	params, ok := parameters(text, "i", "l")
	want, isKey := unhex(r.Stored)
	salt := r.Columns["password_salt"]
	if !isKnown || !ends || !ok || !isKey || salt == "" || params[1] != int64(len(want)) {
		return Hash{}, malformed("password_algorithm, password_salt and password_hash do not go together")
	}
	return withSHA256.parsed(o.Limits, params[0], []byte(salt), want)
}

// readBetterAuth reads account.password: salt and key in hexadecimal. The salt
// is taken as text.
func readBetterAuth(r Record, o Options) (Hash, error) {
	salt, digits, found := strings.Cut(r.Stored, ":")
	want, isKey := unhex(digits)
	if !found || !isHex(salt, 32) || !isKey || len(want) != 64 {
		return Hash{}, malformed("a salt of 16 bytes and a key of 64 in hexadecimal")
	}
	return parseScrypt(o.Limits, 16384, 16, 1, []byte(salt), want)
}

// readBcrypt reads bcrypt and nothing else.
func readBcrypt(r Record, o Options) (Hash, error) { return read(bcryptFormats, r.Stored, o.Limits) }

// readDevise reads users.encrypted_password: bcrypt with the pepper behind the
// password, or a digest of devise-encryptable with the column password_salt.
func readDevise(r Record, o Options) (Hash, error) {
	if f, known := map[string]fast{"sha1": fastSHA1, "sha512": fastSHA512}[o.DefaultScheme]; known && !strings.HasPrefix(r.Stored, "$") {
		return deviseDigest(f, r, o)
	}
	h, err := read(bcryptFormats, r.Stored, o.Limits)
	if err != nil || o.Pepper == "" {
		return h, err
	}
	return h.behind(o.Pepper), nil
}

// deviseDigest is devise-encryptable: rounds over salt, the hash so far, password
// and pepper between hyphens, the first time with the pepper for the hash.
func deviseDigest(f fast, r Record, o Options) (Hash, error) {
	rounds := int64(o.Stretches)
	if rounds == 0 {
		rounds = 10
	}
	want, ok := unhex(r.Stored)
	salt := r.Columns["password_salt"]
	if !ok || salt == "" || rounds < 1 {
		return Hash{}, malformed("%s in hexadecimal with a salt", f.family)
	}
	pepper := string(o.Pepper)
	return f.parsed(o.Limits, rounds, want, func(password string) []byte {
		digest, sum := pepper, []byte(nil)
		for range rounds {
			sum = f.sum("--" + strings.Join([]string{salt, digest, password, pepper}, "--") + "--")
			digest = hex.EncodeToString(sum)
		}
		return sum
	})
}
