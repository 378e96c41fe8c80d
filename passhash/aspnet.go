package passhash

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// readASPNET reads AspNetUsers.PasswordHash, or aspnet_Membership's Password with
// the columns PasswordFormat and PasswordSalt.
func readASPNET(r Record, o Options) (Hash, error) {
	if kind := r.Columns["PasswordFormat"]; kind != "" {
		return readMembership(kind, r, o)
	}
	all, ok := unbase64(base64.StdEncoding, r.Stored)
	if !ok || len(all) < 1 {
		return Hash{}, malformed("no base64")
	}
	switch all[0] {
	case 0:
		return aspnetV2(all[1:], o.Limits)
	case 1:
		return aspnetV3(all[1:], o.Limits)
	}
	return Hash{}, fmt.Errorf("%w: a version of ASP.NET's hashes that is not known here", ErrUnsupported)
}

// aspnetV2 reads 16 bytes of salt and 32 of key.
func aspnetV2(all []byte, limits Limits) (Hash, error) {
	if len(all) != 16+32 {
		return Hash{}, malformed("version 2 has 49 bytes")
	}
	return withSHA1.parsed(limits, 1000, all[:16], all[16:])
}

// aspnetV3 reads function, rounds and length of the salt as big-endian numbers of
// 32 bits, then salt and key.
func aspnetV3(all []byte, limits Limits) (Hash, error) {
	const head, least = 12, 16
	if len(all) < head {
		return Hash{}, malformed("version 3 has a head of 13 bytes")
	}
	function := binary.BigEndian.Uint32(all)
	rounds := int64(binary.BigEndian.Uint32(all[4:]))
	size := int64(binary.BigEndian.Uint32(all[8:]))
	all = all[head:]
	functions := [...]prf{withSHA1, withSHA256, withSHA512}
	if int64(function) >= int64(len(functions)) || size < least || size > int64(len(all)) {
		return Hash{}, malformed("version 3 with an unknown function or a salt of an odd length")
	}
	return functions[function].parsed(limits, rounds, all[:size], all[size:])
}

// readMembership reads what SqlMembershipProvider wrote: format 0 is plain text,
// 1 a SHA-1 of salt and UTF-16, 2 encrypted with the key of the machine.
func readMembership(kind string, r Record, o Options) (Hash, error) {
	switch kind {
	case "0":
		return plain(r.Stored, o.Limits)
	case "1":
	default:
		return Hash{}, fmt.Errorf("%w: a PasswordFormat other than 0 and 1", ErrUnsupported)
	}
	salt, isSalt := unbase64(base64.StdEncoding, r.Columns["PasswordSalt"])
	want, isHash := unbase64(base64.StdEncoding, r.Stored)
	if !isSalt || !isHash || len(salt) == 0 {
		return Hash{}, malformed("PasswordFormat 1 has salt and hash in base64")
	}
	return fastSHA1.parsed(o.Limits, 1, want, func(password string) []byte {
		return fastSHA1.sum(string(salt), utf16le(password))
	})
}
