// Package sqldb signs people in against the table of users that another system
// has in PostgreSQL, MySQL, MariaDB or SQLite. It only reads, unless it is given
// a statement for a rehash.
//
//	c, err := sqldb.New(sqldb.Config{
//		DSN:    ostiary.NewSecret(os.Getenv("DATABASE_URL")),
//		Preset: "django",
//	})
//	…
//	defer c.Close()
//	provider := ostiary.Provider{Name: "Acme", Form: fields, Authorize: c.Authorize, Lookup: c.Lookup}
//
// A preset knows the tables of a system, who may sign in, by which names, and
// how passwords are stored (see Presets). For any other table there is a query
// of the operator's own.
//
// # What is sent
//
// The text of a statement is fixed. What people type travels beside it, as
// values of the driver, never in it. The password is not sent at all: the
// database answers with the stored hash, which is verified here.
//
// # What is let in
//
// One row, with an id, a hash that can be read and matches, in no state that
// keeps it out, and whose name is what was typed by the system's own rule: a
// collation that takes é for e finds a row, but lets nobody in by it. No row and
// several are refusals.
//
// # What is limited
//
// The server itself is told that sessions only read and how long a statement may
// take. There are only so many connections; after several statements without an
// answer, nothing is sent for a second. A server on another machine must show a
// certificate for its name.
package sqldb
