package sqldb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/passhash"
)

// vector is a stored value of some system and that system's verdict.
type vector struct {
	ID, Kind, Password, Notes string
	Stored                    *string        `json:"stored_hash"`
	Match                     bool           `json:"should_match"`
	MayRefuse                 bool           `json:"may_refuse"`
	MayAccept                 bool           `json:"may_accept"`
	Columns                   map[string]any `json:"columns"`
	Config                    struct {
		Pepper        string
		Peppers       []passhash.Pepper `json:"passwordpeppers"`
		SiteSalt      string            `json:"passwordsaltmain"`
		DefaultScheme string            `json:"default_pass_scheme"`
		Encryptor     string
		Stretches     int
	}
}

// stored is the main column, nil for NULL.
func (v *vector) stored() any {
	if v.Stored == nil {
		return nil
	}
	return *v.Stored
}

// column is a further column, nil for NULL.
func (v *vector) column(name string) any {
	if value, there := v.Columns[name]; there && value != nil {
		return fmt.Sprint(value)
	}
	return nil
}

func (v *vector) config(c sqldb.Config) sqldb.Config {
	c.Pepper, c.SiteSalt = passhash.Pepper(v.Config.Pepper), passhash.Pepper(v.Config.SiteSalt)
	c.DefaultScheme, c.Stretches = v.Config.DefaultScheme+v.Config.Encryptor, v.Config.Stretches
	if peppers := v.Config.Peppers; len(peppers) > 0 {
		c.Pepper, c.OldPeppers = peppers[0], peppers[1:]
	}
	return c
}

func vectorsOf(tb testing.TB, file string) (list []vector) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors", file+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

// TestPresetVectors puts every vector of a system into a real table of it, and
// signs in as that user, through a reader with the documented grants.
func TestPresetVectors(t *testing.T) {
	grants := documented(t)
	for _, p := range presetCases {
		for _, engine := range p.engines {
			t.Run(p.preset+" "+engine, func(t *testing.T) {
				t.Parallel()
				b := newBase(t, engine)
				b.schema(p.schema())
				b.grant(grants[p.preset]...)
				p.before(b)
				p.vectors(t, b)
			})
		}
	}
}

func (p *presetCase) vectors(t *testing.T, b *base) {
	connectors := map[string]*sqldb.Connector{}
	tried := 0
	for n, v := range p.list(t) {
		if err := p.add(b, n, &v); err != nil {
			if v.Match {
				t.Errorf("%s: %v", v.ID, err)
			}
			continue // the system's own table can't hold it
		}
		if b.engine != p.engines[0] && costOf(t, p.preset, &v) > 50*time.Millisecond {
			continue // verified with the first
		}
		tried++
		config := v.config(sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: p.preset, Limits: everything})
		key := fmt.Sprintf("%+v", v.Config)
		if connectors[key] == nil {
			connectors[key] = connect(t, config)
			if err := connectors[key].Check(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		typed, ok := values(p.login(n), v.Password)
		if !ok {
			continue
		}
		got, err := connectors[key].Authorize(context.Background(), typed, nil)
		switch {
		case err != nil:
			t.Errorf("PWD-5 %s: %v", v.ID, err)
		case got != nil && !v.Match && !v.MayAccept:
			t.Errorf("PWD-5 %s: accepted (%s)", v.ID, v.Notes)
		case got == nil && v.Match && !v.MayRefuse:
			t.Errorf("PWD-5 %s: refused (%s)", v.ID, v.Notes)
		case got != nil && got.ID != p.id(n):
			t.Errorf("IDN-2 %s: got %s, want %s", v.ID, got.ID, p.id(n))
		}
	}
	if tried == 0 {
		t.Error("no vector was tried")
	}
}

// costOf is how long a hash takes, 0 for one that can't be read.
func costOf(tb testing.TB, preset string, v *vector) time.Duration {
	tb.Helper()
	system, err := passhash.SystemNamed(preset)
	if err != nil {
		tb.Fatal(err)
	}
	r := passhash.Record{Columns: map[string]string{}}
	if v.Stored != nil {
		r.Stored = *v.Stored
	}
	for name := range v.Columns {
		if value, ok := v.column(name).(string); ok {
			r.Columns[name] = value
		}
	}
	if preset == "nextcloud" {
		r.Stored = "1|" + r.Stored
	}
	hash, _ := system.Parse(r, passhash.Options{Limits: everything})
	return hash.Cost().Time
}

// TestPresetStates signs in with the right password, in every state that keeps a
// person out, and looks the person up.
func TestPresetStates(t *testing.T) {
	grants := documented(t)
	for _, p := range presetCases {
		for _, engine := range p.engines {
			t.Run(p.preset+" "+engine, func(t *testing.T) {
				t.Parallel()
				b := newBase(t, engine)
				b.schema(p.schema())
				b.grant(grants[p.preset]...)
				p.before(b)
				p.statesOf(t, b)
			})
		}
	}
}

// cheap is the vector that matches and costs least.
func (p *presetCase) cheap(tb testing.TB) vector {
	tb.Helper()
	var best vector
	least := time.Hour
	for _, v := range p.list(tb) {
		if !v.Match || v.MayRefuse || v.Password == "" || !reflect.ValueOf(v.Config).IsZero() && v.Config.DefaultScheme == "" {
			continue
		}
		if cost := costOf(tb, p.preset, &v); cost > 0 && cost < least {
			best, least = v, cost
		}
	}
	return best
}

// statesOf checks accounts 0 and 1, which may sign in, and one for each state.
func (p *presetCase) statesOf(t *testing.T, b *base) {
	v := p.cheap(t)
	for n := range 2 + len(p.states) {
		if err := p.add(b, n, &v); err != nil {
			t.Fatal(err)
		}
	}
	backslash := `'\'`
	if b.engine == "mysql" {
		backslash = `'\\'`
	}
	for _, statement := range p.member {
		b.must(strings.ReplaceAll(statement, "{backslash}", backslash))
	}
	config := sqldb.Config{DSN: ostiary.NewSecret(b.dsn), Preset: p.preset, Limits: everything}
	c := connect(t, config)
	config.Reveal = ostiary.Reveal{ostiary.Locked, ostiary.Disabled, ostiary.Expired, ostiary.MustChange}
	telling := connect(t, config)
	p.namesOf(t, c, v.Password)
	p.userOf(t, c, v.Password)
	for i, s := range p.states {
		s.change(b, 2+i)
		p.stateOf(t, c, telling, s, 2+i, v.Password)
	}
	if got := signIn(t, c, p.login(1), v.Password); got != "user "+p.id(1) {
		t.Errorf("the others: got %s", got)
	}
}

// namesOf signs account 0 in by every name, and by none that is not its.
func (p *presetCase) namesOf(t *testing.T, c *sqldb.Connector, typed string) {
	t.Helper()
	for _, name := range p.logins(0) {
		if got := signIn(t, c, name, typed); got != "user "+p.id(0) {
			t.Errorf("as %s: got %s, want user %s", name, got, p.id(0))
		}
	}
	for _, name := range p.strangers() {
		if got := signIn(t, c, name, typed); got != "refused" {
			t.Errorf("SQL-2 as %q: got %s", name, got)
		}
	}
}

// userOf reads all of account 0, and looks it and nobody else up.
func (p *presetCase) userOf(t *testing.T, c *sqldb.Connector, typed string) {
	t.Helper()
	user, err := c.Authorize(context.Background(), credentials(t, p.login(0), typed), nil)
	if err != nil || user == nil {
		t.Fatalf("got %v, %v", user, err)
	}
	found, err := c.Lookup(context.Background(), p.id(0))
	if err != nil || found == nil {
		t.Fatalf("Lookup: got %v, %v", found, err)
	}
	slices.Sort(user.Groups)
	slices.Sort(found.Groups)
	if !reflect.DeepEqual(*user, p.user) || !reflect.DeepEqual(*found, p.user) {
		t.Errorf("got %+v, Lookup %+v, want %+v", *user, *found, p.user)
	}
	for _, nobody := range []string{"no such id", "999999", p.id(0) + "x", " " + p.id(0), "", "\x00", "9999999999999999999999"} {
		if got := verdict(c.Lookup(context.Background(), nobody)); got != "refused" {
			t.Errorf("Lookup of %q: got %s", nobody, got)
		}
	}
}

// stateOf signs account n in with the right password and a wrong one.
func (p *presetCase) stateOf(t *testing.T, c, telling *sqldb.Connector, s state, n int, typed string) {
	t.Helper()
	if s.want == "" {
		if got := signIn(t, c, p.login(n), typed); got != "user "+p.id(n) {
			t.Errorf("%s: got %s, want user %s", s.name, got, p.id(n))
		}
		return
	}
	for _, password := range []string{typed, "wrong"} {
		if got := signIn(t, c, p.login(n), password); got != "refused" {
			t.Errorf("IDN-4 IDN-5 %s, %q: got %s", s.name, password, got)
		}
		if got := signIn(t, telling, p.login(n), password); got != "refused "+s.want.Code() && s.want != none {
			t.Errorf("IDN-5 %s, %q, revealed: got %s, want %s", s.name, password, got, s.want.Code())
		}
	}
	if got := verdict(c.Lookup(context.Background(), p.id(n))); got != "refused" {
		t.Errorf("Lookup, %s: got %s", s.name, got)
	}
}

// strangers are spellings that a collation may take for the name of user 0.
func (p *presetCase) strangers() []string {
	name := p.login(0)
	return []string{
		name + "x", strings.Replace(name, "a", "á", 1), strings.Replace(name, "a", "ä", 1), "%", "_", name + "%", name + "\u200b",
		strings.Replace(name, "d", "ď", 1),
	}
}

// none: the state is a row that is no account at all.
const none = ostiary.State("none")
