package htpasswd_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/ostiarytest"
	"github.com/ostiary/ostiary/passhash"
)

// TestConformance holds the connector to the kit.
func TestConformance(t *testing.T) {
	text := ""
	for name, password := range map[string]string{"ada": "open sesame", "ürsula": "schön"} {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		text += name + ":" + string(hash) + "\n"
	}
	file := filepath.Join(t.TempDir(), "people")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := passhash.NewPool(0)
	t.Cleanup(func() { _ = pool.Close() })
	c, err := htpasswd.New(htpasswd.Config{File: file, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: c.Authorize, Lookup: c.Lookup,
		Right: map[string]string{"username": "ada", "password": "open sesame"}, WantID: "ada",
		Unicode: map[string]string{"username": "ürsula", "password": "schön"},
	})
}
