package passhash

import (
	"encoding/binary"
	"math/bits"
	"sync"
)

// Streebog (RFC 6986) is here for $gy$ alone. Words are little-endian, the low
// one first.

type streebogBlock [8]uint64

// streebogTables are the three inner steps in one: what a byte of word j adds to
// a word.
var streebogTables = sync.OnceValue(func() *[8][256]uint64 {
	var tables [8][256]uint64
	for j := range tables {
		for b := range tables[j] {
			for word := uint64(streebogPi[b]) << (8 * j); word != 0; word &= word - 1 {
				tables[j][b] ^= streebogA[63-bits.TrailingZeros64(word)]
			}
		}
	}
	return &tables
})

func (b streebogBlock) xor(other streebogBlock) streebogBlock {
	for i := range b {
		b[i] ^= other[i]
	}
	return b
}

// plus adds modulo 2^512.
func (b streebogBlock) plus(other streebogBlock) streebogBlock {
	var carry uint64
	for i := range b {
		b[i], carry = bits.Add64(b[i], other[i], carry)
	}
	return b
}

// mixed is L(P(S(b))), section 6.
func (b streebogBlock) mixed(tables *[8][256]uint64) (out streebogBlock) {
	for i := range out {
		for j := range b {
			out[i] ^= tables[j][byte(b[j]>>(8*i))]
		}
	}
	return out
}

// compress is g of section 8.
func compress(h, n, m streebogBlock) streebogBlock {
	tables := streebogTables()
	key, state := h.xor(n).mixed(tables), m
	for _, c := range streebogC {
		state = state.xor(key).mixed(tables)
		key = key.xor(c).mixed(tables)
	}
	return state.xor(key).xor(h).xor(m)
}

func streebogWords(b []byte) (out streebogBlock) {
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return out
}

// streebog256 is the hash of 256 bits, section 9.
func streebog256(message []byte) (sum [32]byte) {
	var h, n, sigma streebogBlock
	for i := range h {
		h[i] = 0x0101010101010101
	}
	for ; len(message) >= 64; message = message[64:] {
		m := streebogWords(message)
		h, n, sigma = compress(h, n, m), n.plus(streebogBlock{512}), sigma.plus(m)
	}
	last := make([]byte, 64)
	last[copy(last, message)] = 1
	m := streebogWords(last)
	h, n, sigma = compress(h, n, m), n.plus(streebogBlock{uint64(len(message)) * 8}), sigma.plus(m)
	h = compress(compress(h, streebogBlock{}, n), streebogBlock{}, sigma)
	for i := range 4 {
		binary.LittleEndian.PutUint64(sum[8*i:], h[4+i])
	}
	return sum
}

// hmacStreebog is HMAC (RFC 2104) with blocks of 64 bytes. The key has at most
// as many.
func hmacStreebog(key, message []byte) []byte {
	inner, outer := make([]byte, 64, 64+len(message)), make([]byte, 64, 96)
	copy(inner, key)
	copy(outer, key)
	for i := range 64 {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := streebog256(append(inner, message...))
	sum = streebog256(append(outer, sum[:]...))
	return sum[:]
}
