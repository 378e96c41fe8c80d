package sqlite

import (
	"context"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// first opens the file for the first time: it makes it a database with all tables
// if it is not yet. Of several processes that begin at once, all but one wait.
func first(ctx context.Context, path string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		c, err := set(path)
		switch {
		case isCode(err, codeNotADB):
			return nil, errors.New("is no SQLite database; name another file, or move this one away")
		case !isCode(err, codeBusy):
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another process holds the database: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func set(path string) (*conn, error) {
	// A sign-in writes into few pages and all of each: small ones cost less.
	c, err := dial(path, "page_size(2048)", "busy_timeout(0)", "cache_size(-16000)", "journal_size_limit(67108864)")
	if err != nil {
		return nil, err
	}
	for _, step := range []func(*conn) error{foreign, journal, migrate} {
		if err := step(c); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// foreign refuses the database of another program, before anything is written.
func foreign(c *conn) error {
	const ask = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'ostiary_migration')`
	n, _, err := c.number(ask)
	if err == nil && n > 0 {
		err = errors.New("is the database of another program; name a file of our own")
	}
	return err
}

// journal switches to the write-ahead log, which the file remembers.
func journal(c *conn) error {
	return c.query("PRAGMA journal_mode(WAL)", func(row []driver.Value) error {
		if mode, _ := row[0].(string); mode != "wal" {
			return fmt.Errorf("can't have a write-ahead log (the mode is %q); the file belongs on a local disk", mode)
		}
		return nil
	})
}

// migrate runs what was added since the file was last opened, in one transaction.
func migrate(c *conn) (err error) {
	if _, err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = c.exec("ROLLBACK")
		}
	}()
	const table = `CREATE TABLE IF NOT EXISTS ostiary_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT`
	if _, err := c.exec(table); err != nil {
		return err
	}
	done, _, err := c.number(`SELECT coalesce(max(number), 0) FROM ostiary_migration`)
	if err != nil {
		return err
	}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	if done < 0 || done > int64(len(files)) {
		return fmt.Errorf("has tables of a newer version (%d, known is %d); run that one, or restore the copy from before", done, len(files))
	}
	for i, file := range files[done:] {
		if err := apply(c, int(done)+i+1, file.Name()); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	_, err = c.exec("COMMIT")
	return err
}

func apply(c *conn, number int, name string) error {
	script, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	if err := c.script(string(script)); err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO ostiary_migration (number, name) VALUES (?, ?)`, int64(number), name)
	return err
}
