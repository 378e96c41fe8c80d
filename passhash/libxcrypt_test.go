package passhash_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// TestLibxcrypt has values that libxcrypt 4.4.33 wrote, of families and
// passwords that the vectors have few or none of: $2x$ beyond ASCII, $7$, BSD's
// DES beyond 8 characters, both spellings of $md5.
func TestLibxcrypt(t *testing.T) {
	raw, err := os.ReadFile("testdata/libxcrypt.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Setting, Password, Stored string }
	if err := json.Unmarshal(raw, &rows); err != nil || len(rows) < 130 {
		t.Fatalf("got %d rows, %v", len(rows), err)
	}
	shadow, err := passhash.SystemNamed("shadow")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		h, err := shadow.Parse(passhash.Record{Stored: row.Stored}, passhash.Options{Limits: everything})
		if err != nil {
			t.Errorf("%s: %v", row.Stored, err)
			continue
		}
		if !h.Match(row.Password) {
			t.Errorf("%s does not match %q", row.Stored, row.Password)
		}
		if i%8 == 0 && h.Match("x"+row.Password) {
			t.Errorf("%s matches another one than %q", row.Stored, row.Password)
		}
	}
}
