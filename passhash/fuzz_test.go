package passhash_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// FuzzParse: a value is refused by one of the five errors, which does not tell
// it, or is one of a known prefix within the limits; and no value is its own
// password.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Stored)
	}
	for _, stored := range samples {
		f.Add(stored)
		f.Add("!" + stored)
		f.Add(stored[:len(stored)-1])
	}
	f.Add("$6$rounds=1001$a$" + strings.Repeat(".", 86))
	limits := passhash.Limits{AllowMD5AndSHA1: true, BcryptCost: 4, CryptRounds: 1100}
	f.Fuzz(func(t *testing.T, stored string) {
		h, err := passhash.Parse(stored, limits)
		if err != nil {
			checkFault(t, h, stored, err)
			return
		}
		if strings.HasPrefix(stored, "$2") && h.Cost().Factor != 4 || h.Cost().Factor > 1100 {
			t.Errorf("%q: %v is beyond the limits", stored, h)
		}
		if _, err := passhash.Parse(stored, passhash.Limits{}); err != nil && !errors.Is(err, passhash.ErrWeak) {
			t.Errorf("%q: accepted, and refused where more is allowed: %v", stored, err)
		}
		if h.Match(stored) || h.Match("") && h.Match("x") || h.Dummy().Match("") {
			t.Errorf("%q: matches what it should not", stored)
		}
	})
}

func checkFault(t *testing.T, h passhash.Hash, stored string, err error) {
	known := 0
	for _, want := range []error{
		passhash.ErrMalformed, passhash.ErrUnsupported, passhash.ErrTooCostly,
		passhash.ErrWeak, passhash.ErrLocked,
	} {
		if errors.Is(err, want) {
			known++
		}
	}
	if known != 1 || h.Match("") || h.Family() != "" {
		t.Errorf("%q: got %v, %v", stored, h, err)
	}
	if len(stored) > 24 && strings.Contains(err.Error(), stored[5:]) {
		t.Errorf("LOG-2 %q: the error tells it: %v", stored, err)
	}
}
