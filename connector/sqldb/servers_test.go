package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary/internal/testserver/mariadb"
	"github.com/ostiary/ostiary/internal/testserver/postgres"
)

// The servers that the tests of this package share, each with a reader that may
// do nothing but what it is granted.
var (
	postgresServer = sync.OnceValues(func() (*postgres.Server, error) { return postgres.Open("max_connections=200") })
	mariadbServer  = sync.OnceValues(func() (*mariadb.Server, error) { return mariadb.Open("max-connections=200") })
	opened         struct {
		sync.Mutex
		close []func() error
	}
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, shut := range opened.close {
		if err := shut(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// once remembers what TestMain has to close.
var postgresOnce, mariadbOnce sync.Once

func sharedPostgres(tb testing.TB) *postgres.Server {
	tb.Helper()
	s, err := postgresServer()
	if err != nil {
		tb.Fatal(err)
	}
	postgresOnce.Do(func() {
		closeAtEnd(s.Close)
		s.Exec(tb, "postgres", "CREATE ROLE reader LOGIN PASSWORD 'r e/a@d'")
	})
	return s
}

func sharedMariaDB(tb testing.TB) *mariadb.Server {
	tb.Helper()
	s, err := mariadbServer()
	if err != nil {
		tb.Fatal(err)
	}
	mariadbOnce.Do(func() {
		closeAtEnd(s.Close)
		s.Exec(tb, "", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r e/a@d'", "CREATE USER reader@localhost IDENTIFIED BY 'r e/a@d'")
	})
	return s
}

func closeAtEnd(f func() error) {
	opened.Lock()
	defer opened.Unlock()
	opened.close = append(opened.close, f)
}

const readerPassword = "r e/a@d"

// base is a database of one test.
type base struct {
	tb     testing.TB
	engine string
	dsn    string // of the reader
	admin  string // of whoever may do everything
	// key is the value by which the states of a preset find account n.
	key func(n int) any
	// run runs a statement with question marks for its values.
	run func(statement string, values ...any) error
}

var engines = []string{"postgres", "mysql", "sqlite"}

// newBase makes an empty database.
func newBase(tb testing.TB, engine string) *base {
	tb.Helper()
	switch engine {
	case "postgres":
		return postgresBase(tb, sharedPostgres(tb))
	case "mysql":
		return mariadbBase(tb, sharedMariaDB(tb))
	}
	path := filepath.Join(tb.TempDir(), "app ü%.db")
	db := openSQL(tb, "sqlite", path)
	return &base{tb: tb, engine: engine, dsn: "sqlite:" + path, admin: "sqlite:" + path, run: func(statement string, values ...any) error {
		_, err := db.ExecContext(context.Background(), strings.ReplaceAll(statement, "{quote}", `"`), values...)
		return err
	}}
}

func postgresBase(tb testing.TB, s *postgres.Server) *base {
	name := s.Database(tb)
	conn, err := pgx.Connect(context.Background(), s.DSN(name))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return &base{
		tb: tb, engine: "postgres", dsn: s.DSNAs("reader", readerPassword, name), admin: s.DSN(name),
		run: func(statement string, values ...any) error {
			for i := 1; strings.Contains(statement, "?"); i++ {
				statement = strings.Replace(statement, "?", "$"+strconv.Itoa(i), 1)
			}
			statement = strings.ReplaceAll(statement, "20200101000000", "2020-01-01")
			statement = strings.ReplaceAll(statement, "29990101000000", "2999-01-01")
			_, err := conn.Exec(context.Background(), statement, values...)
			return err
		},
	}
}

func mariadbBase(tb testing.TB, s *mariadb.Server) *base {
	name := s.Database(tb)
	db := openSQL(tb, "mysql", "root@tcp("+s.Addr()+")/"+name)
	return &base{
		tb: tb, engine: "mysql", dsn: s.DSNAs("reader", readerPassword, name), admin: s.DSN(name),
		run: func(statement string, values ...any) error {
			_, err := db.ExecContext(context.Background(), strings.NewReplacer(`"`, "`", "{quote}", `"`).Replace(statement), values...)
			return err
		},
	}
}

func openSQL(tb testing.TB, driver, dsn string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// must runs a statement that has to succeed.
func (b *base) must(statement string, values ...any) {
	b.tb.Helper()
	if err := b.run(types[b.engine].Replace(statement), values...); err != nil {
		b.tb.Fatalf("%v\n%s %v", err, statement, values)
	}
}

// types are the words of the schemas that differ between servers.
var types = map[string]*strings.Replacer{
	"postgres": strings.NewReplacer(
		"{serial}", "serial PRIMARY KEY", "{bool}", "boolean", "{bit}", "boolean", "{time}", "timestamptz", "{timestamp}", "timestamp",
		"{tinyint}", "smallint", "{longtext}", "text", "{text}", "text", "{blob}", "text", "{binary255}", "text", "{wikitime}", "timestamptz",
	),
	"mysql": strings.NewReplacer(
		"{serial}", "bigint unsigned AUTO_INCREMENT PRIMARY KEY", "{bool}", "tinyint(1)", "{bit}", "bit(1)", "{time}", "datetime(6)", "{timestamp}", "timestamp",
		"{tinyint}", "tinyint", "{longtext}", "longtext", "{text}", "text", "{blob}", "blob", "{binary255}", "varbinary(255)", "{wikitime}", "binary(14)",
	),
	"sqlite": strings.NewReplacer(
		"{serial}", "integer PRIMARY KEY AUTOINCREMENT", "{bool}", "boolean", "{bit}", "boolean", "{time}", "datetime", "{timestamp}", "datetime",
		"{tinyint}", "tinyint", "{longtext}", "text", "{text}", "text", "{blob}", "blob", "{binary255}", "blob", "{wikitime}", "blob",
	),
}

// schema makes the tables of a system.
func (b *base) schema(name string) {
	b.tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "schemas", name+".sql"))
	if err != nil {
		b.tb.Fatal(err)
	}
	for statement := range strings.SplitSeq(string(raw), ";\n") {
		if strings.TrimSpace(statement) != "" {
			b.must(statement)
		}
	}
}

// grant lets the reader read tables, as far as they are there.
func (b *base) grant(tables ...string) {
	b.tb.Helper()
	if b.engine == "sqlite" {
		return
	}
	for _, table := range tables {
		err := b.run(`GRANT SELECT ON "` + table + `" TO ` + map[string]string{"postgres": "reader", "mysql": `reader@'127.0.0.1'`}[b.engine])
		if err != nil && !strings.Contains(err.Error(), "exist") {
			b.tb.Fatal(err)
		}
	}
}

// documented are the tables that the page of the connector tells to grant, by
// preset.
func documented(tb testing.TB) map[string][]string {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "connectors", "sql.md"))
	if err != nil {
		tb.Fatal(err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !strings.HasPrefix(line, "| `") {
			continue
		}
		name := strings.Trim(cells[1], " `")
		for table := range strings.FieldsFuncSeq(cells[3], func(r rune) bool { return strings.ContainsRune(" `,", r) }) {
			found[name] = append(found[name], table)
		}
	}
	return found
}
