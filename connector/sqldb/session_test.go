package sqldb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/internal/testserver/mariadb"
	"github.com/ostiary/ostiary/internal/testserver/postgres"
)

// says signs ada in with a query whose name column is an expression, and returns
// the name.
func says(t *testing.T, config sqldb.Config, expression string) (string, error) {
	t.Helper()
	config.Query = `SELECT id, login AS username, pw AS hash, ` + expression + ` AS name FROM people WHERE login = :username`
	config.Columns, config.LookupQuery, config.GroupsQuery = sqldb.Columns{}, "", ""
	u, err := connect(t, config).Authorize(context.Background(), credentials(t, "ada", password), nil)
	if err != nil || u == nil {
		return "", err
	}
	return u.Name, nil
}

// TestSession: the server itself enforces what a session may do (SQL-3).
func TestSession(t *testing.T) {
	for engine, row := range map[string]struct{ expression, want string }{
		"postgres": {`concat(current_setting('statement_timeout'), ' ', current_setting('default_transaction_read_only'), ' ', current_setting('application_name'))`, "1234ms on ostiary"},
		"mysql":    {`CONCAT(@@max_statement_time, ' ', @@tx_read_only, ' ', @@time_zone)`, "1.234000 ON +00:00"},
		"sqlite":   {`(SELECT query_only FROM pragma_query_only)`, "1"},
	} {
		b := newBase(t, engine)
		people(b)
		config := own(b)
		config.StatementTimeout = 1234 * time.Millisecond
		if got, err := says(t, config, row.expression); err != nil || got != row.want {
			t.Errorf("SQL-3 %s: got %q, %v, want %q", engine, got, err, row.want)
		}
	}
}

// TestOnlyReads: a query that writes fails, even of somebody who may write.
func TestOnlyReads(t *testing.T) {
	for engine, query := range map[string]string{
		"postgres": `WITH x AS (UPDATE people SET mail = 'changed' RETURNING id) SELECT id, login AS username, pw AS hash FROM people WHERE login = :username`,
		"mysql":    `SELECT id, login AS username, pw AS hash, writes() AS z FROM people WHERE login = :username`,
	} {
		b := newBase(t, engine)
		people(b)
		if engine == "mysql" {
			b.must(`CREATE FUNCTION writes() RETURNS INT MODIFIES SQL DATA BEGIN UPDATE people SET mail = 'changed' WHERE id = 2; RETURN 1; END`)
		}
		config := own(b)
		config.DSN, config.Query, config.Columns = ostiary.NewSecret(b.admin), query, sqldb.Columns{}
		if got := signIn(t, connect(t, config), "ada", password); !strings.Contains(got, "only a rehash may") {
			t.Errorf("SQL-3 %s: got %s", engine, got)
		}
		if got := signIn(t, connect(t, own(b)), "grete@example.com", password); got != "user 2" {
			t.Errorf("SQL-3 %s: the table was changed: got %s", engine, got)
		}
	}
}

// TestLargeAnswer: a server can't fill our memory.
func TestLargeAnswer(t *testing.T) {
	for engine, expression := range map[string]string{"postgres": `repeat('x', 10000000)`, "mysql": `REPEAT('x', 10000000)`} {
		b := newBase(t, engine)
		people(b)
		if got, err := says(t, own(b), expression); err == nil || !strings.Contains(err.Error(), "larger than 8 MiB") && engine != "mysql" { // whose driver does not say why
			t.Errorf("CON-2 %s: got %d bytes, %v", engine, len(got), err)
		}
		if got := signIn(t, connect(t, own(b)), "ada", password); got != "user 1" {
			t.Errorf("CON-2 %s, afterwards: got %s", engine, got)
		}
	}
}

// authority makes a CA and a certificate for a name, in files that a server's
// user may read.
func authority(t *testing.T, owner, name string) (ca, cert, key string) {
	t.Helper()
	folder := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(filepath.Dir(folder), 0o711))
	write := func(file, kind string, der []byte, mode os.FileMode) string {
		path := filepath.Join(folder, file)
		must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode))
		if u, err := user.Lookup(owner); err == nil && os.Getuid() == 0 {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			must(os.Chown(path, uid, gid))
		}
		return path
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := func(n int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(n), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
	}
	root := template(1, "CA")
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &caKey.PublicKey, caKey)
	must(err)
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	leaf := template(2, name)
	leaf.DNSNames, leaf.ExtKeyUsage = []string{name}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &leafKey.PublicKey, caKey)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	must(err)
	return write("ca.pem", "CERTIFICATE", rootDER, 0o644), write("cert.pem", "CERTIFICATE", leafDER, 0o644), write("key.pem", "PRIVATE KEY", keyDER, 0o600)
}

// TestTLS connects to real servers with certificates.
func TestTLS(t *testing.T) {
	for engine, start := range map[string]func(t *testing.T, ca, cert, key string) *base{
		"postgres": func(t *testing.T, _, cert, key string) *base {
			s := postgres.Start(t, "ssl=on", "ssl_cert_file="+cert, "ssl_key_file="+key)
			s.Exec(t, "postgres", "CREATE ROLE reader LOGIN")
			return postgresBase(t, s)
		},
		"mysql": func(t *testing.T, ca, cert, key string) *base {
			s := mariadb.Start(t, "ssl-ca="+ca, "ssl-cert="+cert, "ssl-key="+key)
			s.Exec(t, "", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY '"+readerPassword+"' REQUIRE SSL", "CREATE USER reader@localhost IDENTIFIED BY '"+readerPassword+"' REQUIRE SSL",
				"GRANT SELECT ON *.* TO reader@localhost")
			return mariadbBase(t, s)
		},
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			owner := map[string]string{"postgres": "postgres", "mysql": "mysql"}[engine]
			ca, cert, key := authority(t, owner, "localhost")
			otherCA, _, _ := authority(t, owner, "localhost")
			b := start(t, ca, cert, key)
			people(b)
			cipher := map[string]string{
				"postgres": `(SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid())`,
				"mysql":    `(SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_VERSION')`,
			}[engine]
			named := strings.Replace(b.dsn, "127.0.0.1", "localhost", 1)
			for _, row := range []struct{ name, dsn, ca, want, fault string }{
				{"CON-3 its authority and name", named, ca, "TLSv1.3", ""},
				{"CON-3 another authority", named, otherCA, "", "certificate signed by unknown authority"},
				{"CON-3 another name", b.dsn, ca, "", "certificate"},
				{"CON-3 the authorities of the system", named + map[string]string{"postgres": "?sslmode=verify-full", "mysql": "?tls=true"}[engine], "", "", "certificate signed by unknown authority"},
			} {
				t.Run(row.name, func(t *testing.T) {
					config := own(b)
					config.DSN, config.CAFile = ostiary.NewSecret(row.dsn), row.ca
					got, err := says(t, config, cipher)
					if got != row.want || (err == nil) != (row.fault == "") || err != nil && !strings.Contains(err.Error(), row.fault) {
						t.Errorf("got %q, %v, want %q, %s", got, err, row.want, row.fault)
					}
				})
			}
		})
	}
}

// TestSockets connects without a network.
func TestSockets(t *testing.T) {
	pg, maria := sharedPostgres(t), sharedMariaDB(t)
	for engine, address := range map[string]func(database string) string{
		"postgres": func(database string) string {
			_, port, _ := strings.Cut(pg.Addr(), ":")
			return "postgres://reader@:" + port + "/" + database + "?host=" + pg.Folder()
		},
		"mysql": func(database string) string {
			return "mysql://reader:r%20e%2Fa%40d@/" + database + "?socket=" + maria.Socket()
		},
	} {
		b := newBase(t, engine)
		people(b)
		if engine == "mysql" {
			b.must("GRANT SELECT ON people TO reader@localhost")
			b.must("GRANT SELECT ON member TO reader@localhost")
		}
		config := own(b)
		config.DSN = ostiary.NewSecret(address(b.dsn[strings.LastIndex(b.dsn, "/")+1:]))
		if got := signIn(t, connect(t, config), "ada", password); got != "user 1" {
			t.Errorf("%s: got %s", engine, got)
		}
	}
}

// TestExecModes: whatever the way, values stay apart.
func TestExecModes(t *testing.T) {
	b := newBase(t, "postgres")
	people(b)
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec"} {
		config := own(b)
		config.DSN = ostiary.NewSecret(b.dsn + "?default_query_exec_mode=" + mode)
		c := connect(t, config)
		for _, name := range []string{"ada", "ada' OR '1'='1", `\' OR 1=1 --`} {
			want := map[bool]string{true: "user 1", false: "refused"}[name == "ada"]
			if got := signIn(t, c, name, password); got != want {
				t.Errorf("SQL-1 %s, %q: got %s", mode, name, got)
			}
		}
		if got := verdict(c.Lookup(context.Background(), "1")); got != "user 1" {
			t.Errorf("%s: Lookup: got %s", mode, got)
		}
	}
}

// TestCheck says what is wrong and how to mend it.
func TestCheck(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			b := newBase(t, engine)
			people(b)
			preset := func(name string) sqldb.Config { return sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: name} }
			with := func(change func(c *sqldb.Config)) sqldb.Config {
				c := own(b)
				change(&c)
				return c
			}
			rows := []struct {
				name   string
				config sqldb.Config
				want   string
			}{
				{"in order", own(b), ""},
				{"no tables", preset("django"), "a table or column is not there"},
				{"no tables of any version", preset("drupal"), "none of the preset's tables"},
				{"no such column", with(func(c *sqldb.Config) { c.Query = strings.Replace(c.Query, "mail", "email", 1) }), "a table or column is not there"},
				{"a column that is not returned", with(func(c *sqldb.Config) { c.Columns.Hash = "secret" }), `Columns.Hash: the result has no column "secret"`},
				{"groups", with(func(c *sqldb.Config) { c.GroupsQuery = "SELECT name FROM nothing WHERE person = :id" }), "GroupsQuery: "},
				{"lookup", with(func(c *sqldb.Config) { c.LookupQuery = "SELECT id FROM nothing WHERE id = :id" }), "LookupQuery: "},
				{"everybody", with(func(c *sqldb.Config) { c.Query += " OR 1 = 1" }), "nobody's"},
			}
			for _, row := range rows {
				err := connect(t, row.config).Check(context.Background())
				// MySQL does not tell a table that is missing from one that may not be read.
				mended := engine == "mysql" && err != nil && strings.Contains(err.Error(), "give it SELECT")
				if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) && !mended {
					t.Errorf("%s: got %v, want %s", row.name, err, row.want)
				}
			}
		})
	}
}

// TestCheckRights says what the database refuses.
func TestCheckRights(t *testing.T) {
	for _, engine := range []string{"postgres", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			b := newBase(t, engine)
			b.schema("django")
			b.grant("auth_group")
			preset := func(name string) sqldb.Config { return sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: name} }
			for _, row := range []struct {
				name   string
				config sqldb.Config
				want   string
			}{
				{"not granted", preset("django"), "give it SELECT"},
				{"another password", sqldb.Config{DSN: ostiary.NewSecret(strings.Replace(b.dsn, "a%40d", "wrong", 1)), Preset: "django"}, "does not take this user"},
				{"another database", sqldb.Config{DSN: ostiary.NewSecret(b.dsn + "nothing"), Preset: "django"}, "no such database"},
			} {
				err := connect(t, row.config).Check(context.Background())
				if engine == "postgres" && row.name == "another password" {
					continue // the test server takes any
				}
				if err == nil || !strings.Contains(err.Error(), row.want) {
					t.Errorf("%s: got %v, want %s", row.name, err, row.want)
				}
				silent(t, err, "wrong", readerPassword, "r%20e")
			}
		})
	}
}
