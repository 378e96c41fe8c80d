package htpasswd

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ostiary/ostiary/passhash"
)

// FuzzLine puts a line between two others. Whatever it is: the file is read
// without a panic, the others count, the line adds one person at most or one
// fault, and no error tells the hash (HTP-1, LOG-2).
func FuzzLine(f *testing.F) {
	const (
		before = "ada:$2y$05$u.oW8o9Zq1NICU1LkyXHzutBf/gjdCSr.T98bYnblc0K4C/2XPZ2K"
		after  = "zoë:$5$MYjZREH8sjZ5.Y/1$rFxFSbyLR61kQjd3AB1cOcR0vM4zKY08kfrDKy9sQvA"
		canary = "Canary7f3a"
	)
	for _, seed := range append(stored(f), "", " ", "#", ":", "::", "ada", "ada:x", "eve:!", "\ufeffeve:*", "e\x00ve:x", "eve\xff:x", "eve :x", "eve:x\r") {
		f.Add(seed)
		f.Add("eve:" + seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			return // these are two
		}
		for _, limits := range []passhash.Limits{{}, {AllowMD5AndSHA1: true, AllowDES: true, WholePassword: true}} {
			p, wrong := parse([]byte(before+"\n"+line+"\n"+after+"\n"+line), limits)
			ada, _ := p.find("ada")
			zoe, _ := p.find("zoë")
			if ada.hash.Family() != passhash.Bcrypt || zoe.line == 3 && zoe.hash.Family() != passhash.SHA256Crypt {
				t.Fatalf("%q changes its neighbours: %v, %v", line, ada.hash, zoe.hash)
			}
			if len(p.all) > 3 || wrong.grave > 2 || wrong.minor > 1 {
				t.Fatalf("%q makes %d people, %+v", line, len(p.all), wrong)
			}
			for name, someone := range p.all {
				checkPerson(t, line, name, someone)
			}
			_, wrong = parse([]byte(line+canary+"\n"+"\ufeff"+line+canary), limits)
			if err := wrong.all("people"); err != nil && strings.Contains(err.Error(), canary) && !strings.Contains(line, "anary") {
				t.Fatalf("%q: the error tells the end of the line: %v", line, err)
			}
		}
	})
}

// checkPerson holds what is true of everybody, whatever the line was.
func checkPerson(t *testing.T, line, name string, someone person) {
	t.Helper()
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || name != strings.TrimSpace(name) ||
		strings.Contains(name, ":") || strings.ContainsFunc(name, unicode.IsControl) {
		t.Fatalf("%q makes a name %q", line, name)
	}
	if someone.usable() == (someone.cause != nil) {
		t.Fatalf("%q: %v, and yet %v", line, someone.hash, someone.cause)
	}
	if someone.line != 2 || !someone.usable() {
		return
	}
	_, hash, err := splitLine(strings.TrimSuffix(line, "\r"))
	if err != nil || !strings.HasPrefix(line, name+":"+hash) || strings.Contains(hash, ":") {
		t.Fatalf("%q is split into %q and %q: %v", line, name, hash, err)
	}
	if someone.hash.Cost().Time < 5*time.Millisecond && (someone.hash.Match(hash) || someone.hash.Dummy().Match(hash) || someone.hash.Match("")) {
		t.Fatalf("%q: the stored hash, or nothing, is the password", line)
	}
}

// stored are the values of the vectors.
func stored(f *testing.F) []string {
	f.Helper()
	raw, err := os.ReadFile("testdata/apache-htpasswd.json")
	if err != nil {
		f.Fatal(err)
	}
	var vectors []struct {
		Stored string `json:"stored_hash"`
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		f.Fatal(err)
	}
	values := make([]string, len(vectors))
	for i, v := range vectors {
		values[i] = v.Stored
	}
	return values
}
