package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"

	lite "modernc.org/sqlite"
)

// Result codes of SQLite (sqlite.org/rescode.html).
const (
	codeBusy   = 5
	codeNotADB = 26
)

// conn is one connection, for one goroutine at a time. It goes past database/sql,
// which would cost as much as SQLite itself, and keeps every statement that it
// has prepared: there are some thirty, all of them constants.
type conn struct {
	raw        driver.Conn
	statements map[string]statement
	args       []driver.NamedValue
	row        []driver.Value
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// dial opens a file that is there.
func dial(path string, pragmas ...string) (*conn, error) {
	pragmas = append([]string{
		"synchronous(FULL)", "trusted_schema(0)", "cell_size_check(1)", "temp_store(2)",
	}, pragmas...)
	parameters := url.Values{"mode": {"rw"}, "_pragma": pragmas}
	raw, err := new(lite.Driver).Open("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode())
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, statements: map[string]statement{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// prepare returns the statement of a query, with its values.
func (c *conn) prepare(query string, values []driver.Value) (statement, []driver.NamedValue, error) {
	c.args = c.args[:0]
	for i, v := range values {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	if s, ok := c.statements[query]; ok {
		return s, c.args, nil
	}
	prepared, err := c.raw.Prepare(query)
	if err != nil {
		return nil, nil, err
	}
	s, ok := prepared.(statement)
	if !ok {
		return nil, nil, errors.Join(errStatement, prepared.Close())
	}
	c.statements[query] = s
	return s, c.args, nil
}

// exec runs a query and returns how many rows it changed. A context would cost a
// goroutine for each: who waits gives up on its own.
func (c *conn) exec(query string, values ...driver.Value) (changed int64, err error) {
	s, args, err := c.prepare(query, values)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// script runs statements that are not kept: they are several, or do what they do
// while they are prepared, as some pragmas do.
func (c *conn) script(text string) error {
	prepared, err := c.raw.Prepare(text)
	if err != nil {
		return err
	}
	s, ok := prepared.(statement)
	if !ok {
		return errors.Join(errStatement, prepared.Close())
	}
	_, err = s.ExecContext(context.Background(), nil)
	return errors.Join(err, s.Close())
}

var errStatement = errors.New("the driver of SQLite has other statements than those it had")

// query hands each row to a function. The row is good until that returns.
func (c *conn) query(query string, each func(row []driver.Value) error, values ...driver.Value) (err error) {
	s, args, err := c.prepare(query, values)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if n := len(rows.Columns()); cap(c.row) < n {
		c.row = make([]driver.Value, n)
	} else {
		c.row = c.row[:n]
	}
	for {
		switch err := rows.Next(c.row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(c.row); err != nil {
			return err
		}
	}
}

// number returns the first value of the first row, and whether there is a row.
func (c *conn) number(query string, values ...driver.Value) (n int64, found bool, err error) {
	err = c.query(query, func(row []driver.Value) error {
		n, found = row[0].(int64)
		if !found {
			return fmt.Errorf("the database answered %T where a number was asked for", row[0])
		}
		return nil
	}, values...)
	return n, found, err
}

// isCode reports whether an error is the given one of SQLite.
func isCode(err error, code int) bool {
	var fault *lite.Error
	return errors.As(err, &fault) && fault.Code()&0xff == code
}
