package sqldb

import (
	"slices"
	"strings"
	"testing"
)

func TestParseStatement(t *testing.T) {
	for _, row := range []struct {
		name   string
		engine engine
		text   string
		want   string
		values string
	}{
		{"PostgreSQL", postgres, "a = :username", "a = $1", "username"},
		{"PostgreSQL, twice", postgres, "a = :username OR b = :username", "a = $1 OR b = $1", "username"},
		{"PostgreSQL, two", postgres, "a = :username OR b = :id", "a = $1 OR b = $2", "username id"},
		{"PostgreSQL, its own", postgres, "a = $1 OR b = $1", "a = $1 OR b = $1", "username"},
		{"MySQL, twice", mysql, "a = :username OR b = :username", "a = ? OR b = ?", "username username"},
		{"MySQL, its own", mysql, "a = ? OR b = ?", "a = ? OR b = ?", "username username"},
		{"SQLite, twice", sqlite, "a = :username OR b = :username", "a = ?1 OR b = ?1", "username"},
		{"casts", postgres, "a::text = :username::text", "a::text = $1::text", "username"},
		{"slices", postgres, "a[1:2] = :username", "a[1:2] = $1", "username"},
		{"assignments", mysql, "@a := :username", "@a := ?", "username"},
		{"quotes", postgres, `a = ':username' AND ":id" = :id`, `a = ':username' AND ":id" = $1`, "id"},
		{"doubled quotes", sqlite, `a = ''':username' AND b = :id`, `a = ''':username' AND b = ?1`, "id"},
		{"backslashes in MySQL", mysql, `a = '\':username' AND b = :id`, `a = '\':username' AND b = ?`, "id"},
		{"backslashes in PostgreSQL", postgres, `a = '\' AND b = :id`, `a = '\' AND b = $1`, "id"},
		{"backslashes in an E", postgres, `a = E'\':username' AND b = :id`, `a = E'\':username' AND b = $1`, "id"},
		{"backticks", mysql, "`:id` = :id", "`:id` = ?", "id"},
		{"dollar quotes", postgres, "$$:id$$ = :id", "$$:id$$ = $1", "id"},
		{"tagged dollar quotes", postgres, "$a$:id$$$a$ = :id", "$a$:id$$$a$ = $1", "id"},
		{"comments", postgres, "a -- ':id\n= :id", "a  \n= $1", "id"},
		{"comments in comments", postgres, "a /* /* */ :id */ = :id", "a   = $1", "id"},
		{"no comments in comments", mysql, "a /* /* */ = :id", "a   = ?", "id"},
		{"hash comments", mysql, "a # :id\n= :id", "a  \n= ?", "id"},
		{"minus a minus", mysql, "1--1 = :id", "1--1 = ?", "id"},
		{"question marks of PostgreSQL", postgres, "a ? 'b' AND c = :id", "a ? 'b' AND c = $1", "id"},
		{"a semicolon at the end", sqlite, "a = :id; -- end", "a = ?1  ", "id"},
		{"words", postgres, "café:id", "café$1", "id"},
	} {
		t.Run("SQL-1 "+row.name, func(t *testing.T) {
			s, err := parseStatement(row.text, row.engine, "username", "id")
			if got := strings.Join(s.values, " "); err != nil || s.text != row.want || got != row.values {
				t.Errorf("got %q, %s, %v, want %q, %s", s.text, got, err, row.want, row.values)
			}
		})
	}
}

func TestParseStatementRefuses(t *testing.T) {
	for _, row := range []struct {
		name   string
		engine engine
		text   string
		want   string
	}{
		{"two statements", postgres, "SELECT 1; DELETE FROM users", "more than one"},
		{"two statements behind a comment", mysql, "SELECT 1; -- \nDELETE FROM users", "more than one"},
		{"an unknown placeholder", postgres, "a = :nobody", ":nobody"},
		{"the password", postgres, "a = :password", ":password"},
		{"a second value", postgres, "a = $2", "$2"},
		{"$10", postgres, "a = $10", "$10"},
		{"a mixture", postgres, "a = $1 AND b = :username", "mixes"},
		{"a number", sqlite, "a = ?2", "number"},
		{"a dollar in SQLite", sqlite, "a = $name", "begins with $"},
		{"an at in SQLite", sqlite, "a = @name", "begins with @"},
		{"an open quote", postgres, "a = 'b", "closing '"},
		{"an open comment", postgres, "a /* /* */", "closing */"},
		{"an open dollar quote", postgres, "a $b$ c $$", "closing $b$"},
		{"a comment that is run", mysql, "SELECT /*!50000 1 */", "run"},
		{"a comment that MariaDB runs", mysql, "SELECT /*M! 1 */", "run"},
		{"a comment that would make another", mysql, "1--# x\n:id", "right behind --"},
		{"NUL", postgres, "SELECT '\x00'", "NUL"},
		{"nothing", postgres, " -- x", "empty"},
	} {
		t.Run("SQL-1 "+row.name, func(t *testing.T) {
			if _, err := parseStatement(row.text, row.engine, "username", "id"); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

// FuzzParseStatement: what comes out has as many places as values, no named
// placeholder any more, and is one statement.
func FuzzParseStatement(f *testing.F) {
	for _, seed := range []string{
		"SELECT a FROM b WHERE c = :username", "a = $1 OR b = ?", `E'\'' :id $$ :id $$ /* /* */ */`, "`:id` # x\n:id;", "a::text :=:id", `"" '' ':`, "-- \r:id", "$a$ $b$ $a$ :id",
	} {
		for _, e := range []engine{postgres, mysql, sqlite} {
			f.Add(seed, uint8(e))
		}
	}
	f.Fuzz(func(t *testing.T, text string, number uint8) {
		e := engine(1 << (number % 3))
		s, err := parseStatement(text, e, "username", "id")
		if err != nil {
			return
		}
		if again, err := parseStatement(s.text, e, "username", "id"); err == nil && (e != sqlite && !slices.Equal(again.values, renamed(s.values, e)) || again.text != s.text && !strings.Contains(s.text, "?")) {
			t.Errorf("SQL-1 %q becomes %q %v, which becomes %q %v", text, s.text, s.values, again.text, again.values)
		}
		for _, v := range s.values {
			if v != "username" && v != "id" {
				t.Errorf("SQL-1 %q wants the value %q", text, v)
			}
		}
		if got := len(s.fill(map[string]string{"username": "a", "id": "b"})); got != len(s.values) {
			t.Errorf("SQL-1 %q: got %d values, want %d", text, got, len(s.values))
		}
		if !strings.Contains(text, ":") && !strings.ContainsAny(text, "?$") && len(s.values) > 0 {
			t.Errorf("SQL-1 %q has a value from nowhere: %v", text, s.values)
		}
	})
}

// renamed are the values that the engine's own placeholders stand for.
func renamed(values []string, e engine) []string {
	var out []string
	for i := range values {
		if e == mysql || i == 0 {
			out = append(out, "username")
		}
	}
	return out
}

func FuzzParseDSN(f *testing.F) {
	for _, seed := range []string{
		"postgres://ada:canary@db.example.com/app?sslmode=verify-full", "mysql://ada:canary@127.0.0.1:3306/app?tls=true", "mariadb://ada:canary@/app?socket=/run/s",
		"sqlite:/var/lib/app.db", "postgres://ada@/app?host=/run/postgresql", "postgres://ada:canary@[::1]:5/app?default_query_exec_mode=simple_protocol",
		"mysql://ada:canary@localhost/app?multiStatements=true", "postgres://ada:canary@a,b/app", "postgres://ada:canary@%2Fcvar/app", "postgres:canary", "postgres://u:canary@h/d?search_path=a b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseDSN(text, transport{})
		if err != nil {
			if strings.Contains(text, "canary") && strings.Contains(err.Error(), ":canary") {
				t.Errorf("LOG-2 the fault of %q tells the password: %v", text, err)
			}
			return
		}
		if strings.Contains(d.where, "canary@") {
			t.Errorf("LOG-2 %q is told as %q", text, d.where)
		}
		checkDatabase(t, text, d)
	})
}

// checkDatabase makes sure of what every connection promises.
func checkDatabase(t *testing.T, text string, d *database) {
	t.Helper()
	connector, err := d.connector(options{timeout: 1e9})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	switch c := connector.(type) {
	case *pgConnector:
		if c.config.TLSConfig == nil && !local(c.config.Host) || len(c.config.Fallbacks) > 0 {
			t.Errorf("CON-3 %q is not encrypted", text)
		}
		if c.config.TLSConfig != nil && c.config.TLSConfig.ServerName != c.config.Host {
			t.Errorf("CON-3 %q takes a certificate for %q", text, c.config.TLSConfig.ServerName)
		}
		if c.config.DefaultQueryExecMode.String() == "simple protocol" {
			t.Errorf("SQL-1 %q writes values into the statement", text)
		}
		if p := c.config.RuntimeParams; p["default_transaction_read_only"] != "on" || p["statement_timeout"] != "1000" || p["options"] != "" {
			t.Errorf("SQL-3 %q has the settings %v", text, p)
		}
	case *mysqlSession:
		config := c.config
		if config.TLS == nil && config.Net == "tcp" && !strings.HasPrefix(config.Addr, "localhost:") && !strings.HasPrefix(config.Addr, "127.") && !strings.Contains(config.Addr, "::") && !strings.HasPrefix(strings.ToLower(config.Addr), "localhost") {
			t.Errorf("CON-3 %q is not encrypted: %s", text, config.Addr)
		}
		if config.MultiStatements || config.InterpolateParams || config.AllowAllFiles || config.AllowCleartextPasswords || config.AllowOldPasswords || config.AllowFallbackToPlaintext {
			t.Errorf("SQL-1 %q allows what is refused", text)
		}
	case sqliteConnector:
		if !strings.Contains(string(c), "mode=ro") || !strings.Contains(string(c), "query_only%281%29") || strings.Count(string(c), "?") != 1 {
			t.Errorf("SQL-3 %q opens %q", text, c)
		}
	}
}

func FuzzCapabilities(f *testing.F) {
	for _, seed := range []string{`a:1:{s:13:"administrator";b:1;}`, `a:2:{s:1:"a";b:0;s:0:"";b:1;}`, `a:0:{}`, `a:9999999:{`, `a:1:{s:99:"x";b:1;}`, `b:1;`, `a:1:{i:0;s:1:"a";}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, err := parseCapabilities(text)
		if err != nil && names != nil {
			t.Errorf("%q: got %q beside %v", text, names, err)
		}
		for _, name := range names {
			if !strings.Contains(text, `"`+name+`";b:1;`) {
				t.Errorf("%q has no %q", text, name)
			}
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"ada", " Ada_Lovelace ", "ﬁ", "Straße", "İ", "\u0130", "ǅ", "é", "e\u0301", "_", "ADA@EXAMPLE.COM"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, typed, stored string) {
		for name, p := range presets {
			for _, l := range p.logins {
				if l.matches(typed, "") {
					t.Errorf("SQL-2 %s: %q is the name of nobody", name, typed)
				}
				asked := l.ask(typed)
				if asked != "" && usable(typed) && !l.matches(typed, asked) {
					t.Errorf("SQL-2 %s: %q is asked for as %q, which it is not", name, typed, asked)
				}
				if l.matches(typed, stored) && l.same(l.ask(typed)) != l.same(stored) {
					t.Errorf("SQL-2 %s: %q is %q", name, typed, stored)
				}
			}
		}
	})
}
