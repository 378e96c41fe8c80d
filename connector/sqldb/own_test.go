package sqldb_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/passhash"
)

// cheapHash is password, as bcrypt of cost 4.
const (
	password  = "correct horse"
	cheapHash = "$2a$04$RD/tLZK9wT7iM0S1WOmm8ua80s0bv7U13y2xlFmCRg1bAsGp06hlq"
)

// people is a table of nobody's system.
func people(b *base) {
	b.must(`CREATE TABLE people (id int, login varchar(100), pw varchar(200), mail varchar(100), full_name varchar(100), enabled {bool}, locked_until {time}, "Odd" varchar(10))`)
	b.must(`CREATE TABLE member (person int, name varchar(100))`)
	for n, login := range []string{"ada", "grete", "Zoë", "dup", "dup", "nohash", "locked", "lockedbefore", "off", "nulloff"} {
		hash, enabled, until := any(cheapHash), any(true), any(nil)
		switch login {
		case "nohash":
			hash = nil
		case "locked":
			until = "2999-01-02 03:04:05"
		case "lockedbefore":
			until = "2020-01-02 03:04:05"
		case "off":
			enabled = false
		case "nulloff":
			enabled = nil
		}
		b.must(`INSERT INTO people VALUES (?, ?, ?, ?, 'Full Name', ?, ?, 'x')`, n+1, login, hash, login+"@example.com", enabled, until)
	}
	b.must(`INSERT INTO people VALUES (NULL, 'noid', ?, 'noid@example.com', 'x', true, NULL, 'x')`, cheapHash)
	b.must(`INSERT INTO member VALUES (1, 'staff')`)
	b.must(`INSERT INTO member VALUES (1, 'admins')`)
	b.grant("people", "member")
}

func own(b *base) sqldb.Config {
	return sqldb.Config{
		DSN:         ostiary.NewSecret(b.dsn),
		Query:       `SELECT id, login AS username, pw AS hash, mail AS email, full_name AS name, enabled, locked_until FROM people WHERE login = :username OR mail = :username`,
		Columns:     sqldb.Columns{Active: "enabled", Locked: "LOCKED_UNTIL"},
		GroupsQuery: `SELECT name FROM member WHERE person = :id ORDER BY name;`,
		LookupQuery: `SELECT id, login AS username, mail AS email, full_name AS name, enabled, locked_until FROM people WHERE id = :id`,
	}
}

func TestOwnQuery(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b := newBase(t, engine)
			people(b)
			c := connect(t, own(b))
			if err := c.Check(context.Background()); err != nil {
				t.Fatal(err)
			}
			for _, row := range []struct{ name, typed, password, want string }{
				{"by name", "ada", password, "user 1"},
				{"by e-mail", "ada@example.com", password, "user 1"},
				{"wrong password", "ada", "wrong", "refused"},
				{"PWD-8 empty password", "ada", "", "refused"},
				{"nobody", "nobody", password, "refused"},
				{"no name", "", password, "refused"},
				{"unicode", "Zoë", password, "user 3"},
				{"SQL-2 a collation takes e for ë", "Zoe", password, "refused"},
				{"SQL-2 blanks at the end", "ada ", password, "refused"},
				{"SQL-2 two rows", "dup", password, "refused"},
				{"SQL-2 no hash", "nohash", password, "refused"},
				{"SQL-2 no id", "noid", password, "refused"},
				{"IDN-5 locked", "locked", password, "refused"},
				{"IDN-5 locked, wrong password", "locked", "wrong", "refused"},
				{"locked before", "lockedbefore", password, "user 8"},
				{"IDN-5 not active", "off", password, "refused"},
				{"IDN-5 active or not", "nulloff", password, "refused"},
				{"PWD-2 long password", "ada", strings.Repeat("x", 5000), "refused"},
				{"PWD-3 73 bytes", "ada", strings.Repeat("x", 73), "refused"},
				{"long name", strings.Repeat("a", 600), password, "refused"},
			} {
				t.Run(row.name, func(t *testing.T) {
					if got := signIn(t, c, row.typed, row.password); got != row.want {
						t.Errorf("got %s, want %s", got, row.want)
					}
				})
			}
			u, err := c.Authorize(context.Background(), credentials(t, "ada", password), nil)
			if err != nil || u == nil || u.Name != "Full Name" || u.Email != "ada@example.com" || fmt.Sprint(u.Groups) != "[admins staff]" {
				t.Errorf("got %+v, %v", u, err)
			}
			for id, want := range map[string]string{
				"1": "user 1", "7": "refused", "8": "user 8", "9": "refused", "99": "refused", "1x": "refused", "1 ": "refused", "x": "refused", "6": "user 6",
			} {
				if got := verdict(c.Lookup(context.Background(), id)); got != want {
					t.Errorf("Lookup of %s: got %s, want %s", id, got, want)
				}
			}
		})
	}
}

// TestReveal tells states of accounts where the operator wants it.
func TestReveal(t *testing.T) {
	b := newBase(t, "sqlite")
	people(b)
	config := own(b)
	config.Reveal = ostiary.Reveal{ostiary.Locked}
	c := connect(t, config)
	for _, row := range []struct{ typed, password, want string }{
		{"locked", password, "refused account_locked"},
		{"locked", "wrong", "refused account_locked"},
		{"off", password, "refused"},
		{"nobody", password, "refused"},
	} {
		if got := signIn(t, c, row.typed, row.password); got != row.want {
			t.Errorf("IDN-4 IDN-5 %s, %s: got %s, want %s", row.typed, row.password, got, row.want)
		}
	}
}

// TestPlaceholders writes the placeholder in each engine's own way.
func TestPlaceholders(t *testing.T) {
	for engine, queries := range map[string][]string{
		"postgres": {`= $1`, `= :username`, `= :username::text`, `= $1 OR login = $1 || ''`, "= :username -- ' :nobody\n", `= :username AND 'it''s :x' <> E'\':y' AND $$ :z $$ = $a$ :z $a$ /* /* :q */ */`},
		"mysql":    {`= ?`, `= :username`, `= ? AND ? <> ''`, "= :username # :nobody\n", `= :username AND 'it\':x' <> "':y" /* :z */ AND 1--1 = 2`},
		"sqlite":   {`= ?`, `= :username`, `= ? AND ? <> ''`, `= :username AND ':x' <> '":y"'`},
	} {
		b := newBase(t, engine)
		people(b)
		for _, query := range queries {
			config := own(b)
			config.Query = `SELECT id, login AS username, pw AS hash FROM people WHERE login ` + query
			config.Columns = sqldb.Columns{}
			if got := signIn(t, connect(t, config), "ada", password); got != "user 1" {
				t.Errorf("SQL-1 %s, %s: got %s", engine, query, got)
			}
		}
	}
}

// TestHashSystem reads a hash that is spread over columns, under other names.
func TestHashSystem(t *testing.T) {
	b := newBase(t, "sqlite")
	b.must(`CREATE TABLE m (name text, p text, s text, f integer)`)
	tried := 0
	for n, v := range vectorsOf(t, "aspnet-identity") {
		if len(v.Columns) == 0 {
			continue
		}
		tried++
		b.must(`INSERT INTO m VALUES (?, ?, ?, ?)`, ada(n), v.column("Password"), v.column("PasswordSalt"), v.column("PasswordFormat"))
		c := connect(t, sqldb.Config{
			DSN: ostiary.NewSecret(b.dsn), Query: `SELECT name AS id, name AS username, p, s, f FROM m WHERE name = :username`,
			Columns: sqldb.Columns{Hash: "p", Salt: "s", Algorithm: "f"}, HashSystem: "aspnet-identity", Limits: everything,
		})
		got := signIn(t, c, ada(n), v.Password)
		if (got == "user "+ada(n)) != v.Match && !v.MayRefuse && !v.MayAccept {
			t.Errorf("PWD-5 %s: got %s (%s)", v.ID, got, v.Notes)
		}
	}
	if tried == 0 {
		t.Error("no vector has columns")
	}
}

// TestWeakHashes are refused until they are allowed, and the log says why.
func TestWeakHashes(t *testing.T) {
	b := newBase(t, "sqlite")
	b.must(`CREATE TABLE u (id integer, username text, hash text)`)
	b.must(`INSERT INTO u VALUES (1, 'md5', '$1$salt$qJH7.N4xYta3aEG/dfqo/0')`)
	b.must(`INSERT INTO u VALUES (2, 'plain', 'password')`)
	b.must(`INSERT INTO u VALUES (3, 'huge', '$2a$31$abcdefghijklmnopqrstuuWl0MtAgkj2f/AA/jBmAmlcwmIIzu.Yq')`)
	var log strings.Builder
	config := sqldb.Config{
		DSN: ostiary.NewSecret(b.dsn), Query: `SELECT * FROM u WHERE username = :username`,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}
	c := connect(t, config)
	for typed, cause := range map[string]string{"md5": "weak", "plain": "plain text", "huge": "cost"} {
		log.Reset()
		begun := time.Now()
		if got := signIn(t, c, typed, "password"); got != "refused" {
			t.Errorf("PWD-5 %s: got %s", typed, got)
		}
		if since := time.Since(begun); since > 5*time.Second {
			t.Errorf("PWD-5 %s: took %v", typed, since)
		}
		if !strings.Contains(log.String(), cause) || strings.Contains(log.String(), "qJH7") {
			t.Errorf("PWD-5 %s: the log says %s", typed, log.String())
		}
	}
	config.Limits = passhash.Limits{AllowMD5AndSHA1: true}
	if got := signIn(t, connect(t, config), "md5", "password"); got != "user 1" {
		t.Errorf("allowed: got %s", got)
	}
}

// TestDummy: what is verified for an unknown name is of the commonest kind.
func TestDummy(t *testing.T) {
	b := newBase(t, "sqlite")
	people(b)
	c := connect(t, own(b))
	if family, cost := dummyOf(t, c); family != "bcrypt" || cost != "passhash.Hash{bcrypt, cost 12}" {
		t.Errorf("PWD-6 before any sign-in: got %s, %s", family, cost)
	}
	signIn(t, c, "ada", "wrong")
	for _, typed := range []string{"nobody", "dup", "nohash", "noid", "Zoe", "a\u200bda", strings.Repeat("x", 600)} {
		if _, cost := dummyOf(t, c, typed); cost != "passhash.Hash{bcrypt, cost 4}" {
			t.Errorf("PWD-6 %.20q: got %s", typed, cost)
		}
	}
	for _, typed := range []string{"off", "locked"} {
		if _, cost := dummyOf(t, c, typed); cost != "passhash.Hash{bcrypt, cost 4}" {
			t.Errorf("PWD-6 %s: got %s", typed, cost)
		}
	}
}

// TestSample: a preset knows the commonest kind before anybody signed in.
func TestSample(t *testing.T) {
	for _, engine := range engines {
		b := newBase(t, engine)
		b.schema("laravel")
		b.grant("users", "roles", "model_has_roles")
		for n, cost := range []string{"06", "06", "05"} {
			b.must(`INSERT INTO users (name, email, password) VALUES ('Ada', ?, ?)`, mail(n), strings.Replace(cheapHash, "$04$", "$"+cost+"$", 1))
		}
		c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: "laravel"})
		if _, cost := dummyOf(t, c); cost != "passhash.Hash{bcrypt, cost 6}" {
			t.Errorf("PWD-6 %s: got %s", engine, cost)
		}
	}
}

// dummyOf signs in as nobody and returns what was verified.
func dummyOf(t *testing.T, c *sqldb.Connector, typed ...string) (family, hash string) {
	t.Helper()
	name := "nobody"
	if len(typed) > 0 {
		name = typed[0]
	}
	dummy := false
	ctx := ostiary.WithTrace(context.Background(), func(what string, facts ...slog.Attr) {
		for _, f := range facts {
			switch {
			case what != "password verified":
			case f.Key == "family":
				family = f.Value.String()
			case f.Key == "hash":
				hash = f.Value.Resolve().String()
			case f.Key == "dummy":
				dummy = f.Value.Bool()
			}
		}
	})
	if got := verdict(c.Authorize(ctx, credentials(t, name, password), nil)); got != "refused" {
		t.Errorf("%.20q: got %s", name, got)
	}
	if !dummy {
		t.Errorf("PWD-6 %.20q: no dummy was verified", name)
	}
	return family, hash
}

// TestTrace shows each step, and no secret.
func TestTrace(t *testing.T) {
	b := newBase(t, "sqlite")
	b.schema("django")
	c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: "django"})
	v := vectorsOf(t, "django")[5]
	b.must(`INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
		VALUES (?, false, 'ada', 'Ada', 'Lovelace', '', false, true, '2020-01-01')`, *v.Stored)
	var steps []string
	ctx := ostiary.WithTrace(context.Background(), func(what string, facts ...slog.Attr) {
		steps = append(steps, what+" "+fmt.Sprint(facts))
	})
	if _, err := c.Authorize(ctx, credentials(t, "ada", v.Password), nil); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(steps, "\n")
	for _, want := range []string{"query sent", "auth_user", "rows found [rows=1]", "pbkdf2-sha256", "match=true", "groups found"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
	if strings.Contains(all, v.Password) || strings.Contains(all, *v.Stored) || strings.Contains(all, (*v.Stored)[30:]) {
		t.Errorf("LOG-2: the trace tells a secret: %s", all)
	}
}
