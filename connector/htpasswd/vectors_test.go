package htpasswd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

// departures are the vectors that Apache lets in and we do not, with the reason.
var departures = map[string]string{
	"apache-htpasswd-dbab12c653": "PWD-3: bcrypt of 73 bytes; Apache cuts the password off, so that two would match",
}

// TestVectors judges what Apache's htpasswd wrote, each as a file of its own.
// testdata/apache-htpasswd.json says of each value how it was made and what
// Apache answers; may_refuse and may_accept are where either verdict will do.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/apache-htpasswd.json")
	must(t, err)
	var vectors []struct {
		ID, Kind, Password, Notes string
		Stored                    string `json:"stored_hash"`
		Match                     bool   `json:"should_match"`
		MayRefuse                 bool   `json:"may_refuse"`
		MayAccept                 bool   `json:"may_accept"`
	}
	must(t, json.Unmarshal(raw, &vectors))
	if len(vectors) != 37 {
		t.Errorf("got %d vectors, want 37", len(vectors))
	}
	for _, v := range vectors {
		t.Run("PWD-5 "+v.ID+" "+v.Kind, func(t *testing.T) {
			got := signsIn(t, v.Stored, v.Password)
			reason, departs := departures[v.ID]
			switch {
			case departs && (got || !v.Match):
				t.Errorf("is no departure any more: %s", reason)
			case departs:
			case got && !v.Match && !v.MayAccept:
				t.Errorf("let in (%s)", v.Notes)
			case !got && v.Match && !v.MayRefuse:
				t.Errorf("refused (%s)", v.Notes)
			}
		})
	}
}

// signsIn puts a hash into a file, everything allowed. It reports whether the
// password opens it.
func signsIn(t *testing.T, stored, password string) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "people")
	must(t, os.WriteFile(file, []byte("ada:"+stored+"\n"), 0o600))
	begun := time.Now()
	c, err := htpasswd.New(htpasswd.Config{File: file, AllowMD5AndSHA1: true, AllowDES: true})
	if err != nil {
		if took := time.Since(begun); took > time.Second {
			t.Errorf("PWD-5: it took %v to say no", took)
		}
		return false
	}
	return verdict(c.Authorize(t.Context(), credentials(t, "ada", password), nil)) == "user ada"
}
