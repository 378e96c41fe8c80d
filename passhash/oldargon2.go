package passhash

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

// Here is Argon2 (RFC 9106) in its version 0x10, which Keycloak once wrote, and
// in its variant d. It is plain and slow, one lane after the other.

const argon2Slices = 4

type argon2Block [128]uint64

// argon2Run is one computation. A lane has length blocks, a slice segment.
type argon2Run struct {
	spec                   argon2Spec
	blocks                 []argon2Block
	length, segment, lanes int
}

func (a argon2Spec) variant() uint32 {
	return map[Family]uint32{Argon2d: 0, Argon2i: 1, Argon2id: 2}[a.family]
}

func oldArgon2(a argon2Spec, password []byte) []byte {
	lanes := int(a.lanes)
	segment := int(a.memory) / (argon2Slices * lanes)
	run := argon2Run{spec: a, lanes: lanes, segment: segment, length: segment * argon2Slices}
	run.blocks = make([]argon2Block, lanes*run.length)
	run.begin(password)
	for pass := range int(a.passes) {
		for slice := range argon2Slices {
			for lane := range lanes {
				run.fill(pass, slice, lane)
			}
		}
	}
	last := run.blocks[run.length-1]
	for lane := 1; lane < lanes; lane++ {
		for i, word := range run.blocks[(lane+1)*run.length-1] {
			last[i] ^= word
		}
	}
	out := make([]byte, 0, 1024)
	for _, word := range last {
		out = binary.LittleEndian.AppendUint64(out, word)
	}
	return argon2Long(out, len(a.key))
}

// begin sets the first two blocks of each lane, section 3.2.
func (r *argon2Run) begin(password []byte) {
	a := r.spec
	put := binary.LittleEndian.AppendUint32
	var first []byte
	for _, value := range []uint32{
		uint32(a.lanes), uint32(len(a.key)), uint32(a.memory), uint32(a.passes), uint32(a.version), a.variant(),
	} {
		first = put(first, value)
	}
	first = append(put(first, uint32(len(password))), password...)
	first = append(put(first, uint32(len(a.salt))), a.salt...)
	h0 := blake2b.Sum512(put(put(first, 0), 0))
	for lane := range r.lanes {
		for i := range 2 {
			text := argon2Long(put(put(h0[:], uint32(i)), uint32(lane)), 1024)
			for word := range r.blocks[0] {
				r.blocks[lane*r.length+i][word] = binary.LittleEndian.Uint64(text[8*word:])
			}
		}
	}
}

// argon2Long is the hash of variable length, section 3.3.
func argon2Long(message []byte, size int) []byte {
	message = append(binary.LittleEndian.AppendUint32(nil, uint32(size)), message...)
	if size <= blake2b.Size {
		return argon2Short(message, size)
	}
	sum := blake2b.Sum512(message)
	out := append([]byte(nil), sum[:32]...)
	for size-len(out) > blake2b.Size {
		sum = blake2b.Sum512(sum[:])
		out = append(out, sum[:32]...)
	}
	return append(out, argon2Short(sum[:], size-len(out))...)
}

func argon2Short(message []byte, size int) []byte {
	h, err := blake2b.New(size, nil)
	if err != nil {
		return nil
	}
	h.Write(message)
	return h.Sum(nil)
}

// fill computes a slice of a lane.
func (r *argon2Run) fill(pass, slice, lane int) {
	blind := r.spec.family == Argon2i || r.spec.family == Argon2id && pass == 0 && slice < argon2Slices/2
	var input, addresses argon2Block
	if blind {
		copy(input[:], []uint64{
			uint64(pass), uint64(lane), uint64(slice), uint64(len(r.blocks)),
			uint64(r.spec.passes), uint64(r.spec.variant()),
		})
	}
	from := 0
	if pass == 0 && slice == 0 {
		from = 2
	}
	for i := from; i < r.segment; i++ {
		at := lane*r.length + slice*r.segment + i
		before := at - 1
		if slice == 0 && i == 0 {
			before = lane*r.length + r.length - 1
		}
		chance := r.blocks[before][0]
		if blind {
			if i == from || i%128 == 0 {
				input[6]++
				addresses = argon2G(&argon2Block{}, &input)
				addresses = argon2G(&argon2Block{}, &addresses)
			}
			chance = addresses[i%128]
		}
		block := argon2G(&r.blocks[before], &r.blocks[r.reference(chance, pass, slice, lane, i)])
		if pass > 0 && r.spec.version == 0x13 {
			for word := range block {
				block[word] ^= r.blocks[at][word]
			}
		}
		r.blocks[at] = block
	}
}

// reference picks the other block that goes into block i, section 3.4.
func (r *argon2Run) reference(chance uint64, pass, slice, lane, i int) int {
	other := int(chance >> 32 % uint64(r.lanes))
	if pass == 0 && slice == 0 {
		other = lane
	}
	size, start := slice*r.segment, 0
	if pass > 0 {
		size, start = r.length-r.segment, (slice+1)%argon2Slices*r.segment
	}
	switch {
	case other == lane:
		size += i - 1
	case i == 0:
		size--
	}
	x := chance & 0xffffffff
	x = x * x >> 32
	y := uint64(size) * x >> 32
	return other*r.length + (start+size-1-int(y))%r.length
}

// argon2G compresses two blocks, section 3.5.
func argon2G(x, y *argon2Block) argon2Block {
	var mixed argon2Block
	for i := range mixed {
		mixed[i] = x[i] ^ y[i]
	}
	out := mixed
	for row := range 8 {
		var at [16]int
		for i := range at {
			at[i] = 16*row + i
		}
		argon2P(&mixed, &at)
	}
	for column := range 8 {
		var at [16]int
		for i := range at {
			at[i] = 2*column + i/2*16 + i%2
		}
		argon2P(&mixed, &at)
	}
	for i := range out {
		out[i] ^= mixed[i]
	}
	return out
}

// argon2P is the permutation of section 3.6 on the words at those places.
func argon2P(b *argon2Block, at *[16]int) {
	for i := range 4 {
		argon2Quarter(&b[at[i]], &b[at[4+i]], &b[at[8+i]], &b[at[12+i]])
	}
	for i := range 4 {
		argon2Quarter(&b[at[i]], &b[at[4+(i+1)%4]], &b[at[8+(i+2)%4]], &b[at[12+(i+3)%4]])
	}
}

func argon2Quarter(a, b, c, d *uint64) {
	mul := func(x, y uint64) uint64 { return x + y + 2*(x&0xffffffff)*(y&0xffffffff) }
	*a = mul(*a, *b)
	*d = bits.RotateLeft64(*d^*a, -32)
	*c = mul(*c, *d)
	*b = bits.RotateLeft64(*b^*c, -24)
	*a = mul(*a, *b)
	*d = bits.RotateLeft64(*d^*a, -16)
	*c = mul(*c, *d)
	*b = bits.RotateLeft64(*b^*c, -63)
}
