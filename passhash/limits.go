package passhash

import (
	"fmt"
	"time"
)

// Limits bound what is accepted. The zero value is the safe default.
type Limits struct {
	// BcryptCost is the greatest cost of bcrypt. Zero means 15, about two
	// seconds.
	BcryptCost int
	// CryptRounds is the greatest number of rounds of SHA-crypt. Zero means
	// 1,000,000, about half a second.
	CryptRounds int
	// Time is the greatest Cost.Time of any other family. Zero means two
	// seconds, about as bcrypt's 15.
	Time time.Duration
	// Memory is the greatest Cost.Memory, in bytes. Zero means 256 MiB.
	Memory int64
	// WholePassword refuses what bcrypt would cut off, after 72 bytes, also where
	// a named System lets it in. Parse always does.
	WholePassword bool
	// AllowMD5AndSHA1 also accepts the weak families: whoever gets hold of such
	// hashes tries millions to billions of passwords a second. Single rounds of
	// SHA-2 are as fast and count among them, salted or not.
	AllowMD5AndSHA1 bool
	// AllowDES also accepts the DES of crypt(3), where a System has it. It reads
	// eight characters of a password, seven bits each.
	AllowDES bool
	// AllowPlainText also accepts stored passwords, where a System has them.
	AllowPlainText bool
}

const (
	mostTime   = 2 * time.Second
	mostMemory = 256 << 20
)

// admit builds the hash of a family that Time and Memory bound, or refuses it.
func (l Limits) admit(family Family, cost Cost, matches func(password string) bool) (Hash, error) {
	longest, largest := l.Time, l.Memory
	if longest == 0 {
		longest = mostTime
	}
	if largest == 0 {
		largest = mostMemory
	}
	switch {
	case cost.Time > longest:
		return Hash{}, fmt.Errorf("%w: %s of about %v, at most %v", ErrTooCostly, family, cost.Time.Round(time.Millisecond), longest)
	case cost.Memory > largest:
		return Hash{}, fmt.Errorf("%w: %s in %d MiB, at most %d", ErrTooCostly, family, cost.Memory>>20, largest>>20)
	}
	return Hash{family: family, cost: cost, longest: MaxPassword, matches: matches}, nil
}

// strong refuses a hash of the weak families unless they are allowed.
func (l Limits) strong(h Hash) (Hash, error) {
	if weak[h.family] && !l.AllowMD5AndSHA1 {
		return Hash{}, fmt.Errorf("%w: %s", ErrWeak, h.family)
	}
	return h, nil
}
