package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/ended"
)

// patience is how long a call may take, whatever its context says. It is shorter
// than overlap.
const patience = 5 * time.Second

// Config says which database.
type Config struct {
	// DSN is the address, as a URL or in keywords (PostgreSQL's manual, section
	// 34.1.1). A server that is not on this machine must prove who it is by TLS.
	DSN ostiary.Secret
	// MaxConns is how many connections one process has. Zero means 8.
	MaxConns int
	// Now is the clock. Nil means that of the database, which all replicas share.
	Now func() time.Time
	// Logger gets every fault that no caller is told of. Nil is silent.
	Logger *slog.Logger
}

// Store is an ostiary.Store and an ostiary.FactorStore. It is safe for concurrent
// use, and many may share a database. Make one with Open.
type Store struct {
	pool    *pgxpool.Pool
	conns   int // at most, in the pool
	clock   func() time.Time
	logger  *slog.Logger
	ended   *ended.List
	seen    seen
	over    chan struct{}
	purging sync.WaitGroup
	closing sync.Once
}

var (
	_ ostiary.Store       = (*Store)(nil)
	_ ostiary.FactorStore = (*Store)(nil)
)

// Open connects to the database, brings its tables up to date and learns which
// sessions were ended. It refuses tables of a newer version. Close the store when
// it is no longer needed.
func Open(ctx context.Context, c Config) (*Store, error) { return open(ctx, c, ended.Config{}) }

// open is Open with another pace of the list of ended sessions.
func open(ctx context.Context, c Config, list ended.Config) (*Store, error) {
	var conns error
	if c.MaxConns < 0 {
		conns = errors.New("MaxConns: is negative; leave it zero for 8")
	} else if c.MaxConns == 0 {
		c.MaxConns = 8
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	config, err := settings(c.DSN.Reveal(), c.MaxConns)
	if err := errors.Join(err, conns); err != nil {
		return nil, err
	}
	config.AfterConnect = durable
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("DSN: %w", err)
	}
	s := &Store{pool: pool, conns: c.MaxConns, clock: c.Now, logger: c.Logger, over: make(chan struct{})}
	list.Look, list.Logger = s.look, c.Logger
	s.ended = ended.New(list)
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.purging.Go(s.purge)
	return s, nil
}

func (s *Store) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("DSN: preparing the tables: %w", plainly(err))
	}
	return s.ended.Follow(ctx)
}

// durable undoes a setting of the database by which an acknowledged change could
// be lost.
func durable(ctx context.Context, conn *pgx.Conn) error {
	const on = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`
	_, err := conn.Exec(ctx, on)
	return err
}

// Close lets go of the database. Calls that come later fail; Revoked keeps what
// it knows for a minute, and then says that every session was ended.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.over)
		s.ended.Close()
		s.purging.Wait()
		s.pool.Close()
	})
	return nil
}

// now is the first value of every statement that goes by the time: Unix
// milliseconds, or nil for the clock of the database.
func (s *Store) now() any {
	if s.clock == nil {
		return nil
	}
	return s.clock().UnixMilli()
}

// now in a statement. The clock of the database is that at which the statement
// began, which is after every wait for a lock of a statement before it.
const now = `coalesce($1::bigint, floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint)`

// fault tells in which store something went wrong.
func (s *Store) fault(err error) error { return fmt.Errorf("postgres store: %w", err) }

// Codes of PostgreSQL (its manual, appendix A), and one of ours.
const (
	codeUnique   = "23505"
	codeDeadlock = "40P01"
	codeSerial   = "40001"
	codeDemand   = "OS001"
)

func isCode(err error, codes ...string) bool {
	var fault *pgconn.PgError
	if !errors.As(err, &fault) {
		return false
	}
	for _, code := range codes {
		if fault.Code == code {
			return true
		}
	}
	return false
}

// plainly adds what mends the usual faults of a first start.
func plainly(err error) error {
	switch {
	case isCode(err, "42501"):
		return fmt.Errorf("the user may not make tables; GRANT CREATE, USAGE ON SCHEMA public TO it: %w", err)
	case isCode(err, "3D000"):
		return fmt.Errorf("the database is missing; CREATE DATABASE it: %w", err)
	}
	return err
}
