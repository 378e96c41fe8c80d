package sqldb

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

var errDriver = errors.New("the database is opened by its address alone")

// pgDriver is there because database/sql wants one.
type pgDriver struct{}

func (pgDriver) Open(string) (driver.Conn, error) { return nil, errDriver }

// pgConn is a connection of database/sql over one of pgx. It can do what a
// connector does: ask, and send the statement of a rehash.
type pgConn struct{ conn *pgx.Conn }

var (
	_ driver.QueryerContext  = (*pgConn)(nil)
	_ driver.ExecerContext   = (*pgConn)(nil)
	_ driver.SessionResetter = (*pgConn)(nil)
	_ driver.Validator       = (*pgConn)(nil)
	_ driver.Pinger          = (*pgConn)(nil)
)

func (c *pgConn) Prepare(string) (driver.Stmt, error) { return nil, errDriver }
func (c *pgConn) Begin() (driver.Tx, error)           { return nil, errDriver }

// Close says goodbye to the server, but does not wait long for it.
func (c *pgConn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	return c.conn.Close(ctx)
}

func (c *pgConn) Ping(ctx context.Context) error {
	if err := c.conn.Ping(ctx); err != nil {
		return pgFault(err)
	}
	return nil
}

// IsValid reports whether the connection may go back to the pool.
func (c *pgConn) IsValid() bool { return !c.conn.IsClosed() }

// ResetSession refuses a connection in the middle of something.
func (c *pgConn) ResetSession(context.Context) error {
	if c.conn.IsClosed() || c.conn.PgConn().TxStatus() != 'I' {
		return driver.ErrBadConn
	}
	return nil
}

// QueryContext sends a statement with its values apart from it and begins to
// read the answer.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.conn.Query(ctx, query, pgArgs(args)...)
	if err != nil {
		return nil, pgFault(err)
	}
	more := rows.Next() // also finds out whether the server took it at all
	if err := rows.Err(); err != nil {
		rows.Close()
		return nil, pgFault(err)
	}
	return &pgRows{rows: rows, first: true, more: more}, nil
}

// ExecContext sends a statement with its values apart from it.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	tag, err := c.conn.Exec(ctx, query, pgArgs(args)[1:]...)
	if err != nil {
		return nil, pgFault(err)
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

func pgArgs(args []driver.NamedValue) []any {
	values := make([]any, 1, 1+len(args))
	values[0] = pgx.QueryResultFormats{pgx.TextFormatCode}
	for _, a := range args {
		values = append(values, a.Value)
	}
	return values
}

// pgFault tells database/sql when a connection was dead before anything was
// sent over it, so that it takes another one.
func pgFault(err error) error {
	if pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}
	return err
}

// pgRows are rows of text.
type pgRows struct {
	rows        pgx.Rows
	first, more bool
}

func (r *pgRows) Columns() []string {
	fields := r.rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

func (r *pgRows) Close() error {
	r.rows.Close()
	return r.rows.Err()
}

func (r *pgRows) Next(into []driver.Value) error {
	more := r.more
	if !r.first {
		more = r.rows.Next()
	}
	r.first = false
	if !more {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	fields := r.rows.FieldDescriptions()
	for i, raw := range r.rows.RawValues() {
		into[i] = pgValue(fields[i].DataTypeOID, raw)
	}
	return nil
}

// pgValue copies a value: NULL is nil, bytes are unpacked, all others are the
// text that PostgreSQL shows.
func pgValue(kind uint32, raw []byte) driver.Value {
	if raw == nil {
		return nil
	}
	text := string(raw)
	if digits, packed := strings.CutPrefix(text, `\x`); packed && kind == pgtype.ByteaOID {
		if b, err := hex.DecodeString(digits); err == nil {
			return string(b)
		}
	}
	return text
}
