package sqldb_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
)

// canary is the password of a DSN that nobody may ever see.
const canary = "canary7f3a"

// mistake is a configuration that is refused, and how its fault begins.
type mistake struct {
	name   string
	config sqldb.Config
	want   string
}

func mistakes(t *testing.T) []mistake {
	t.Helper()
	noCA := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noCA, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	django := func(dsn string) sqldb.Config { return sqldb.Config{DSN: ostiary.NewSecret(dsn), Preset: "django"} }
	query := func(text string) sqldb.Config {
		return sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db"), Query: text}
	}
	with := func(change func(c *sqldb.Config)) sqldb.Config {
		c := django("postgres://u:" + canary + "@127.0.0.1/d")
		change(&c)
		return c
	}
	dsns := []mistake{
		{"no DSN", sqldb.Config{Preset: "django"}, "DSN: is missing"},
		{"no scheme", django(canary), "DSN: must begin with"},
		{"another scheme", django("oracle://u:" + canary + "@h/d"), "DSN: must begin with"},
		{"not a URL", django("postgres://u:" + canary + "%zz@h/d"), "DSN: can't be read"},
		{"a # in the password", django("postgres://u:a#" + canary + "@h/d"), "DSN: "},
		{"no database", django("postgres://u:" + canary + "@127.0.0.1"), "name a database"},
		{"no user", django("mysql://127.0.0.1/d"), "name a user"},
		{"two hosts", django("postgres://u:" + canary + "@a,b/d"), "one host"},
		{"an unknown parameter", django("postgres://u:" + canary + "@127.0.0.1/d?nonsense=1"), "not known"},
		{"LOG-2 a rest of the password", django("mysql://0@/0?:" + canary), "a parameter is not known"},
		{"a parameter twice", django("postgres://u:" + canary + "@127.0.0.1/d?role=a&role=b"), "twice"},
		{"SQL-1 simple protocol", django("postgres://u:" + canary + "@127.0.0.1/d?default_query_exec_mode=simple_protocol"), "never written into"},
		{"SQL-1 simple protocol of old", django("postgres://u:" + canary + "@127.0.0.1/d?prefer_simple_protocol=true"), "never written into"},
		{"SQL-1 several statements", django("mysql://u:" + canary + "@127.0.0.1/d?multiStatements=true"), "several statements"},
		{"SQL-1 interpolation", django("mysql://u:" + canary + "@127.0.0.1/d?interpolateParams=true"), "never written into"},
		{"SQL-3 options", django("postgres://u:" + canary + "@127.0.0.1/d?options=-c%20statement_timeout%3D0"), "limits of the session"},
		{"SQL-3 timeout", django("postgres://u:" + canary + "@127.0.0.1/d?statement_timeout=0"), "statement timeout of the connector"},
		{"files", django("mysql://u:" + canary + "@127.0.0.1/d?allowAllFiles=true"), "read files"},
		{"cleartext", django("mysql://u:" + canary + "@127.0.0.1/d?allowCleartextPasswords=true"), "shown"},
		{"CON-3 no TLS", django("postgres://u:" + canary + "@db.example.com/d?sslmode=disable"), "leave TLS on"},
		{"CON-3 no TLS, MySQL", django("mysql://u:" + canary + "@db.example.com/d?tls=false"), "leave TLS on"},
		{"CON-3 TLS with anybody", django("postgres://u:" + canary + "@db.example.com/d?sslmode=require"), "verify-full"},
		{"CON-3 TLS with anybody, MySQL", django("mysql://u:" + canary + "@db.example.com/d?tls=skip-verify"), "tls=true"},
		{"CON-3 TLS perhaps", django("postgres://u:" + canary + "@db.example.com/d?sslmode=prefer"), "verify-full"},
		{"CON-3 no name checked", django("postgres://u:" + canary + "@db.example.com/d?sslmode=verify-ca"), "verify-full"},
		{"CON-3 no such CA", with(func(c *sqldb.Config) { c.CAFile = noCA + "x" }), "DSN: the CA file"},
		{"CON-3 an empty CA", with(func(c *sqldb.Config) { c.CAFile = noCA }), "has no certificate"},
		{"SQLite in memory", django("sqlite::memory:"), "name a file"},
		{"SQLite with parameters", django("sqlite:a.db?mode=rwc"), "no parameters"},
		{"SQLite without a file", django("sqlite:"), "name a file"},
	}
	return append(dsns, statementMistakes(with, query)...)
}

func statementMistakes(with func(change func(c *sqldb.Config)) sqldb.Config, query func(text string) sqldb.Config) []mistake {
	return []mistake{
		{"no way to find anybody", sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db")}, "Query: neither"},
		{"no such preset", sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db"), Preset: "joomla"}, "Preset: \"joomla\" is none"},
		{"a preset elsewhere", sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db"), Preset: "discourse"}, "Preset: discourse is in PostgreSQL"},
		{"preset and query", with(func(c *sqldb.Config) { c.Query = "SELECT" }), "Query: the preset has its own"},
		{"preset and lookup", with(func(c *sqldb.Config) { c.LookupQuery = "SELECT" }), "LookupQuery: the preset has its own"},
		{"preset and columns", with(func(c *sqldb.Config) { c.Columns.ID = "x" }), "Columns: the preset has its own"},
		{"preset and hash system", with(func(c *sqldb.Config) { c.HashSystem = "django" }), "HashSystem: the preset has its own"},
		{"a realm", with(func(c *sqldb.Config) { c.Realm = "x" }), "Realm: "},
		{"SQL-1 a prefix", with(func(c *sqldb.Config) { c.TablePrefix = `a"; DROP` }), "TablePrefix: "},
		{"a prefix without a preset", sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db"), Query: "SELECT :username", TablePrefix: "x"}, "TablePrefix: "},
		{"no such hash system", sqldb.Config{DSN: ostiary.NewSecret("sqlite:a.db"), Query: "SELECT :username", HashSystem: "x"}, "HashSystem: "},
		{"SQL-1 no placeholder", query("SELECT 1"), "Query: has no placeholder"},
		{"SQL-1 a placeholder in quotes", query("SELECT * FROM a WHERE b = ':username'"), "without quotes"},
		{"SQL-3 the password", query("SELECT * FROM a WHERE b = :username AND c = :password"), ":password"},
		{"SQL-1 two statements", query("SELECT :username; DELETE FROM a"), "more than one"},
		{"SQL-3 no SELECT", query("DELETE FROM a WHERE b = :username"), "must be a SELECT"},
		{"groups", with(func(c *sqldb.Config) { c.GroupsQuery = "SELECT :username" }), "GroupsQuery: "},
		{"rehash that is none", with(func(c *sqldb.Config) { c.Preset, c.Rehash = "laravel", "DELETE FROM users WHERE id = :id" }), "Rehash: must be an UPDATE"},
		{"PWD-7 rehash without the old one", with(func(c *sqldb.Config) {
			c.Preset, c.Rehash = "laravel", "UPDATE users SET password = :hash WHERE id = :id"
		}), "Rehash: has no :old"},
		{"rehash that nobody reads", with(func(c *sqldb.Config) { c.Rehash = "UPDATE a SET b = :hash WHERE id = :id AND b = :old" }), "django may not read"},
		{"connections", with(func(c *sqldb.Config) { c.MaxConns = -1 }), "MaxConns: "},
		{"timeout", with(func(c *sqldb.Config) { c.StatementTimeout = -1 }), "StatementTimeout: "},
		{"long timeout", with(func(c *sqldb.Config) { c.StatementTimeout = 2 * time.Hour }), "StatementTimeout: "},
	}
}

func TestNewRefuses(t *testing.T) {
	for _, row := range mistakes(t) {
		t.Run(row.name, func(t *testing.T) {
			c, err := sqldb.New(row.config)
			if err == nil || c != nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
			silent(t, err, canary)
		})
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	_, err := sqldb.New(sqldb.Config{Preset: "x", MaxConns: -1, StatementTimeout: -1})
	if err == nil || strings.Count(err.Error(), "\n") < 3 {
		t.Errorf("got %v, want four faults", err)
	}
}

func TestNewAccepts(t *testing.T) {
	for _, dsn := range []string{
		"postgres://u:p@db.example.com/d", "postgresql://u:p@db.example.com:6432/d?sslmode=verify-full&default_query_exec_mode=exec",
		"postgres://u@127.0.0.1/d?sslmode=disable&search_path=a,b&role=r", "postgres://u@/d?host=/run/postgresql", "postgres://u:p%40%2F%23%3F@[::1]/d",
		"mysql://u:p@db.example.com/d", "mariadb://u:p@db.example.com:3307/d?tls=true", "mysql://u@/d?socket=/run/mysqld/mysqld.sock", "mysql://u@localhost/d?tls=false&collation=utf8mb4_bin",
		"sqlite:a.db", "sqlite:/var/lib/a.db", "sqlite:///var/lib/a.db", "sqlite:../a b%.db",
	} {
		c, err := sqldb.New(sqldb.Config{DSN: ostiary.NewSecret(dsn), Preset: "django"})
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, dsn := range []string{"postgres://u:p@db.example.com/d?sslmode=disable", "mysql://u:p@db.example.com/d?tls=false"} {
		if _, err := sqldb.New(sqldb.Config{DSN: ostiary.NewSecret(dsn), Preset: "django", InsecureTransport: true}); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestPresets(t *testing.T) {
	names := sqldb.Presets()
	tested := map[string]bool{}
	for _, p := range presetCases {
		tested[p.preset] = true
	}
	documented := documented(t)
	for _, name := range names {
		if !tested[name] || len(documented[name]) == 0 {
			t.Errorf("%s: tested %v, documented %v", name, tested[name], documented[name])
		}
	}
	if len(names) != 19 || !slices.IsSorted(names) {
		t.Errorf("got %d presets: %v", len(names), names)
	}
}

// TestPrinting prints everything in every way (CON-5).
func TestPrinting(t *testing.T) {
	config := sqldb.Config{DSN: ostiary.NewSecret("postgres://u:" + canary + "@127.0.0.1:1/d"), Preset: "moodle", Pepper: canary, SiteSalt: canary}
	c := connect(t, config)
	type holder struct {
		secret    ostiary.Secret
		connector *sqldb.Connector
	}
	hidden := holder{config.DSN, c}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{config.DSN, config, c, hidden, &hidden, []any{hidden}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, canary) {
				t.Errorf("CON-5 %s of %T: %s", verb, value, text)
			}
		}
	}
	text, err := json.Marshal(config.DSN)
	if err != nil || string(text) != `"***"` {
		t.Errorf("CON-5 JSON: %s, %v", text, err)
	}
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "dsn", config.DSN, "connector", c)
	if strings.Contains(out.String(), canary) {
		t.Errorf("CON-5 log: %s", out.String())
	}
	if got, want := fmt.Sprintf("%#v %#v", c, config.DSN), "sqldb postgres://127.0.0.1:1/d ostiary.Secret(***)"; got != want {
		t.Errorf("CON-5 got %s, want %s", got, want)
	}
	err = c.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "postgres://127.0.0.1:1/d") {
		t.Errorf("got %v", err)
	}
	silent(t, err, canary)
}
