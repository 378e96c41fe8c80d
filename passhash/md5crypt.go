package passhash

import (
	"crypto/md5"
	"strings"
	"time"
)

const (
	md5Rounds = 1000
	md5Salt   = 8  // characters at most
	md5Digest = 22 // letters
)

// parseMD5Crypt reads a salt of up to 8 letters, $, and 22 letters of hash. The
// format's prefix takes part in the hash: Apache's $apr1$ is the MD5 crypt of
// FreeBSD, $1$, but for that.
func parseMD5Crypt(f format, rest string, _ Limits) (Hash, error) {
	salt, hash, found := strings.Cut(rest, "$")
	if !found || len(salt) > md5Salt || !inCrypt(salt) || !isDigest(hash, md5Digest, 4) {
		return Hash{}, malformed("%s has a salt of up to %d letters and a hash of %d", f.family, md5Salt, md5Digest)
	}
	want := []byte(hash)
	return Hash{
		cost:    Cost{md5Rounds, 150 * time.Microsecond, 1 << 10},
		longest: MaxPassword,
		matches: func(password string) bool {
			got := md5Crypt([]byte(password), []byte(f.prefix), []byte(salt))
			return equal(got[:], want)
		},
	}, nil
}

// md5Crypt is the algorithm of Poul-Henning Kamp (FreeBSD, lib/libcrypt).
func md5Crypt(password, prefix, salt []byte) [md5Digest]byte {
	h := md5.New()
	var sum [md5.Size]byte
	h.Write(password)
	h.Write(salt)
	h.Write(password)
	h.Sum(sum[:0])

	h.Reset()
	h.Write(password)
	h.Write(prefix)
	h.Write(salt)
	for left := len(password); left > 0; left -= md5.Size {
		h.Write(sum[:min(left, md5.Size)])
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write([]byte{0}) // the original meant a byte of sum, and had cleared it
		} else {
			h.Write(password[:1])
		}
	}
	h.Sum(sum[:0])

	for round := range md5Rounds {
		first, last := sum[:], password
		if round%2 == 1 {
			first, last = password, sum[:]
		}
		h.Reset()
		h.Write(first)
		if round%3 != 0 {
			h.Write(salt)
		}
		if round%7 != 0 {
			h.Write(password)
		}
		h.Write(last)
		h.Sum(sum[:0])
	}
	return md5Letters(&sum)
}

// md5Letters writes 16 bytes as 22 letters, in the order of the original.
func md5Letters(sum *[md5.Size]byte) (out [md5Digest]byte) {
	n := 0
	put := func(v uint32, letters int) {
		for range letters {
			out[n] = cryptLetters[v&63]
			v >>= 6
			n++
		}
	}
	for _, i := range [...][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		put(uint32(sum[i[0]])<<16|uint32(sum[i[1]])<<8|uint32(sum[i[2]]), 4)
	}
	put(uint32(sum[11]), 2)
	return out
}
