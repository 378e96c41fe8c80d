package sqldb_test

import (
	"context"
	"database/sql"
	"strings"
	"syscall"
	"testing"

	my "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary/passhash"
)

// BenchmarkOverhead compares a whole sign-in with its bare parts on the same
// server: the same statements through the driver alone, and the hash. "cpu-µs/op" is
// the time of our process's processors.
func BenchmarkOverhead(b *testing.B) {
	hash, err := passhash.Parse(cheapHash, passhash.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	for _, engine := range engines {
		base := newBase(b, engine)
		people(base)
		bare := bareCall(b, base)
		b.Run(engine+"/bare", func(b *testing.B) {
			cpu(b, func() {
				if err := bare("ada"); err != nil || !hash.Match(password) {
					b.Fatal(err)
				}
			})
		})
		c := connect(b, own(base))
		values := credentials(b, "ada", password)
		b.Run(engine+"/connector", func(b *testing.B) {
			cpu(b, func() {
				if u, err := c.Authorize(context.Background(), values, nil); u == nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// bareCall sends the two statements of a sign-in through the driver alone and
// reads what they return.
func bareCall(b *testing.B, base *base) func(name string) error {
	config := own(base)
	ctx := context.Background()
	switch base.engine {
	case "postgres":
		conn, err := pgx.Connect(ctx, base.dsn)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close(ctx) })
		query, groups := strings.ReplaceAll(config.Query, ":username", "$1"), strings.ReplaceAll(config.GroupsQuery, ":id", "$1")
		return func(name string) error {
			for _, call := range [][2]string{{query, name}, {groups, "1"}} {
				rows, err := conn.Query(ctx, call[0], call[1])
				if err != nil {
					return err
				}
				for rows.Next() {
					_ = rows.RawValues()
				}
				if err := rows.Err(); err != nil {
					return err
				}
			}
			return nil
		}
	case "mysql":
		_, rest, _ := strings.Cut(base.dsn, "@127.0.0.1:")
		port, name, _ := strings.Cut(rest, "/")
		config := my.NewConfig()
		config.User, config.Passwd, config.Net, config.Addr, config.DBName = "reader", readerPassword, "tcp", "127.0.0.1:"+port, name
		return bareSQL(b, base, openSQL(b, "mysql", config.FormatDSN()))
	}
	return bareSQL(b, base, openSQL(b, "sqlite", strings.TrimPrefix(base.dsn, "sqlite:")))
}

func bareSQL(b *testing.B, base *base, db *sql.DB) func(name string) error {
	config := own(base)
	ctx := context.Background()
	prepare := func(text, value string) *sql.Stmt {
		statement, err := db.PrepareContext(ctx, strings.TrimSuffix(strings.ReplaceAll(text, value, "?"), ";"))
		if err != nil {
			b.Fatal(err)
		}
		return statement
	}
	query, groups := prepare(config.Query, ":username"), prepare(config.GroupsQuery, ":id")
	read := func(statement *sql.Stmt, values ...any) error {
		rows, err := statement.QueryContext(ctx, values...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, _ := rows.Columns()
		cells, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			places[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(places...); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	return func(name string) error {
		if err := read(query, name, name); err != nil {
			return err
		}
		return read(groups, "1")
	}
}

// cpu runs f as often as the benchmark wants, and reports what it cost.
func cpu(b *testing.B, f func()) {
	f()
	b.ReportAllocs()
	begun := used()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(used()-begun)/float64(b.N), "cpu-µs/op")
}

// used is the processor time of this process, in microseconds.
func used() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano()/1000 + u.Stime.Nano()/1000
}
