package sqldb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
)

// injections are texts that become SQL where somebody puts them into SQL, that
// mean something to a LIKE or a collation, or that a driver may stumble over.
var injections = []string{
	`'`, `"`, "`", `\`, `\'`, `''`, `' OR '1'='1`, `' OR 1=1 --`, `' OR 1=1 -- -`, `' OR 1=1 #`, `" OR ""="`, `" OR 1=1 --`, `') OR ('1'='1`, `')) OR 1=1 --`,
	`admin'--`, `admin' #`, `admin'/*`, `ada'; DROP TABLE people; --`, `ada'; UPDATE people SET pw = ''; --`, `'; SELECT pg_sleep(5); --`, `' AND SLEEP(5) AND '1'='1`,
	`' UNION SELECT 1, 'ada', 'x', 'x', 'x', true, NULL --`, `' UNION ALL SELECT id, login, pw, mail, full_name, enabled, locked_until FROM people --`,
	`\' OR 1=1 --`, `\\' OR 1=1 --`, "\xbf' OR 1=1 --", "\xbf\x27 OR 1=1 --", "\u02bc OR 1=1 --", `ada' || '`, `ada' + '`, `'||(SELECT login FROM people LIMIT 1)||'`,
	`$1`, `$2`, `?`, `:username`, `:id`, `@a`, `%s`, `%(a)s`, `{0}`, `{{1}}`, `${ada}`, `$$ OR 1=1 $$`, `%`, `_`, `ad_`, `a%`, `%%%`, `[a]da`, `.*`, `^ada$`,
	"ada\x00", "\x00", "ada\x00' OR 1=1 --", "ada\n", "ada\r\n", "ada\t", "ada\u00a0", "ada\u200b", "ada\u202e", "\ufeffada", "ada\xff", "\xed\xa0\x80", "a\u0301da", "ąda",
	`0`, `1`, `-1`, `1 OR 1=1`, `1; DROP TABLE people`, `NULL`, `true`, `''; --`, `0x616461`, `CHAR(97,100,97)`, `/*!50000ada*/`, `ada/**/`, `ada;`, `"ada"`, "`ada`", `N'ada'`, `E'ada'`,
	strings.Repeat("'", 500), strings.Repeat(`\`, 500), strings.Repeat("a", 65536), "🦊",
}

// TestInjections signs in and looks up with each as a name, on every server: it
// is nobody's, and no fault.
func TestInjections(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b := newBase(t, engine)
			people(b)
			c := connect(t, own(b))
			signIn(t, c, "ada", password) // so that what is verified for nobody is cheap
			for _, text := range injections {
				if got := signIn(t, c, text, password); got != "refused" {
					t.Errorf("SQL-1 as %.60q: got %s", text, got)
				}
				if got := verdict(c.Lookup(context.Background(), text)); got != "refused" && text != "1" {
					t.Errorf("SQL-1 Lookup of %.60q: got %s", text, got)
				}
			}
			if got := signIn(t, c, "ada", password); got != "user 1" {
				t.Errorf("SQL-1 afterwards: got %s", got)
			}
		})
	}
}

// TestPresetInjections does the same with presets, whose statements have several
// values, on tables of old character sets.
func TestPresetInjections(t *testing.T) {
	for _, preset := range []string{"django", "gitea", "drupal", "nextcloud", "strapi"} {
		for _, engine := range engines {
			t.Run(preset+" "+engine, func(t *testing.T) {
				t.Parallel()
				b := newBase(t, engine)
				b.schema(preset)
				b.grant(documented(t)[preset]...)
				if engine == "mysql" && preset == "django" {
					b.must(`ALTER TABLE auth_user CONVERT TO CHARACTER SET latin1`)
				}
				p := caseOf(preset)
				v := p.cheap(t)
				p.before(b)
				if err := p.add(b, 0, &v); err != nil {
					t.Fatal(err)
				}
				c := connect(t, sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: preset, Limits: everything})
				if got := signIn(t, c, p.login(0), v.Password); got != "user "+p.id(0) {
					t.Errorf("before: got %s", got)
				}
				for _, text := range injections {
					if got := signIn(t, c, text, v.Password); got != "refused" {
						t.Errorf("SQL-1 as %.60q: got %s", text, got)
					}
					if got := verdict(c.Lookup(context.Background(), text)); got != "refused" && text != "1" {
						t.Errorf("SQL-1 Lookup of %.60q: got %s", text, got)
					}
				}
			})
		}
	}
}

func caseOf(preset string) *presetCase {
	for i := range presetCases {
		if presetCases[i].preset == preset {
			return &presetCases[i]
		}
	}
	panic("no preset " + preset)
}
