package passhash_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// vector is a stored value that Apache's htpasswd wrote, and its verdict.
type vector struct {
	ID, Kind, Password, Notes string
	Stored                    string `json:"stored_hash"`
	Match                     bool   `json:"should_match"`
	MayRefuse                 bool   `json:"may_refuse"`
	MayAccept                 bool   `json:"may_accept"`
}

func vectors(t testing.TB) []vector {
	raw, err := os.ReadFile("testdata/apache-htpasswd.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// anything accepts the weak families, too.
var anything = passhash.Limits{AllowMD5AndSHA1: true}

func parse(t testing.TB, stored string) passhash.Hash {
	t.Helper()
	h, err := passhash.Parse(stored, anything)
	if err != nil {
		t.Fatalf("%q: %v", stored, err)
	}
	return h
}

// departures are the values that Apache takes and Parse or Match does not, each
// with the reason.
var departures = map[string]string{
	"apache-htpasswd-2dd7e771d0": "DES is not supported: 56 bits, 8 characters (PWD-5)",
	"apache-htpasswd-375a0e5260": "DES, once more",
	"apache-htpasswd-dbab12c653": "bcrypt of 73 bytes: Apache cuts the password, so that two would match (PWD-3)",
}

// TestVectors judges every value as Apache does, but for the departures.
func TestVectors(t *testing.T) {
	seen := 0
	for _, v := range vectors(t) {
		t.Run("PWD-5 "+v.ID+" "+v.Kind, func(t *testing.T) {
			h, err := passhash.Parse(v.Stored, anything)
			got := err == nil && h.Match(v.Password)
			if reason, departs := departures[v.ID]; departs {
				seen++
				if got || !v.Match {
					t.Errorf("is no departure any more: %s", reason)
				}
				return
			}
			switch {
			case got && !v.Match && !v.MayAccept:
				t.Errorf("accepted (%s)", v.Notes)
			case !got && v.Match && !v.MayRefuse:
				t.Errorf("refused: %v (%s)", err, v.Notes)
			}
		})
	}
	if seen != len(departures) {
		t.Errorf("got %d departures, want %d", seen, len(departures))
	}
}
