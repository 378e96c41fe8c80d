package sqlite

import (
	"context"
	"errors"
)

// mostReaders is how many read at once.
const mostReaders = 4

// readers are connections that only read, opened when they are first needed. A
// nil one is one that is not open.
type readers struct {
	path string
	free chan *conn
	over chan struct{}
}

func newReaders(path string) *readers {
	r := &readers{path: path, free: make(chan *conn, mostReaders), over: make(chan struct{})}
	for range mostReaders {
		r.free <- nil
	}
	return r
}

// do runs a function with a connection of its own.
func (r *readers) do(ctx context.Context, run func(c *conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *conn
	select {
	case <-r.over:
		return ErrClosed
	default:
	}
	select {
	case <-r.over:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case c = <-r.free:
	}
	defer func() { r.free <- c }()
	if c == nil {
		opened, err := dial(r.path, "busy_timeout(5000)", "query_only(1)", "cache_size(-4000)")
		if err != nil {
			return err
		}
		c = opened
	}
	return run(c)
}

// close waits for those that read and closes all connections. Close it once.
func (r *readers) close() error {
	close(r.over)
	var errs []error
	for range mostReaders {
		if c := <-r.free; c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}
