package passhash

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
)

// parseSHA1 reads {SHA} and the base64 of an unsalted SHA-1.
func parseSHA1(stored string) (Hash, error) {
	want, err := base64.StdEncoding.Strict().DecodeString(stored[len("{SHA}"):])
	if err != nil || len(want) != sha1.Size {
		return Hash{}, fmt.Errorf("%w: {SHA} needs 20 bytes in base64", ErrMalformed)
	}
	return Hash{SHA1, 1, func(password string) bool {
		sum := sha1.Sum([]byte(password))
		return equal(sum[:], want)
	}}, nil
}
