package passhash

import (
	"fmt"
	"math/bits"
	"strings"
	"sync"
	"time"
)

const (
	desOnce   = 220 * time.Nanosecond // of sixteen rounds
	desRounds = 25                    // of the sixteen, in crypt(3) of old
)

// isDES reports whether s looks like the 13 letters of crypt(3) of old.
func isDES(s string) bool { return len(s) == 13 && inCrypt(s) }

// parseDES reads two letters of salt and eleven of hash. Eight characters of the
// password count, seven bits of each.
func parseDES(stored string, limits Limits) (Hash, error) {
	if !limits.AllowDES {
		return Hash{}, fmt.Errorf("%w: DES, which reads 8 characters of the password", ErrUnsupported)
	}
	salt, ok := uncrypt64(stored[:2])
	if !ok || !isDigest(stored[2:], 11, 64) {
		return Hash{}, malformed("DES has a salt of 2 letters and a hash of 11")
	}
	want := []byte(stored[2:])
	return limits.admit(DES, Cost{desRounds, desRounds * desOnce, 512}, func(password string) bool {
		return equal([]byte(desLetters(desKey(password), uint32(salt), desRounds)), want)
	})
}

// parseBSDi reads four letters of rounds, four of salt and eleven of hash, behind
// an underscore. All characters of the password count, seven bits of each.
func parseBSDi(_ format, rest string, limits Limits) (Hash, error) {
	if len(rest) != 19 || !inCrypt(rest) {
		return Hash{}, malformed("BSD's DES has rounds, salt and hash in 19 letters")
	}
	if !limits.AllowDES {
		return Hash{}, fmt.Errorf("%w: BSD's DES", ErrUnsupported)
	}
	rounds, _ := uncrypt64(rest[:4])
	salt, _ := uncrypt64(rest[4:8])
	if rounds < 1 {
		return Hash{}, malformed("BSD's DES without rounds")
	}
	want := []byte(rest[8:])
	return limits.admit(DES, Cost{int(rounds), lasting(desOnce, rounds), 512}, func(password string) bool {
		key := desKey(password)
		for left := password; len(left) > 8; {
			left = left[8:]
			key = desCrypt(key, 0, 1, key) ^ desKey(left)
		}
		return equal([]byte(desLetters(key, uint32(salt), int(rounds))), want)
	})
}

// desKey takes the first eight characters, moved up by the bit of parity.
func desKey(password string) (key uint64) {
	for i := range 8 {
		key <<= 8
		if i < len(password) {
			key |= uint64(password[i] << 1)
		}
	}
	return key
}

// desLetters encrypts zeros so many times and writes the result.
func desLetters(key uint64, salt uint32, rounds int) string {
	block := desCrypt(key, salt, rounds, 0)
	var out [11]byte
	for i := range 10 {
		out[i] = cryptLetters[block>>(58-6*i)&63]
	}
	out[10] = cryptLetters[block<<2&63]
	return string(out[:])
}

// desSP are the boxes and the permutation behind them in one.
var desSP = sync.OnceValue(func() *[8][64]uint32 {
	var tables [8][64]uint32
	for box, rows := range desBoxes {
		for in := range 64 {
			digit := rows[in>>4&2*16+in&1*16+in>>1&15]
			out := uint64(strings.IndexByte("0123456789abcdef", digit)) << (28 - 4*box)
			tables[box][in] = uint32(desPick(out, 32, desP[:]))
		}
	}
	return &tables
})

// desPick makes a number of the bits that the table names, of a number of so
// many.
func desPick(in uint64, size int, table []uint8) (out uint64) {
	for _, bit := range table {
		out = out<<1 | in>>(size-int(bit))&1
	}
	return out
}

// desCrypt encrypts a block so many times; the salt swaps bits of the expansion.
func desCrypt(key uint64, salt uint32, rounds int, block uint64) uint64 {
	subkeys, tables := desSubkeys(key), desSP()
	swap := bits.Reverse32(salt) >> 8
	block = desInitial(block)
	l, r := uint32(block>>32), uint32(block)
	for range rounds {
		for _, k := range subkeys {
			var high, low uint32
			for i := range 4 {
				high = high<<6 | bits.RotateLeft32(r, 4*i+5)&63
				low = low<<6 | bits.RotateLeft32(r, 4*i+21)&63
			}
			t := (high ^ low) & swap
			high, low = high^t^uint32(k>>24), low^t^uint32(k&0xffffff)
			var f uint32
			for i := range 4 {
				f |= tables[i][high>>(18-6*i)&63] | tables[4+i][low>>(18-6*i)&63]
			}
			l, r = r, l^f
		}
		l, r = r, l
	}
	return desPick(uint64(l)<<32|uint64(r), 64, desFinal[:])
}

// desInitial is the inverse of the final permutation.
func desInitial(in uint64) (out uint64) {
	for i, bit := range desFinal {
		out |= in >> (63 - i) & 1 << (64 - int(bit))
	}
	return out
}

// desSubkeys are the keys of the sixteen rounds.
func desSubkeys(key uint64) (keys [16]uint64) {
	const half = 1<<28 - 1
	picked := desPick(key, 64, desPC1[:])
	c, d := picked>>28, picked&half
	for i, shift := range desShifts {
		c = (c<<shift | c>>(28-shift)) & half
		d = (d<<shift | d>>(28-shift)) & half
		keys[i] = desPick(c<<28|d, 56, desPC2[:])
	}
	return keys
}
