package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// system is the keys of one connector: what the file says of one user system.
type system interface {
	// connect makes the connector. It asks nothing yet.
	connect(w wiring) (connected, error)
	// asks are the fields of the form that the connector reads.
	asks() []asked
	// keyOf says which key the connector means when a fault of its begins with
	// that word, "" for none.
	keyOf(word string) string
	// looksUp reports whether people can be looked up without their password.
	looksUp() bool
}

// wiring is what a connector gets from around it.
type wiring struct {
	path   func(file string) string // relative to the configuration file
	logger *slog.Logger             // nil while the file is only checked
	pool   func() *passhash.Pool    // that hashes for the whole process
}

func (c *Config) wiring(logger *slog.Logger) wiring {
	return wiring{c.reader.path, logger, func() *passhash.Pool { return hashes(c.hashing) }}
}

// hashing is the one pool of the process: reloads and several providers share the
// same processors and memory. The first configuration sets its bounds.
var hashing struct {
	once sync.Once
	pool *passhash.Pool
}

func hashes(bounds passhash.PoolConfig) *passhash.Pool {
	hashing.once.Do(func() {
		bounds.LowPriority = true // the process is ours
		hashing.pool = passhash.NewPoolWith(bounds)
	})
	return hashing.pool
}

// asked is a field that must be in the form, and the key that names it.
type asked struct{ key, field string }

// connected is one connector at work.
type connected struct {
	authorize ostiary.Authorizer
	lookup    func(ctx context.Context, userID string) (*ostiary.User, error) // nil when it can't
	check     func(context.Context) error
	closer    io.Closer // nil when there is nothing to close

	provider string // the id of whom it answers for
	path     string // of its keys in the file
}

// connectorSettings is what stands below the key connector: exactly one system.
type connectorSettings struct{ declared []declared }

type declared struct {
	name   string // "http"
	system system
}

// systemKey is the key of one sort of system.
func systemKey[S any, P interface {
	*S
	system
}](name string, keys kind[S], doc string) member[connectorSettings] {
	return member[connectorSettings]{
		key: name, doc: doc, schema: keys.schema, below: keys.below,
		read: func(r *reader, at place, to *connectorSettings) {
			s := new(S)
			keys.read(r, at, s)
			to.declared = append(to.declared, declared{name, P(s)})
		},
	}
}

// singleKeys are the systems that stand for themselves.
func singleKeys() []member[connectorSettings] {
	return []member[connectorSettings]{
		systemKey("http", httpKeys(), "Posts the fields to an HTTP endpoint; 2xx and a JSON object is the user, 4xx a refusal."),
		systemKey("htpasswd", htpasswdKeys(), "Looks names and passwords up in a file as Apache's htpasswd writes it; changes count at once."),
		systemKey("sql", sqlKeys(), "Reads the user table of an application: PostgreSQL, MySQL, MariaDB or SQLite."),
		systemKey("ldap", ldapKeys(), "Binds to a directory: OpenLDAP, Active Directory, FreeIPA."),
		systemKey("radius", radiusKeys(), "Asks a RADIUS server; its challenge is a next step."),
		systemKey("command", commandKeys(), "Runs a program with the fields as JSON on its standard input; exit 0 and a JSON object is the user, 1 a refusal."),
		systemKey("pam", pamKeys(), "Asks a PAM service of this machine; only in a build with PAM."),
	}
}

func connectorKeys() kind[connectorSettings] {
	return oneOf(append(singleKeys(),
		systemKey("chain", chainKeys(), "Asks several user systems, one after the other: for people who are moving from one to the next.")))
}

// oneOf reads the one system that must be there.
func oneOf(members []member[connectorSettings]) kind[connectorSettings] {
	k := mapping(members...)
	read, any := k.read, k.schema
	k.read = func(r *reader, at place, to *connectorSettings) {
		before := len(r.faults)
		read(r, at, to)
		switch n := len(to.declared); {
		case n > 1:
			r.faultAt(at, "has two connectors; a provider asks one user system, declare a second provider or a chain")
		case n == 0 && len(r.faults) == before:
			r.faultAt(at, "is empty; it must be %s", or(names(members)))
		}
	}
	k.schema = func() schema {
		s := any()
		s["minProperties"], s["maxProperties"] = 1, 1
		return s
	}
	return k
}

// or writes "a, b or c".
func or(words []string) string {
	text := list(words)
	if at := strings.LastIndex(text, " and "); at >= 0 {
		text = text[:at] + " or " + text[at+len(" and "):]
	}
	return text
}

// one is the system, if there is exactly one.
func (s connectorSettings) one() (d declared, ok bool) {
	if len(s.declared) != 1 {
		return d, false
	}
	return s.declared[0], true
}

// checkConnector lets the system below a path check itself, as far as it can
// without a network.
func (c *Config) checkConnector(path string, s connectorSettings, fields form.Form, fieldsPath string) {
	d, ok := s.one()
	if !ok || c.reader.faulty(path) {
		return
	}
	path += "." + d.name
	if !c.reader.faulty(fieldsPath) {
		c.checkAsked(path, d.system, fields)
	}
	if chain, ok := d.system.(*chainSettings); ok {
		for i, link := range chain.links {
			c.checkConnector(fmt.Sprintf("%s[%d].connector", path, i), link.connector, fields, fieldsPath)
		}
		if c.reader.faulty(path) {
			return
		}
	}
	made, err := d.system.connect(c.wiring(nil))
	if err != nil {
		c.connectorFaults(path, d.system, err)
		return
	}
	if made.closer != nil {
		_ = made.closer.Close() // nothing was asked through it
	}
}

// checkAsked makes sure that the form asks for what the connector reads.
func (c *Config) checkAsked(path string, s system, fields form.Form) {
	for _, want := range s.asks() {
		if !slices.ContainsFunc(fields, func(f form.Field) bool { return f.Name == want.field }) {
			at := path + "." + want.key
			c.reader.fault(at, c.reader.lineFor(at), "the form has no field %s; declare it, or name another one here", want.field)
		}
	}
}

// faulty reports whether there is a fault at a path or below it.
func (r *reader) faulty(path string) bool { return r.faultyBefore(path, len(r.faults)) }

// faultyBefore asks the same of the first n faults.
func (r *reader) faultyBefore(path string, n int) bool {
	for _, f := range r.faults[:n] {
		if strings.HasPrefix(f.Path, path) {
			return true
		}
	}
	return false
}

// connectorFaults gives what a connector says about its configuration the lines
// and keys of the file.
func (c *Config) connectorFaults(path string, s system, err error) {
	for _, message := range messages(err) {
		at, text := path, message
		if word, rest, found := strings.Cut(message, ": "); found {
			if key := s.keyOf(word); key != "" {
				at, text = path+"."+key, rest
			}
		}
		c.reader.fault(at, c.reader.lineFor(at), "%s", text)
	}
}

// checker is a connector that can say whether its user system is there.
type checker interface {
	Check(ctx context.Context) error
}

// asConnected takes what every connector of ours has.
func asConnected(connector interface {
	Authorize(ctx context.Context, credentials form.Values, r *http.Request) (*ostiary.User, error)
},
) connected {
	made := connected{authorize: connector.Authorize, check: func(context.Context) error { return nil }}
	if k, ok := connector.(checker); ok {
		made.check = k.Check
	}
	made.closer, _ = connector.(io.Closer)
	return made
}

// keyOfField says which key of a mapping a connector means by the field of its
// Config that it names, "" for none.
func keyOfField[T any](k kind[T], field string) string {
	name := snakeCase(field)
	for _, known := range k.below("") {
		if known.Path == name {
			return name
		}
	}
	return ""
}

// snakeCase turns the name of a Go field into that of its key: CAFile into
// ca_file, BaseDN into base_dn.
func snakeCase(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, c := range letters {
		if unicode.IsUpper(c) {
			startsWord := i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
			if startsWord {
				b.WriteByte('_')
			}
			c = unicode.ToLower(c)
		}
		b.WriteRune(c)
	}
	return b.String()
}
