package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
)

// number reads a whole number below 2^32 as programs write it: digits alone and
// no zero in front. It says false for anything else.
func number(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return int64(n), err == nil && strconv.FormatUint(n, 10) == s
}

// wide is number up to 2^62.
func wide(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 62)
	return int64(n), err == nil && strconv.FormatUint(n, 10) == s
}

// times multiplies, up to the greatest int64 and no further.
func times(factors ...int64) int64 {
	product := 1.0
	for _, factor := range factors {
		product *= float64(factor)
	}
	if product >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(product)
}

// lasting is how long so many steps take.
func lasting(step time.Duration, factors ...int64) time.Duration {
	return time.Duration(times(append(factors, int64(step))...))
}

// unhex reads hexadecimal digits, small letters only: that is what all programs
// write that compare it as text.
func unhex(s string) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil && strings.ToLower(s) == s
}

// unbase64 reads base64 strictly: no line ends, no bits to spare.
func unbase64(encoding *base64.Encoding, s string) ([]byte, bool) {
	b, err := encoding.Strict().DecodeString(s)
	return b, err == nil && !strings.ContainsAny(s, "\r\n")
}

// adapted is base64 as passlib and OpenLDAP write it: a dot for the plus, no
// padding.
var adapted = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)

// crypt64 writes bytes as the letters of crypt(3), the low bits first.
func crypt64(b []byte) string {
	out := make([]byte, 0, (len(b)*8+5)/6)
	for i := 0; i < len(b); i += 3 {
		group := b[i:min(i+3, len(b))]
		var value uint32
		for at, c := range group {
			value |= uint32(c) << (8 * at)
		}
		for range (len(group)*8 + 5) / 6 {
			out = append(out, cryptLetters[value&63])
			value >>= 6
		}
	}
	return string(out)
}

// uncrypt64 reads up to five letters of crypt(3) as a number, the low bits first.
func uncrypt64(s string) (value int64, ok bool) {
	for i := range len(s) {
		digit := strings.IndexByte(cryptLetters, s[i])
		if digit < 0 {
			return 0, false
		}
		value |= int64(digit) << (6 * i)
	}
	return value, len(s) <= 5
}
