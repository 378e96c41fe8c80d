package passhash

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// ErrPassword is the error of Make for a password that no hash can be made of.
var ErrPassword = errors.New("password that can't be hashed")

// What Make writes.
const (
	makeBcrypt = 12
	makeMemory = 64 << 10 // KiB
	makePasses = 3
	makeSalt   = 16
	makeKey    = 32
)

// Make hashes a new password with a fresh salt: Bcrypt at cost 12, as $2a$, or
// Argon2id with 64 MiB and three passes in one lane, as a PHC string. The error is
// ErrUnsupported for any other family. It is ErrPassword for an empty password,
// one of more than MaxPassword bytes or, with bcrypt, more than 72, and one with a
// NUL, none of which would match afterwards. It takes as long as a Match.
func Make(family Family, password string) (string, error) {
	longest := MaxPassword
	switch family {
	case Bcrypt:
		longest = bcryptLongest
	case Argon2id:
	default:
		return "", fmt.Errorf("%w: new ones are %s or %s", ErrUnsupported, Bcrypt, Argon2id)
	}
	switch {
	case password == "":
		return "", fmt.Errorf("%w: it is empty", ErrPassword)
	case len(password) > longest:
		return "", fmt.Errorf("%w: it is longer than %d bytes", ErrPassword, longest)
	case strings.IndexByte(password, 0) >= 0:
		return "", fmt.Errorf("%w: it has a NUL", ErrPassword)
	}
	if family == Bcrypt {
		stored, err := bcrypt.GenerateFromPassword([]byte(password), makeBcrypt)
		return string(stored), err
	}
	salt := make([]byte, makeSalt)
	rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, makePasses, makeMemory, 1, makeKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, makeMemory, makePasses,
		raw.EncodeToString(salt), raw.EncodeToString(key)), nil
}
