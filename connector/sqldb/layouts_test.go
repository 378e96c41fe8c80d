package sqldb_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
)

// one puts account 0 of a preset into a database and returns its connector.
func one(t *testing.T, b *base, p *presetCase, config sqldb.Config) (*sqldb.Connector, string) {
	t.Helper()
	v := p.cheap(t)
	p.before(b)
	if err := p.add(b, 0, &v); err != nil {
		t.Fatal(err)
	}
	config.DSN, config.Preset, config.Limits = ostiary.NewSecret(b.admin), p.preset, everything
	return connect(t, config), v.Password
}

// TestKeycloakRealms: the realm decides whose name it is.
func TestKeycloakRealms(t *testing.T) {
	for _, engine := range []string{"postgres", "mysql"} {
		b := newBase(t, engine)
		b.schema("keycloak")
		p := caseOf("keycloak")
		c, typed := one(t, b, p, sqldb.Config{})
		b.must(`INSERT INTO realm VALUES ('r3', 'other', true)`)
		b.must(`INSERT INTO user_entity (id, realm_id, username, email, email_verified, enabled) VALUES ('id-other', 'r3', 'ada0', 'other@example.com', true, true)`)
		b.must(`INSERT INTO credential (id, user_id, type, secret_data, credential_data, priority)
			SELECT 'c-other', 'id-other', type, secret_data, credential_data, priority FROM credential WHERE type = 'password'`)
		if got := signIn(t, c, "ada0", typed); got != "refused" {
			t.Errorf("SQL-2 %s, in two realms: got %s", engine, got)
		}
		for realm, want := range map[string]string{"acme": "user id-ada0", "other": "user id-other", "master": "refused", "Acme": "refused", "' OR '1'='1": "refused"} {
			c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.admin), Preset: "keycloak", Realm: realm, Limits: everything})
			if got := signIn(t, c, "ada0", typed); got != want && (engine != "mysql" || realm != "Acme") {
				t.Errorf("%s, realm %s: got %s, want %s", engine, realm, got, want)
			}
		}
	}
}

// TestKeycloakCapitals: on MySQL the tables have names in capital letters.
func TestKeycloakCapitals(t *testing.T) {
	b := newBase(t, "mysql")
	b.schema("keycloak")
	p := *caseOf("keycloak")
	v := p.cheap(t)
	p.before(b)
	if err := p.add(b, 0, &v); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"user_entity", "realm", "credential", "user_required_action", "keycloak_group", "user_group_membership"} {
		b.must(`RENAME TABLE ` + table + ` TO ` + strings.ToUpper(table))
		b.grant(strings.ToUpper(table))
	}
	c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: "keycloak", Limits: everything})
	if got := signIn(t, c, "ada0", v.Password); got != "user id-ada0" {
		t.Errorf("got %s", got)
	}
}

// TestAuthJSColumns: projects add the column of the password where they like.
func TestAuthJSColumns(t *testing.T) {
	v := caseOf("auth-js").cheap(t)
	for _, table := range []string{"users", "User"} {
		for _, column := range []string{"password", "password_hash", "hashedPassword"} {
			if table == "User" && column == "password_hash" {
				continue
			}
			for _, engine := range engines {
				b := newBase(t, engine)
				b.must(`CREATE TABLE "` + table + `" (id varchar(30), name varchar(255), email varchar(255), "emailVerified" {time}, image varchar(255), "` + column + `" varchar(255))`)
				b.must(`INSERT INTO "`+table+`" VALUES ('c1', 'Ada', 'ada@example.com', NULL, NULL, ?)`, v.stored())
				b.grant(table)
				c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: "auth-js"})
				if got := signIn(t, c, "ada@example.com", v.Password); got != "user c1" {
					t.Errorf("%s, %s.%s: got %s", engine, table, column, got)
				}
			}
		}
	}
}

// TestLockedForEver: .NET writes the end of time as infinity.
func TestLockedForEver(t *testing.T) {
	b := newBase(t, "postgres")
	b.schema("aspnet-identity")
	c, typed := one(t, b, caseOf("aspnet-identity"), sqldb.Config{Reveal: ostiary.Reveal{ostiary.Locked}})
	b.must(`UPDATE "AspNetUsers" SET "LockoutEnd" = 'infinity'`)
	if got := signIn(t, c, "ada0", typed); got != "refused account_locked" {
		t.Errorf("IDN-5 got %s", got)
	}
	people(b)
	b.must(`UPDATE people SET locked_until = 'infinity' WHERE login = 'ada'`)
	if got := signIn(t, connect(t, own(b)), "ada", password); got != "refused" {
		t.Errorf("IDN-5 own query: got %s", got)
	}
}

// TestPrefix: the names of tables begin as the operator says.
func TestPrefix(t *testing.T) {
	for prefix, table := range map[string]string{"": "wp_users", "-": "users", "My1_": "My1_users"} {
		b := newBase(t, "sqlite")
		b.schema("wordpress")
		c, typed := one(t, b, caseOf("wordpress"), sqldb.Config{TablePrefix: prefix})
		if table != "wp_users" {
			b.must(`ALTER TABLE wp_users RENAME TO "` + table + `"`)
			b.must(`ALTER TABLE wp_usermeta RENAME TO "` + strings.Replace(table, "users", "usermeta", 1) + `"`)
		}
		if got := signIn(t, c, "ada0", typed); got != "user 1" {
			t.Errorf("%q: got %s", prefix, got)
		}
	}
}

// TestMigrations: a table that changes while people sign in is looked at anew.
func TestMigrations(t *testing.T) {
	b := newBase(t, "postgres")
	b.schema("laravel")
	c, typed := one(t, b, caseOf("laravel"), sqldb.Config{})
	if got := signIn(t, c, "ada0@example.com", typed); got != "user 1" {
		t.Errorf("before: got %s", got)
	}
	b.must(`ALTER TABLE users DROP COLUMN deleted_at`)
	signIn(t, c, "ada0@example.com", typed)
	if got := signIn(t, c, "ada0@example.com", typed); got != "user 1" {
		t.Errorf("without the column: got %s", got)
	}
	b.must(`ALTER TABLE users ADD COLUMN deleted_at timestamp DEFAULT now()`)
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if got := signIn(t, c, "ada0@example.com", typed); got != "refused" {
		t.Errorf("with the column, after a check: got %s", got)
	}
}

// TestLooksAgain: a column that locks people counts soon after it came.
func TestLooksAgain(t *testing.T) {
	b := newBase(t, "sqlite")
	b.schema("laravel")
	now := time.Now()
	var mu sync.Mutex
	c, typed := one(t, b, caseOf("laravel"), sqldb.Config{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	b.must(`ALTER TABLE users DROP COLUMN deleted_at`)
	if got := signIn(t, c, "ada0@example.com", typed); got != "user 1" {
		t.Errorf("without the column: got %s", got)
	}
	b.must(`ALTER TABLE users ADD COLUMN deleted_at datetime`)
	b.must(`UPDATE users SET deleted_at = '2020-01-01 00:00:00'`)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{time.Minute, "user 1"}, {10 * time.Minute, "refused"}, {10 * time.Minute, "refused"}} {
		mu.Lock()
		now = now.Add(step.after)
		mu.Unlock()
		if got := signIn(t, c, "ada0@example.com", typed); got != step.want {
			t.Errorf("%v later: got %s, want %s", step.after, got, step.want)
		}
	}
}

// TestSearchPath: PostgreSQL's schemas are named in the address.
func TestSearchPath(t *testing.T) {
	b := newBase(t, "postgres")
	b.must(`CREATE SCHEMA app`)
	b.must(`SET search_path TO app`)
	people(b)
	b.must(`GRANT USAGE ON SCHEMA app TO reader`)
	config := own(b)
	if got := signIn(t, connect(t, config), "ada", password); !strings.Contains(got, "search path") {
		t.Errorf("without: got %s", got)
	}
	config.DSN = ostiary.NewSecret(b.dsn + "?search_path=app")
	if got := signIn(t, connect(t, config), "ada", password); got != "user 1" {
		t.Errorf("with: got %s", got)
	}
}

// TestBinaryCollation: Nextcloud's tables on MySQL tell small and capital letters
// apart, its sign-in does not.
func TestBinaryCollation(t *testing.T) {
	b := newBase(t, "mysql")
	b.schema("nextcloud")
	for _, table := range []string{"oc_users", "oc_preferences"} {
		b.must(`ALTER TABLE ` + table + ` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`)
	}
	p := caseOf("nextcloud")
	c, typed := one(t, b, p, sqldb.Config{})
	for _, name := range p.logins(0) {
		if got := signIn(t, c, name, typed); got != "user Ada0" {
			t.Errorf("as %s: got %s", name, got)
		}
	}
	b.must(`INSERT INTO oc_preferences (userid, appid, configkey, configvalue) VALUES ('of LDAP', 'settings', 'email', 'ada0@EXAMPLE.com')`)
	if got := signIn(t, c, mail(0), typed); got != "refused" {
		t.Errorf("SQL-2 an e-mail of two people: got %s", got)
	}
}
