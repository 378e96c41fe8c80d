package passhash

import "strings"

// phpbbFormats are phpBB's drivers that need no other table.
var phpbbFormats = append(append([]format{
	{`$H\2y$`, BcryptMD5, parseCombined},
	{`$P\2y$`, BcryptMD5, parseCombined},
	{"$CP$", SHA1, parseConverted},
}, phpassFormats...), phpFormats...)

// readPHPBB reads phpbb_users.user_password. The installer and phpBB 2 left bare
// MD5.
func readPHPBB(r Record, o Options) (Hash, error) {
	if isHex(r.Stored, 32) {
		return fastMD5.hex(o.Limits, r.Stored, "", "")
	}
	return read(phpbbFormats, r.Stored, o.Limits)
}

// parseConverted reads the SHA-1 of a board that was converted.
func parseConverted(_ format, rest string, limits Limits) (Hash, error) {
	return fastSHA1.hex(limits, rest, "", "")
}

// parseCombined reads an old hash that was hashed once more: rounds and salt of
// phpass, $, cost, \ and salt of bcrypt, $, and the letters of its hash.
func parseCombined(_ format, rest string, limits Limits) (Hash, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return Hash{}, malformed("%s has two salts and a hash", BcryptMD5)
	}
	cost, salt, found := strings.Cut(parts[1], `\`)
	if !found || len(salt) != 22 || len(parts[0]) != 9 {
		return Hash{}, malformed("%s has two salts and a hash", BcryptMD5)
	}
	// The letters of the first hash are not stored: they are what is hashed.
	first, err := phpassMD5.parse(format{}, parts[0]+strings.Repeat(".", phpassMD5.size), limits)
	if err != nil {
		return Hash{}, err
	}
	second, err := read(bcryptFormats, "$2y$"+cost+"$"+salt+parts[2], limits)
	if err != nil {
		return Hash{}, err
	}
	rounds, inner := first.cost.Factor, parts[0][1:]
	second.cost.Time += first.cost.Time
	return second.over(BcryptMD5, func(password string) string {
		return phpassMD5.letters(password, inner, rounds)
	}), nil
}
