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
		config := v.config(sqldb.Config{DSN: sqldb.NewSecret(b.dsn), Preset: p.preset, Limits: everything})
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
	all := ostiary.Reveal{ostiary.Locked, ostiary.Disabled, ostiary.Expired, ostiary.MustChange}
	config := sqldb.Config{DSN: sqldb.NewSecret(b.dsn), Preset: p.preset, Limits: everything}
	c := connect(t, config)
	config.Reveal = all
	open := connect(t, config)
	lookup := func(n int) string { return verdict(c.Lookup(context.Background(), p.id(n))) }

	for _, name := range p.names(0) {
		if got := signIn(t, c, name, v.Password); got != "user "+p.id(0) {
			t.Errorf("as %s: got %s, want user %s", name, got, p.id(0))
		}
	}
	for _, name := range p.strangers() {
		if got := signIn(t, c, name, v.Password); got != "refused" {
			t.Errorf("SQL-2 as %q: got %s", name, got)
		}
	}
	user, err := c.Authorize(context.Background(), credentials(t, p.login(0), v.Password), nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(user.Groups)
	if want := p.user; !reflect.DeepEqual(*user, want) {
		t.Errorf("got %+v, want %+v", *user, want)
	}
	if found, err := c.Lookup(context.Background(), p.id(0)); err != nil || found == nil || found.ID != user.ID || found.Name != user.Name ||
		len(found.Groups) != len(user.Groups) {
		t.Errorf("Lookup: got %+v, %v, want %+v", found, err, user)
	}
	for _, nobody := range []string{"no such id", "999999", p.id(0) + "x", " " + p.id(0), "", "\x00", "9999999999999999999999"} {
		if got := verdict(c.Lookup(context.Background(), nobody)); got != "refused" {
			t.Errorf("Lookup of %q: got %s", nobody, got)
		}
	}
	for i, s := range p.states {
		n := 2 + i
		s.change(b, n)
		if s.want == "" {
			if got := signIn(t, c, p.login(n), v.Password); got != "user "+p.id(n) {
				t.Errorf("%s: got %s, want user %s", s.name, got, p.id(n))
			}
			continue
		}
		for _, password := range []string{v.Password, "wrong"} {
			if got := signIn(t, c, p.login(n), password); got != "refused" {
				t.Errorf("IDN-4 IDN-5 %s, %q: got %s", s.name, password, got)
			}
			if got := signIn(t, open, p.login(n), password); got != "refused "+s.want.Code() && s.want != none {
				t.Errorf("IDN-5 %s, %q, revealed: got %s, want %s", s.name, password, got, s.want.Code())
			}
		}
		if got := lookup(n); got != "refused" {
			t.Errorf("Lookup, %s: got %s", s.name, got)
		}
	}
	if got := signIn(t, c, p.login(1), v.Password); got != "user "+p.id(1) {
		t.Errorf("the others: got %s", got)
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
