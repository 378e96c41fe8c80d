package passhash

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
)

// Record is what a system keeps about one password.
type Record struct {
	// Stored is the content of the main column, "" for NULL.
	Stored string
	// Columns are further columns by the system's own names, those of
	// System.Columns. A NULL is left out.
	Columns map[string]string
	// Username is the login name, needed only where the hash covers it.
	Username string
}

// Format hides the hash, whatever the verb.
func (Record) Format(f fmt.State, _ rune) { io.WriteString(f, "passhash.Record{…}") }

// LogValue hides the hash.
func (Record) LogValue() slog.Value { return slog.StringValue("passhash.Record{…}") }

// MarshalText hides the hash, for JSON and its like.
func (Record) MarshalText() ([]byte, error) { return []byte("passhash.Record{…}"), nil }

// Pepper is a secret of the site that goes into its hashes. It does not show
// itself when printed.
type Pepper string

// Format hides the pepper, whatever the verb.
func (Pepper) Format(f fmt.State, _ rune) { io.WriteString(f, "[pepper]") }

// LogValue hides the pepper.
func (Pepper) LogValue() slog.Value { return slog.StringValue("[pepper]") }

// MarshalText hides the pepper, for JSON and its like.
func (Pepper) MarshalText() ([]byte, error) { return []byte("[pepper]"), nil }

// Options are what a site sets for a system. The zero value is the system's
// default and the safe limits.
type Options struct {
	Limits
	// Pepper is Devise's config.pepper, the newest of Moodle's passwordpeppers,
	// or the secret of Spring's PBKDF2 and {sha256}. Empty means none.
	Pepper Pepper
	// OldPeppers are the other passwordpeppers of Moodle.
	OldPeppers []Pepper
	// SiteSalt is Moodle's passwordsaltmain or Nextcloud's passwordsalt, for
	// hashes of old versions. Empty means none.
	SiteSalt Pepper
	// DefaultScheme is Dovecot's default_pass_scheme, such as SHA256.HEX, which
	// applies to a value without {SCHEME} in front; empty means CRYPT. The zero
	// System reads under it what has no look of its own; empty means not at all.
	// For Devise it is the encryptor of devise-encryptable: sha1 or sha512.
	DefaultScheme string
	// Stretches are the rounds of devise-encryptable. Zero means 10.
	Stretches int
}

// System is a program whose passwords can be verified. The zero System takes any
// family that is known by its look, and the password as it was typed. It is safe
// for concurrent use.
type System struct {
	name string
}

// kind is how a system stores passwords.
type kind struct {
	read    func(r Record, o Options) (Hash, error)
	columns []string
	form    habit
	// today is what the system's newest version writes for a new user, with
	// nothing behind it.
	today Record
}

// SystemNamed returns the system of that name, as SystemNames lists them. The
// empty name is the zero System. The error says which names there are.
func SystemNamed(name string) (System, error) {
	if _, known := kinds()[name]; !known {
		return System{}, fmt.Errorf("no system %q; there are %v", name, SystemNames())
	}
	return System{name}, nil
}

// SystemNames returns the names of the systems, in order, the empty one left out.
func SystemNames() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(kinds())), func(name string) bool { return name == "" })
}

// String returns the name.
func (s System) String() string { return s.name }

// Columns returns the names of the columns that the system wants in Record
// beside the main one. Columns that a table does not have may be left out.
func (s System) Columns() []string { return slices.Clone(kinds()[s.name].columns) }

// maxColumn bounds a value of a Record, in bytes; Keycloak's JSON has up to about
// 500.
const maxColumn = 4096

// Parse recognises the password of a record. The Hash takes what a person types
// into the system's own form. Its error is as that of Parse, and never holds a
// value; it takes microseconds, whatever the record asks for.
func (s System) Parse(r Record, o Options) (Hash, error) {
	for _, value := range r.Columns {
		if len(value) > maxColumn {
			return Hash{}, malformed("a column is longer than %d bytes", maxColumn)
		}
	}
	switch {
	case len(r.Stored) > maxColumn:
		return Hash{}, malformed("it is longer than %d bytes", maxColumn)
	case r.Stored == "":
		return Hash{}, ErrLocked
	}
	k := kinds()[s.name]
	h, err := k.read(r, o)
	if err == nil {
		h, err = o.strong(h)
	}
	if err != nil {
		return Hash{}, err
	}
	return h.typed(k.form), nil
}

// Default returns a hash of the family and cost that a new user of the newest
// version gets. It matches no password, as Hash.Dummy. A Dummy of a hash that was
// read from the table is closer to its rows, if there is one (PWD-6).
func (s System) Default(o Options) Hash {
	o.Limits = Limits{AllowMD5AndSHA1: true}
	h, err := s.Parse(kinds()[s.name].today, o)
	if err != nil {
		return Hash{} // can't be: a test reads all of them
	}
	return h.Dummy()
}

// modern are the families that need not be replaced where they cost enough.
var modern = map[Family]bool{
	Bcrypt: true, BcryptSHA256: true, BcryptSHA384: true, Argon2id: true, Argon2i: true, Scrypt: true,
	Yescrypt: true, PBKDF2SHA256: true, PBKDF2SHA512: true,
}

// RehashDue reports whether the hash is weaker than what the newest version of
// the system writes: of the same family and cheaper, or of another one that is
// not modern or takes less than half the time.
func (s System) RehashDue(h Hash) bool {
	today := s.Default(Options{})
	if h.family == today.family {
		return h.cost.Factor < today.cost.Factor || h.cost.Memory < today.cost.Memory
	}
	return !modern[h.family] || h.cost.Time < today.cost.Time/2
}
