package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/memory/factors"
	"github.com/ostiary/ostiary/store/postgres"
	"github.com/ostiary/ostiary/store/sqlite"
)

// storeSettings is the choice of a store. None is SQLite.
type storeSettings struct {
	sqlite   *sqliteSettings
	postgres *postgresSettings
	memory   *struct{}
}

type sqliteSettings struct{ path string }

type postgresSettings struct {
	dsn         secret
	connections int
}

// sharedStore is what all stores are.
type sharedStore interface {
	ostiary.Store
	ostiary.FactorStore
	io.Closer
}

func storeKeys() kind[storeSettings] {
	type config = storeSettings
	return mapping(
		key("sqlite", optional(sqliteKeys()), func(c *config) **sqliteSettings { return &c.sqlite }, "{}",
			"A file: for one machine."),
		key("postgres", optional(postgresKeys()), func(c *config) **postgresSettings { return &c.postgres }, "none",
			"A PostgreSQL database: for several replicas."),
		key("memory", optional(mapping[struct{}]()), func(c *config) **struct{} { return &c.memory }, "none",
			"The memory of this process: forgets at a restart, enrolled factors included."),
	)
}

func sqliteKeys() kind[sqliteSettings] {
	return mapping(
		key("path", text(1000), func(c *sqliteSettings) *string { return &c.path }, "ostiary.db",
			"The file; it is made if there is none."),
	)
}

func postgresKeys() kind[postgresSettings] {
	return mapping(
		key("dsn", dsn(), func(c *postgresSettings) *secret { return &c.dsn }, "",
			"How the database is reached: postgres://user:password@host/database?sslmode=verify-full.").required(),
		key("connections", whole(1, 1000, "connections"), func(c *postgresSettings) *int { return &c.connections }, "4, or as many as processors",
			"How many connections are held at most."),
	)
}

// checkStore holds the choice of a store against itself.
func (c *Config) checkStore() {
	n := 0
	for _, chosen := range []bool{c.store.sqlite != nil, c.store.postgres != nil, c.store.memory != nil} {
		if chosen {
			n++
		}
	}
	if n > 1 {
		c.reader.fault("store", c.reader.lineFor("store"), "has %d stores; keep one of sqlite, postgres and memory", n)
	}
}

// openStore opens the store of the file. The error is of type Faults.
func (c *Config) openStore(ctx context.Context, logger *slog.Logger) (sharedStore, error) {
	s := c.store
	store, path, err := sharedStore(nil), "store", error(nil)
	switch {
	case s.memory != nil:
		return factors.New(nil), nil
	case s.postgres != nil:
		path = "store.postgres"
		store, err = opened(postgres.Open(ctx, postgres.Config{
			DSN: ostiary.NewSecret(s.postgres.dsn.text), MaxConns: s.postgres.connections, Logger: logger,
		}))
	default:
		file := "ostiary.db"
		if s.sqlite != nil {
			path, file = "store.sqlite", cmp.Or(s.sqlite.path, file)
		}
		store, err = opened(sqlite.Open(ctx, sqlite.Config{Path: c.reader.path(file), Logger: logger}))
	}
	if err != nil {
		c.reader.faults = nil
		for _, message := range messages(err) {
			at, text := path, message
			if word, rest, found := strings.Cut(message, ": "); found && storeKey[word] != "" {
				at, text = path+"."+storeKey[word], rest
			}
			c.reader.fault(at, c.reader.lineFor(at), "%s", text)
		}
		return nil, c.reader.result()
	}
	return store, nil
}

// storeKey says which key a fault of a store is about, by its first word.
var storeKey = map[string]string{"Path": "path", "DSN": "dsn", "MaxConns": "connections"}

// opened keeps a nil of a type from looking like a store.
func opened[S sharedStore](store S, err error) (sharedStore, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

// CheckStore opens the store and closes it again. The error is of type Faults.
func (c *Config) CheckStore(ctx context.Context) error {
	store, err := c.openStore(ctx, nil)
	if err != nil {
		return err
	}
	return store.Close()
}

// name says which store is meant, for the log.
func (s storeSettings) name() string {
	switch {
	case s.postgres != nil:
		return "postgres"
	case s.memory != nil:
		return "memory"
	}
	return "sqlite"
}

// OpenFactors opens the store of a configuration for the operator's commands. What
// it returns must be closed.
func OpenFactors(ctx context.Context, c *Config, logger *slog.Logger) (admin *ostiary.FactorAdmin, closeAll func() error, err error) {
	if c.store.memory != nil {
		return nil, nil, errors.New("the store is memory: its factors are those of the running server alone, and can't be reached from here")
	}
	store, err := c.openStore(ctx, logger)
	if err != nil {
		return nil, nil, err
	}
	in, err := c.Build(logger, store)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	if len(c.Service.Factors.Kinds) == 0 {
		return nil, nil, errors.Join(fmt.Errorf("%s has no factors: add factors: {}", c.File), in.Close(), store.Close())
	}
	return in.Service.FactorAdmin(), func() error { return errors.Join(in.Close(), store.Close()) }, nil
}
