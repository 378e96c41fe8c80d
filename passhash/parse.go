package passhash

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrMalformed is the error for a value that begins like a family but is
	// not one of its hashes.
	ErrMalformed = errors.New("malformed password hash")
	// ErrUnsupported is the error for a value of no family that can be verified:
	// something unknown, or DES or plain text where Limits do not allow it.
	ErrUnsupported = errors.New("unsupported password hash")
	// ErrTooCostly is the error for a hash beyond the limits.
	ErrTooCostly = errors.New("password hash beyond the cost limit")
	// ErrWeak is the error for a hash of a weak family that is not allowed.
	ErrWeak = errors.New("weak password hash")
	// ErrLocked is the error for a value that stands for no password at all:
	// nothing, or a mark that begins with ! or *, also in front of a hash.
	ErrLocked = errors.New("locked password")
)

// maxStored bounds a stored value, in bytes; real ones have up to about 130.
const maxStored = 512

// Parse recognises a stored value. Its error is ErrMalformed, ErrUnsupported,
// ErrTooCostly, ErrWeak or ErrLocked, with a sentence that never holds the value.
// It takes microseconds, whatever the value asks for.
func Parse(stored string, limits Limits) (Hash, error) {
	switch {
	case len(stored) > maxStored:
		return Hash{}, malformed("it is longer than %d bytes", maxStored)
	case stored == "", stored[0] == '!', stored[0] == '*':
		return Hash{}, ErrLocked
	}
	h, err := read(formats, stored, limits)
	if err != nil {
		return Hash{}, err
	}
	return limits.strong(h)
}

// read takes the format whose prefix the value has.
func read(among []format, stored string, limits Limits) (Hash, error) {
	for _, f := range among {
		rest, found := strings.CutPrefix(stored, f.prefix)
		if !found {
			continue
		}
		h, err := f.parse(f, rest, limits)
		if err != nil {
			return Hash{}, err
		}
		if f.family != "" {
			h.family = f.family
		}
		return h, nil
	}
	return Hash{}, fmt.Errorf("%w: %s", ErrUnsupported, describe(stored))
}

// describe says what an unsupported value probably is, with nothing of it.
func describe(stored string) string {
	for _, known := range [...]struct{ prefix, text string }{
		{"$2", "bcrypt of another version than $2a$, $2b$ and $2y$"},
		{"{PLAIN}", "plain text"},
		{"{", "a scheme in braces that is not known here"},
		{"$", "a scheme that is not known here"},
	} {
		if strings.HasPrefix(stored, known.prefix) {
			return known.text
		}
	}
	if len(stored) == 13 && inCrypt(stored) {
		return "DES, which reads 8 characters of the password"
	}
	return "it looks like plain text"
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}
