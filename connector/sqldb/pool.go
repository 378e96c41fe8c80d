package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// pool are the connections to a database.
type pool struct {
	db      *sql.DB
	engine  engine
	idle    int
	timeout time.Duration
	breaker *breaker
}

const (
	// longest and idlest are how long a connection lives, and how long it lives
	// without being used: after a fail-over people don't stay with the old one.
	longest = 30 * time.Minute
	idlest  = 5 * time.Minute
)

func openPool(d *database, maxConns int, o options, b *breaker) (*pool, error) {
	connector, err := d.connector(o)
	if err != nil {
		return nil, err
	}
	p := &pool{db: sql.OpenDB(connector), engine: d.engine, idle: maxConns, timeout: o.timeout, breaker: b}
	p.db.SetMaxOpenConns(maxConns)
	p.db.SetMaxIdleConns(maxConns)
	p.db.SetConnMaxLifetime(longest)
	p.db.SetConnMaxIdleTime(idlest)
	return p, nil
}

// query is a statement that is sent often.
type query struct {
	statement
	mu       sync.Mutex
	prepared *sql.Stmt // of MySQL and SQLite; pgx keeps its own
}

// send sends a query with its values apart from it.
func (q *query) send(ctx context.Context, p *pool, values map[string]string) (*sql.Rows, error) {
	if p.engine == postgres {
		return p.db.QueryContext(ctx, q.text, q.fill(values)...)
	}
	prepared, err := q.prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, q.fill(values)...)
}

// prepare prepares the query once; database/sql does it again on every other
// connection. While one does, the others don't wait for a server that is slow.
func (q *query) prepare(ctx context.Context, p *pool) (*sql.Stmt, error) {
	q.mu.Lock()
	prepared := q.prepared
	q.mu.Unlock()
	if prepared != nil {
		return prepared, nil
	}
	fresh, err := p.db.PrepareContext(ctx, q.text)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.prepared != nil {
		_ = fresh.Close()
	} else {
		q.prepared = fresh
	}
	return q.prepared, nil
}

// rows is an answer: names of columns, and values.
type rows struct {
	columns []string
	values  [][]any
	more    bool // there were more than asked for
}

// ask sends a query and reads at most so many rows of its answer. A connection
// that turns out to be dead is replaced and the query sent once more: it only
// reads, and is no attempt of a password (CON-2).
func (p *pool) ask(ctx context.Context, q *query, values map[string]string, most int) (*rows, error) {
	probe, err := p.breaker.enter()
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	answer, err := p.read(inner, q, values, most)
	if err != nil && classify(err) == brokenFault && inner.Err() == nil {
		p.flush()
		answer, err = p.read(inner, q, values, most)
	}
	p.breaker.leave(probe, outcomeOf(ctx, inner, err))
	if err != nil && inner.Err() != nil {
		return nil, fmt.Errorf("no answer within %v: %w", p.timeout, inner.Err())
	}
	return answer, err
}

// flush closes the connections that nobody uses: where one was dead, so are
// they.
func (p *pool) flush() {
	p.db.SetMaxIdleConns(-1)
	p.db.SetMaxIdleConns(p.idle)
}

func (p *pool) read(ctx context.Context, q *query, values map[string]string, most int) (*rows, error) {
	found, err := q.send(ctx, p, values)
	if err != nil {
		return nil, err
	}
	answer, err := collect(found, most)
	return answer, errors.Join(err, found.Close())
}

func collect(found *sql.Rows, most int) (*rows, error) {
	columns, err := found.Columns()
	if err != nil {
		return nil, err
	}
	answer := &rows{columns: columns}
	for found.Next() {
		if len(answer.values) == most {
			answer.more = true
			break
		}
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		answer.values = append(answer.values, values)
	}
	return answer, found.Err()
}

func (p *pool) close() error { return p.db.Close() }
