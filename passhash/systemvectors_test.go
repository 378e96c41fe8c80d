package passhash_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// systemVector is a stored value of some system and that system's verdict.
type systemVector struct {
	ID, Kind, Password, Notes, Username string
	Stored                              string         `json:"stored_hash"`
	Match                               bool           `json:"should_match"`
	MayRefuse                           bool           `json:"may_refuse"`
	MayAccept                           bool           `json:"may_accept"`
	Columns                             map[string]any `json:"columns"`
	Config                              struct {
		Pepper        string
		Peppers       []passhash.Pepper `json:"passwordpeppers"`
		SiteSalt      string            `json:"passwordsaltmain"`
		DefaultScheme string            `json:"default_pass_scheme"`
		Encryptor     string
		Stretches     int
	}
}

// systemOf says whose sign-in the vectors of a file are of.
var systemOf = map[string]string{
	"apache-htpasswd": "htpasswd", "authjs-bcryptjs": "auth-js", "rails-devise": "devise",
}

// leastVectors keeps a file from getting lost.
var leastVectors = map[string]int{
	"apache-htpasswd": 37, "aspnet-identity": 29, "authjs-bcryptjs": 23, "better-auth": 20, "discourse": 15,
	"django": 48, "dovecot": 67, "drupal": 25, "ghost": 6, "gitea": 32, "keycloak": 19, "laravel": 43,
	"mediawiki": 29, "moodle": 22, "openldap": 54, "phpbb": 32, "rails-devise": 23, "shadow": 85,
	"spring-security": 51, "strapi": 8, "wordpress": 31,
}

// everything allows what is off by default.
var everything = passhash.Limits{AllowMD5AndSHA1: true, AllowDES: true, AllowPlainText: true}

func systemVectors(t testing.TB, file string) (passhash.System, []systemVector) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors", file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []systemVector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	name := file
	if other := systemOf[file]; other != "" {
		name = other
	}
	system, err := passhash.SystemNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return system, list
}

func (v systemVector) record() passhash.Record {
	r := passhash.Record{Stored: v.Stored, Columns: map[string]string{}, Username: v.Username}
	for name, value := range v.Columns {
		r.Columns[name] = fmt.Sprint(value)
	}
	return r
}

func (v systemVector) options(limits passhash.Limits) passhash.Options {
	o := passhash.Options{
		Limits: limits, Pepper: passhash.Pepper(v.Config.Pepper), SiteSalt: passhash.Pepper(v.Config.SiteSalt),
		DefaultScheme: v.Config.DefaultScheme + v.Config.Encryptor, Stretches: v.Config.Stretches,
	}
	if peppers := v.Config.Peppers; len(peppers) > 0 {
		o.Pepper, o.OldPeppers = peppers[0], peppers[1:]
	}
	return o
}

// TestSystemVectors judges every value as its system does. Nothing departs.
func TestSystemVectors(t *testing.T) {
	for file, least := range leastVectors {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			system, list := systemVectors(t, file)
			if len(list) < least {
				t.Errorf("got %d vectors, want %d", len(list), least)
			}
			for _, v := range list {
				t.Run("PWD-5 "+v.ID+" "+v.Kind, func(t *testing.T) {
					h, err := system.Parse(v.record(), v.options(everything))
					got := err == nil && h.Match(v.Password)
					switch {
					case got && !v.Match && !v.MayAccept:
						t.Errorf("accepted (%s)", v.Notes)
					case !got && v.Match && !v.MayRefuse:
						t.Errorf("refused: %v (%s)", err, v.Notes)
					case v.Kind == "cost" && !errors.Is(err, passhash.ErrTooCostly) && !errors.Is(err, passhash.ErrMalformed):
						t.Errorf("got %v, want ErrTooCostly", err)
					case err != nil && len(v.Stored) > 12 && strings.Contains(err.Error(), v.Stored):
						t.Errorf("LOG-2: the error tells the value: %v", err)
					case err != nil && (h.Family() != "" || h.Match(v.Password)):
						t.Errorf("got %v beside the error", h)
					}
				})
			}
		})
	}
}
