package session

import "encoding/binary"

// Tokens are mostly base64url (RFC 4648, section 5, without padding), and
// decoding it is a good part of the work of opening one. The standard decoder also
// passes over line breaks, which must not happen here (JWE-1).

// digits64 has the bits of each character at each place of a group of four;
// noDigit marks what is no character of the alphabet.
var digits64 = makeDigits()

const noDigit = 1 << 31

func makeDigits() *[4][256]uint32 {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var d [4][256]uint32
	for place := range d {
		for c := range d[place] {
			d[place][c] = noDigit
		}
		for value := range len(alphabet) {
			d[place][alphabet[value]] = uint32(value) << (18 - 6*place)
		}
	}
	return &d
}

// decodedLen returns how many bytes n characters stand for, and whether so many
// can stand for anything.
func decodedLen(n int) (int, bool) { return n * 3 / 4, n%4 != 1 }

// decode decodes s into dst. It fails unless s is exactly what an encoder
// writes for len(dst) bytes: no other characters, no stray bits at the end.
func decode(dst []byte, s string) bool {
	if n, ok := decodedLen(len(s)); !ok || n != len(dst) {
		return false
	}
	d := digits64
	var bad uint32
	for len(s) >= 8 && len(dst) >= 8 { // the last two bytes written are written over
		p := s[:8]
		w := d[0][p[0]] | d[1][p[1]] | d[2][p[2]] | d[3][p[3]]
		v := d[0][p[4]] | d[1][p[5]] | d[2][p[6]] | d[3][p[7]]
		bad |= w | v
		binary.BigEndian.PutUint64(dst, uint64(w)<<40|uint64(v&(noDigit-1))<<16)
		s, dst = s[8:], dst[6:]
	}
	for len(s) >= 4 && len(dst) >= 3 {
		w := d[0][s[0]] | d[1][s[1]] | d[2][s[2]] | d[3][s[3]]
		bad |= w
		dst[0], dst[1], dst[2] = byte(w>>16), byte(w>>8), byte(w)
		s, dst = s[4:], dst[3:]
	}
	switch len(s) {
	case 2:
		w := d[0][s[0]] | d[1][s[1]]
		bad |= w | stray(w&0xffff)
		dst[0] = byte(w >> 16)
	case 3:
		w := d[0][s[0]] | d[1][s[1]] | d[2][s[2]]
		bad |= w | stray(w&0xff)
		dst[0], dst[1] = byte(w>>16), byte(w>>8)
	}
	return bad&noDigit == 0
}

func stray(bits uint32) uint32 {
	if bits != 0 {
		return noDigit
	}
	return 0
}
