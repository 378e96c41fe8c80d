// Package account has the two canonical spellings of a person: of the name that
// they type (Name), and of the id that the user system gives them (ID).
package account

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrID is the error for a realm or user id that can't be part of an account.
var ErrID = errors.New("neither realm nor user id may be empty, beyond 512 bytes, without valid UTF-8, or hold control characters")

const maxID = 512 // bytes, of realm and of user id

// ID returns the one text for a user of a realm: no other pair has the same
// (IDN-2). The id is the immutable one, exactly as the user system gave it. All
// of the text is visible ASCII, so that it can stand in headers and log lines:
// other bytes, percent signs, and the colons of a realm are percent-encoded. The
// error is ErrID.
func ID(realm, userID string) (string, error) {
	if err := Check(realm, userID); err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(len(realm) + 1 + len(userID))
	encode(&b, realm, ':')
	b.WriteByte(':') // the first colon of the text: a realm has none left
	encode(&b, userID, '%')
	return b.String(), nil
}

// Check reports whether ID has a text for the user: it returns ErrID where it has
// none.
func Check(realm, userID string) error {
	if !valid(realm) || !valid(userID) {
		return ErrID
	}
	return nil
}

func valid(s string) bool {
	return s != "" && len(s) <= maxID && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func encode(b *strings.Builder, s string, special byte) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '%' || c == special {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
}

// Split is the reverse of ID. The error is ErrID for a text that ID never
// returns.
func Split(id string) (realm, userID string, err error) {
	left, right, found := strings.Cut(id, ":")
	if !found {
		return "", "", ErrID
	}
	realm, err1 := url.PathUnescape(left)
	userID, err2 := url.PathUnescape(right)
	again, err3 := ID(realm, userID)
	if err1 != nil || err2 != nil || err3 != nil || again != id {
		return "", "", ErrID
	}
	return realm, userID, nil
}
