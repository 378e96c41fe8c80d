package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/ended"
)

// Config says where the store is.
type Config struct {
	// Path is the file. It is made, with access for its owner alone, when there
	// is none; its folder must be there.
	Path string
	// Now is the clock. Nil means time.Now. All processes on one file share the
	// clock of their machine.
	Now func() time.Time
	// Logger gets every fault that no caller is told of. Nil is silent.
	Logger *slog.Logger
}

// ErrClosed is returned by a store that was closed.
var ErrClosed = errors.New("sqlite store is closed")

// Store is an ostiary.Store and an ostiary.FactorStore. It is safe for concurrent
// use, also by several processes on one file. Make one with Open.
type Store struct {
	path    string
	now     func() time.Time
	logger  *slog.Logger
	writer  *writer
	readers *readers
	ended   *ended.List
	seen    int64 // the number of the last ended session, for the list alone
	purging sync.WaitGroup
	closing sync.Once
}

var (
	_ ostiary.Store       = (*Store)(nil)
	_ ostiary.FactorStore = (*Store)(nil)
)

// Open opens the file, brings its tables up to date and learns which sessions
// were ended. It refuses a file that others may write, that is a symbolic link,
// that belongs to another program or to a newer version of this one. Close the
// store when it is no longer needed.
func Open(ctx context.Context, c Config) (*Store, error) { return open(ctx, c, ended.Config{}) }

// open is Open with another pace of the list of ended sessions.
func open(ctx context.Context, c Config, list ended.Config) (*Store, error) {
	if c.Path == "" {
		return nil, errors.New("Path: names no file; for example /var/lib/ostiary/ostiary.db")
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("Path: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if err := checkFile(path); err != nil {
		return nil, fmt.Errorf("Path: %w", err)
	}
	conn, err := first(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("Path: %s: %w", path, err)
	}
	s := &Store{path: path, now: c.Now, logger: c.Logger, writer: newWriter(conn), readers: newReaders(path)}
	list.Look, list.Logger = s.look, c.Logger
	s.ended = ended.New(list)
	if err := s.ended.Follow(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("Path: %s: %w", path, err), s.Close())
	}
	s.purging.Go(s.purge)
	return s, nil
}

// Close lets go of the file. Calls that come later fail with ErrClosed; Revoked
// keeps what it knows for a minute, and then says that every session was ended.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		s.ended.Close()
		err = errors.Join(s.readers.close(), s.writer.close())
		s.purging.Wait()
	})
	return err
}

// fault tells in which store something went wrong.
func (s *Store) fault(err error) error { return fmt.Errorf("sqlite store: %w", err) }

// write has a function run in a transaction and waits until what it did is on the
// disk. The error of the function undoes what it did.
func (s *Store) write(ctx context.Context, run func(c *conn, now int64) error) error {
	return s.told(s.writer.do(ctx, false, func(c *conn) error { return run(c, s.now().UnixMilli()) }))
}

// writeBriefly is write without the wait. Neither the end of this process nor
// that of another undoes what was done; a loss of power may.
func (s *Store) writeBriefly(ctx context.Context, run func(c *conn, now int64) error) error {
	return s.told(s.writer.do(ctx, true, func(c *conn) error { return run(c, s.now().UnixMilli()) }))
}

func (s *Store) told(err error) error {
	if err == nil || isAnswer(err) {
		return err
	}
	return s.fault(err)
}

// isAnswer reports whether an error is what a caller asked to be told.
func isAnswer(err error) bool {
	return errors.Is(err, ostiary.ErrConflict) || errors.Is(err, ostiary.ErrKeyTaken)
}
