package htpasswd

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ostiary/ostiary/passhash"
)

const maxName = 255 // bytes, as in Apache

var (
	errNoColon = errors.New("there is no colon between name and hash")
	errName    = fmt.Errorf("the name must have 1 to %d bytes of UTF-8, no control characters and no blank at its ends", maxName)
)

// splitLine takes a line, without its end, apart into name and hash. What follows
// another colon does not count, as in Apache and nginx. The name is empty for a
// line without a person: blank, or beginning with #.
func splitLine(line string) (name, stored string, err error) {
	if strings.TrimSpace(line) == "" || line[0] == '#' {
		return "", "", nil
	}
	name, stored, found := strings.Cut(line, ":")
	switch {
	case !found:
		return "", "", errNoColon
	case name == "", len(name) > maxName, !utf8.ValidString(name),
		name != strings.TrimSpace(name), strings.ContainsFunc(name, unicode.IsControl):
		return "", "", errName
	}
	stored, _, _ = strings.Cut(stored, ":")
	return name, stored, nil
}

// readHash parses a hash. Its error never holds the value, and says how to mend
// it; passhash.ErrLocked is there on purpose and nothing to mend.
func readHash(stored string, limits passhash.Limits) (passhash.Hash, error) {
	apache, err := passhash.SystemNamed("htpasswd")
	if err != nil {
		return passhash.Hash{}, err
	}
	hash, err := apache.Parse(passhash.Record{Stored: stored}, passhash.Options{Limits: limits})
	switch {
	case err == nil:
		return hash, nil
	case errors.Is(err, passhash.ErrLocked):
		return passhash.Hash{}, err
	case errors.Is(err, passhash.ErrWeak):
		return passhash.Hash{}, fmt.Errorf("%w; write it anew with htpasswd -B, or allow MD5 and SHA-1 on purpose", err)
	}
	return passhash.Hash{}, fmt.Errorf("%w; write it anew with htpasswd -B", err)
}
