package sqldb

import (
	"log/slog"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/passhash"
)

// Config says where the users are and how they are read. DSN and either Preset
// or Query are required; everything else has a safe zero value. New checks it
// whole.
type Config struct {
	// DSN is the address of the database:
	//
	//	postgres://user:password@host:5432/database
	//	mysql://user:password@host:3306/database     (or mariadb://)
	//	sqlite:/var/lib/app/app.db
	//
	// A server on another machine is reached with TLS, and its certificate must
	// be good for the host's name. It takes few parameters: sslmode,
	// sslrootcert, host (the folder of a socket), application_name,
	// search_path, role and default_query_exec_mode for PostgreSQL; tls, socket
	// and collation for MySQL.
	DSN ostiary.Secret
	// CAFile has the certificates, in PEM, that may vouch for the server. Empty
	// means those of the system. With one, TLS is used on this machine, too.
	CAFile string
	// InsecureTransport permits sslmode=disable and tls=false to another
	// machine: anybody on the way then reads the hashes, and can answer with
	// one of a password that they know.
	InsecureTransport bool

	// Preset is the name of the system whose tables these are; see Presets.
	Preset string
	// TablePrefix is what the names of a preset's tables begin with: letters,
	// digits and underscores. Empty means the system's default (wp_, oc_, mdl_,
	// phpbb_, or nothing), "-" nothing.
	TablePrefix string
	// Realm is the realm of Keycloak whose users sign in, by its name. Empty
	// means any but master; a name that is in two realms then can't sign in.
	Realm string

	// Query finds a person by what was typed, in place of a preset: one SELECT,
	// fixed text, with the placeholder :username (or the engine's own, $1 or
	// ?). It must return exactly one row. The password has no place in it.
	Query string
	// Columns says what is what in the row of Query.
	Columns Columns
	// GroupsQuery finds the groups of :id, a row each. Two columns are joined
	// by a slash. With a preset it replaces the preset's own.
	GroupsQuery string
	// LookupQuery finds a person by :id, with the columns of Query; that of the
	// hash may be missing. Empty means no lookup. Presets have their own.
	LookupQuery string
	// HashSystem names the system whose way of storing passwords the table of
	// Query has; see package passhash. Empty means any hash that names its own
	// family.
	HashSystem string

	// Rehash is the consent to write, and the statement that does: an UPDATE
	// that sets :hash where the id is :id and the hash still is :old. After a
	// sign-in whose hash is weaker than today's, it is run with a new one. Empty
	// means that nothing is ever written.
	Rehash string

	// Pepper, OldPeppers and SiteSalt are the site's own secrets of systems that
	// have them. DefaultScheme is that of hashes that name none, Stretches the
	// rounds of those that don't say. See passhash.Options.
	Pepper        passhash.Pepper
	OldPeppers    []passhash.Pepper
	SiteSalt      passhash.Pepper
	DefaultScheme string
	Stretches     int
	// Limits bound what a stored hash may cost and which families count.
	Limits passhash.Limits
	// Pool bounds how many hashes run at once. Nil means a pool of its own; who
	// has several connectors gives them the same.
	Pool *passhash.Pool

	// Reveal lists the states that a person may learn of. Empty means none:
	// disabled, locked and unknown look like a wrong password.
	Reveal ostiary.Reveal
	// MaxConns is how many connections there may be to the database at once.
	// Zero means 16.
	MaxConns int
	// StatementTimeout is how long a statement may take, told to the server,
	// too. Zero means 5 seconds.
	StatementTimeout time.Duration
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string

	// Logger hears of hashes that can't be used, of rows that are not in order,
	// and of rehashes. Nil is silent.
	Logger *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Columns are the names of the columns in the result of Config.Query. Letter
// case is no difference.
type Columns struct {
	// ID is the immutable id. Empty means "id". It is required.
	ID string
	// Hash is the stored password. Empty means "hash". It is required.
	Hash string
	// Salt and Algorithm are further columns of systems that spread a hash
	// over several. Empty means the names that the system has for them, as far
	// as the query returns such columns.
	Salt, Algorithm string
	// Username is the login name, which must be what was typed. Where Email is
	// what was typed instead, that is as good. Empty means "username". It is
	// required.
	Username string
	// Name, Email and Image are for showing. Empty means "name", "email" and
	// "image", where there are such columns.
	Name, Email, Image string
	// Active is true, or a number other than 0, for who may sign in. Empty
	// means that there is no such column.
	Active string
	// Locked is NULL, false, 0, empty or a time that has passed for who may sign
	// in. Empty means that there is no such column.
	Locked string
}

func (c Columns) orDefaults() Columns {
	c.ID, c.Hash, c.Username = or(c.ID, "id"), or(c.Hash, "hash"), or(c.Username, "username")
	c.Name, c.Email, c.Image = or(c.Name, "name"), or(c.Email, "email"), or(c.Image, "image")
	return c
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
