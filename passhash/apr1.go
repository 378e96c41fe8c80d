package passhash

import (
	"crypto/md5"
	"fmt"
	"strings"
)

// parseAPR1 reads $apr1$salt$hash, Apache's variant of the MD5 crypt of FreeBSD.
func parseAPR1(stored string) (Hash, error) {
	salt, hash, found := strings.Cut(stored[len("$apr1$"):], "$")
	if !found || len(salt) == 0 || len(salt) > 8 || len(hash) != 22 || strings.Trim(salt+hash, cryptLetters) != "" {
		return Hash{}, fmt.Errorf("%w: $apr1$ needs a salt of up to 8 characters and a hash of 22", ErrMalformed)
	}
	return Hash{APR1, apr1Rounds, func(password string) bool {
		return equal([]byte(apr1(password, salt)), []byte(hash)) && strings.IndexByte(password, 0) < 0
	}}, nil
}

const apr1Rounds = 1000

// apr1 is Poul-Henning Kamp's MD5 crypt with the magic of Apache.
func apr1(password, salt string) string {
	inner := md5.Sum([]byte(password + salt + password))
	h := md5.New()
	h.Write([]byte(password + "$apr1$" + salt))
	for left := len(password); left > 0; left -= md5.Size {
		h.Write(inner[:min(left, md5.Size)])
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write([]byte{0})
		} else {
			h.Write([]byte(password[:1]))
		}
	}
	sum := h.Sum(nil)
	for round := range apr1Rounds {
		sum = apr1Round(sum, password, salt, round)
	}
	return apr1Encode(sum)
}

func apr1Round(sum []byte, password, salt string, round int) []byte {
	h := md5.New()
	odd := round&1 == 1
	if odd {
		h.Write([]byte(password))
	} else {
		h.Write(sum)
	}
	if round%3 != 0 {
		h.Write([]byte(salt))
	}
	if round%7 != 0 {
		h.Write([]byte(password))
	}
	if odd {
		h.Write(sum)
	} else {
		h.Write([]byte(password))
	}
	return h.Sum(nil)
}

// apr1Encode writes 16 bytes as 22 characters, in the order of the original.
func apr1Encode(sum []byte) string {
	const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, 0, 22)
	put := func(v uint32, n int) {
		for range n {
			out = append(out, letters[v&63])
			v >>= 6
		}
	}
	for _, i := range [][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		put(uint32(sum[i[0]])<<16|uint32(sum[i[1]])<<8|uint32(sum[i[2]]), 4)
	}
	put(uint32(sum[11]), 2)
	return string(out)
}
