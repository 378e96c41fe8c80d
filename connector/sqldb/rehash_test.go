package sqldb_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
)

const rehash = `UPDATE users SET password = :hash WHERE id = :id AND password = :old`

// buffer is a log that several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// laravel is a table with one user, whose hash is weak.
func laravel(t *testing.T, engine string) (*base, sqldb.Config, *buffer) {
	b := newBase(t, engine)
	b.schema("laravel")
	b.must(`INSERT INTO users (name, email, password) VALUES ('Ada', 'ada@example.com', ?)`, strings.Replace(cheapHash, "$2a$", "$2y$", 1))
	var log buffer
	return b, sqldb.Config{
		DSN: ostiary.NewSecret(b.admin), Preset: "laravel", Rehash: rehash, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}, &log
}

// stored reads the hash as the cost says it.
func stored(t *testing.T, b *base) string {
	t.Helper()
	// The connector is the reader at hand for all engines.
	c := connect(t, sqldb.Config{
		DSN: ostiary.NewSecret(b.admin), Query: `SELECT id, email AS username, '` + cheapHash + `' AS hash, password AS name FROM users WHERE email = :username`,
	})
	u, err := c.Authorize(t.Context(), credentials(t, "ada@example.com", password), nil)
	if err != nil || u == nil {
		t.Fatalf("got %v, %v", u, err)
	}
	return u.Name
}

func TestRehash(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b, config, log := laravel(t, engine)
			c, err := sqldb.New(config)
			if err != nil {
				t.Fatal(err)
			}
			if got := signIn(t, c, "ada@example.com", "wrong"); got != "refused" {
				t.Errorf("got %s", got)
			}
			if got := signIn(t, c, "ada@example.com", password); got != "user 1" {
				t.Errorf("got %s", got)
			}
			if err := c.Close(); err != nil { // waits
				t.Fatal(err)
			}
			if got := stored(t, b); !strings.HasPrefix(got, "$2y$12$") || strings.Count(log.String(), "rehash stored") != 1 {
				t.Errorf("PWD-7 got %s, log %s", got, log)
			}
			again := connect(t, config)
			if got := signIn(t, again, "ada@example.com", password); got != "user 1" {
				t.Errorf("PWD-7 afterwards: got %s", got)
			}
			if strings.Count(log.String(), "rehash") != 1 {
				t.Errorf("PWD-7 a second time: log %s", log)
			}
		})
	}
}

// TestRehashOnlyOnSuccess writes nothing for whoever is not let in.
func TestRehashOnlyOnSuccess(t *testing.T) {
	b, config, log := laravel(t, "sqlite")
	b.must(`UPDATE users SET deleted_at = '2020-01-01'`)
	c, err := sqldb.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"wrong", password} {
		if got := signIn(t, c, "ada@example.com", typed); got != "refused" {
			t.Errorf("got %s", got)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, b); !strings.HasPrefix(got, "$2y$04$") || log.String() != "" {
		t.Errorf("PWD-7 got %s, log %s", got, log)
	}
}

// TestRehashCompares: a hash that was changed meanwhile stays.
func TestRehashCompares(t *testing.T) {
	b, config, log := laravel(t, "sqlite")
	// As if it had been changed between the sign-in and the update.
	config.Rehash = `UPDATE users SET password = :hash WHERE id = :id AND password = 'other' || :old`
	c, err := sqldb.New(config)
	if err != nil {
		t.Fatal(err)
	}
	signIn(t, c, "ada@example.com", password)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, b); !strings.HasPrefix(got, "$2y$04$") || !strings.Contains(log.String(), "changed meanwhile") {
		t.Errorf("PWD-7 got %s, log %s", got, log)
	}
}

// TestRehashWithoutRights: the sign-in does not care.
func TestRehashWithoutRights(t *testing.T) {
	b, config, log := laravel(t, "postgres")
	b.grant("users", "roles", "model_has_roles")
	config.DSN = ostiary.NewSecret(b.dsn)
	c, err := sqldb.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if got := signIn(t, c, "ada@example.com", password); got != "user 1" {
		t.Errorf("PWD-7 got %s", got)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "rehash not stored") || strings.Contains(log.String(), "$2") {
		t.Errorf("PWD-7 log %s", log)
	}
}
