package sqldb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

// New makes a connector. The error joins every fault of the configuration, each
// beginning with the name of its field, and quotes nothing of the DSN. It
// connects to nothing; see [Connector.Check].
func New(config Config) (*Connector, error) {
	k := &checker{config: config}
	c := &Connector{
		usernameField: or(config.UsernameField, "username"),
		passwordField: or(config.PasswordField, "password"),
		reveal:        config.Reveal,
		database:      k.database(),
		hashes:        config.Pool,
		logger:        config.Logger,
		now:           config.Now,
		turn:          make(chan struct{}, 1),
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.hashes == nil {
		c.hashes = passhash.NewPool(0)
	}
	c.hashing = k.hashing()
	timeout, maxConns := k.timeout(), k.maxConns()
	if config.Preset == "" {
		k.own(c)
	} else {
		k.preset(c)
	}
	change := k.rehash()
	if err := errors.Join(k.faults...); err != nil {
		return nil, err
	}
	if err := c.open(options{timeout: timeout}, maxConns, change); err != nil {
		return nil, fmt.Errorf("DSN: %w", err)
	}
	return c, nil
}

// open makes the pools; nothing is connected to yet.
func (c *Connector) open(o options, maxConns int, change *statement) (err error) {
	guard := &breaker{now: c.now}
	if c.pool, err = openPool(c.database, maxConns, o, guard); err != nil {
		return err
	}
	if c.planner != nil {
		c.planner.ask = func(ctx context.Context, q *query, most int) (*rows, error) {
			return c.pool.ask(ctx, q, c.nobody(), most)
		}
	}
	if change == nil {
		return nil
	}
	o.write = true
	writer, err := openPool(c.database, 1, o, &breaker{now: c.now})
	if err != nil {
		return err
	}
	c.rehash = &rehash{pool: writer, change: *change, hashing: c.hashing, logger: c.logger, turn: make(chan struct{}, 1)}
	return nil
}

// checker collects faults.
type checker struct {
	config Config
	engine engine // every one, while it is not known
	faults []error
}

func (k *checker) faultf(format string, values ...any) {
	k.faults = append(k.faults, fmt.Errorf(format, values...))
}

func (k *checker) database() *database {
	d, err := parseDSN(k.config.DSN.Reveal(), transport{k.config.CAFile, k.config.InsecureTransport})
	if err != nil {
		k.faultf("DSN: %w", err)
		return nil
	}
	k.engine = d.engine
	return d
}

func (k *checker) timeout() time.Duration {
	switch t := k.config.StatementTimeout; {
	case t == 0:
		return 5 * time.Second
	case t < time.Millisecond:
		k.faultf("StatementTimeout: %v is less than a millisecond", t)
	case t > time.Hour:
		k.faultf("StatementTimeout: %v is more than an hour", t)
	}
	return k.config.StatementTimeout
}

func (k *checker) maxConns() int {
	switch n := k.config.MaxConns; {
	case n == 0:
		return 16
	case n < 0:
		k.faultf("MaxConns: %d is negative", n)
	}
	return k.config.MaxConns
}

// preset takes over what a preset knows.
func (k *checker) preset(c *Connector) {
	config := &k.config
	p, known := presets[config.Preset]
	if !known {
		k.faultf("Preset: %.60q is none; they are %s", config.Preset, strings.Join(Presets(), ", "))
		return
	}
	if k.engine != 0 && p.engines&k.engine == 0 {
		k.faultf("Preset: %s is in %v, not in %v", config.Preset, p.engines, k.engine)
	}
	for _, field := range []struct{ name, value string }{
		{"Query", config.Query}, {"LookupQuery", config.LookupQuery}, {"HashSystem", config.HashSystem},
	} {
		if field.value != "" {
			k.faultf("%s: the preset has its own; leave one of them out", field.name)
		}
	}
	if config.Columns != (Columns{}) {
		k.faultf("Columns: the preset has its own; leave one of them out")
	}
	if config.Realm != "" && config.Preset != "keycloak" {
		k.faultf("Realm: it is for the preset keycloak alone")
	}
	prefix := or(config.TablePrefix, p.prefix)
	if prefix == "-" {
		prefix = ""
	}
	if err := checkPrefix(prefix); err != nil {
		k.faultf("TablePrefix: %w", err)
	}
	c.values = map[string]string{"realm": config.Realm, "norealm": "0"}
	if config.Realm == "" {
		c.values["norealm"] = "1"
	}
	for name, value := range p.values {
		c.values[name] = value
	}
	c.planner = &planner{preset: &p, engine: k.engine, prefix: prefix, hashing: c.hashing}
	if config.GroupsQuery != "" {
		c.planner.groups = k.query("GroupsQuery", config.GroupsQuery, "id")
	}
}

// own takes over the operator's own queries.
func (k *checker) own(c *Connector) {
	config := &k.config
	if config.TablePrefix != "" {
		k.faultf("TablePrefix: it is for presets; write the names into the query")
	}
	if config.Realm != "" {
		k.faultf("Realm: it is for the preset keycloak alone")
	}
	if config.Query == "" {
		k.faultf("Query: neither it nor Preset says how to find a person")
		return
	}
	columns := config.Columns.orDefaults()
	own := &plan{
		byName: k.query("Query", config.Query, "username"),
		reader: &ownReader{columns: columns, hashing: c.hashing, now: c.now},
	}
	if config.GroupsQuery != "" {
		own.groups = k.query("GroupsQuery", config.GroupsQuery, "id")
	}
	if config.LookupQuery != "" {
		own.byID = k.query("LookupQuery", config.LookupQuery, "id")
		c.lookup = &ownReader{columns: columns, hashing: c.hashing, now: c.now, lookup: true}
	}
	c.plan.Store(own)
}

// query reads a statement of the operator.
func (k *checker) query(field, text, value string) *query {
	if k.engine == 0 {
		return nil // the fault of the DSN comes first
	}
	s, err := parseStatement(text, k.engine, value)
	switch {
	case err != nil:
		k.faultf("%s: %w", field, err)
	case s.verb() != "SELECT" && s.verb() != "WITH":
		k.faultf("%s: must be a SELECT", field)
	case len(s.values) == 0:
		k.faultf("%s: has no placeholder: write :%s, without quotes, where the value belongs", field, value)
	default:
		return &query{statement: s}
	}
	return nil
}

// rehash reads the statement that writes, nil for none.
func (k *checker) rehash() *statement {
	if k.config.Rehash == "" || k.engine == 0 {
		return nil
	}
	s, err := parseStatement(k.config.Rehash, k.engine, "hash", "id", "old")
	if err != nil {
		k.faultf("Rehash: %w", err)
		return nil
	}
	name := or(k.config.Preset, k.config.HashSystem)
	if _, known := spellings[name]; !known || k.config.Pepper != "" {
		k.faultf("Rehash: new hashes are bcrypt without a pepper, which %s may not read; leave it to the system itself", or(name, "it"))
	}
	if s.verb() != "UPDATE" {
		k.faultf("Rehash: must be an UPDATE")
	}
	for _, name := range []string{"hash", "id", "old"} {
		if !slices.Contains(s.values, name) {
			k.faultf("Rehash: has no :%s; it must read like UPDATE users SET password = :hash WHERE id = :id AND password = :old", name)
		}
	}
	return &s
}
