package postgres

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate runs what was added since the tables were last used, in one
// transaction. Of several replicas that begin at once, all but one wait.
func (s *Store) migrate(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, statement := range []string{
			`SET LOCAL statement_timeout = '30s'`, `SET LOCAL lock_timeout = '30s'`,
			`SELECT pg_advisory_xact_lock(7453020183341)`, // nobody else's number
			`CREATE TABLE IF NOT EXISTS ostiary_migration (number bigint PRIMARY KEY, name text NOT NULL)`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		var done int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(number), 0) FROM ostiary_migration`).Scan(&done); err != nil {
			return err
		}
		files, err := migrations.ReadDir("migrations")
		if err != nil {
			return err
		}
		if done < 0 || done > len(files) {
			return fmt.Errorf("they are of a newer version (%d, known is %d); run that one, or restore the copy from before", done, len(files))
		}
		for i, file := range files[done:] {
			if err := apply(ctx, tx, done+i+1, file.Name()); err != nil {
				return fmt.Errorf("%s: %w", file.Name(), err)
			}
		}
		return nil
	})
}

// apply runs one file. Its statements are apart by an empty line: the extended
// protocol takes them one by one.
func apply(ctx context.Context, tx pgx.Tx, number int, name string) error {
	script, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(script), ";\n\n") {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO ostiary_migration (number, name) VALUES ($1, $2)`, number, name)
	return err
}
