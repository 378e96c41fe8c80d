package passhash

import (
	"crypto/sha1"
	"encoding/base64"
	"time"
)

// parseSHA1 reads the base64 of an unsalted SHA-1.
func parseSHA1(_ format, rest string, _ Limits) (Hash, error) {
	want, err := base64.StdEncoding.Strict().DecodeString(rest)
	if err != nil || len(want) != sha1.Size || len(rest) != base64.StdEncoding.EncodedLen(sha1.Size) {
		return Hash{}, malformed("{SHA} is 20 bytes in base64")
	}
	return Hash{
		cost:    Cost{1, 100 * time.Nanosecond, 256},
		longest: MaxPassword,
		matches: func(password string) bool {
			sum := sha1.Sum([]byte(password))
			return equal(sum[:], want)
		},
	}, nil
}
