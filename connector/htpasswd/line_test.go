package htpasswd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

// TestLines has whole files: what is wrong with them, or who is in them.
func TestLines(t *testing.T) {
	const (
		noColon = "there is no colon between name and hash"
		badName = "the name must have 1 to 255 bytes of UTF-8, no control characters and no blank at its ends"
		good    = "ada:" + horseBcr
	)
	long := strings.Repeat("é", 127)
	for _, row := range []struct {
		name, text string
		person     string // who can sign in with horse, when nothing is wrong
		fault      string // of the first line, otherwise
	}{
		{"a line without its end", good, "ada", ""},
		{"an end of Windows", good + "\r\n", "ada", ""},
		{"a byte order mark", "\ufeff" + good + "\n", "ada", ""},
		{"blank lines and comments", "\n \t\n#" + good + "\n# x:y\n\n" + good + "\n", "ada", ""},
		{"a name of 255 bytes", long + "a:" + horseBcr, long + "a", ""},
		{"a name of a quote and markup", `o'brien"<b>:` + horseBcr, `o'brien"<b>`, ""},
		{"a comment behind another colon", good + ":# since March", "ada", ""},
		{"HTP-1 a name of 256 bytes", long + "aa:" + horseBcr, "", badName},
		{"HTP-1 no colon", "ada", "", noColon},
		{"HTP-1 a hash alone", horseBcr, "", noColon},
		{"HTP-1 no name", ":" + horseBcr, "", badName},
		{"HTP-1 a blank before the name", " " + good, "", badName},
		{"HTP-1 a blank behind the name", "ada :" + horseBcr, "", badName},
		{"HTP-1 a comment that is moved in", " # comment", "", noColon},
		{"HTP-1 a no-break space behind the name", "ada\u00a0:" + horseBcr, "", badName},
		{"HTP-1 a NUL in the name", "a\x00da:" + horseBcr, "", badName},
		{"LOG-1 an escape in the name", "a\x1b[2Jda:" + horseBcr, "", badName},
		{"LOG-1 a C1 control in the name", "a\u009bda:" + horseBcr, "", badName},
		{"HTP-1 a carriage return in the name", "a\rda:" + horseBcr, "", badName},
		{"HTP-1 a name that is no UTF-8", "ad\xe4:" + horseBcr, "", badName},
		{"HTP-1 UTF-16", "\xff\xfea\x00d\x00a\x00:\x00x\x00", "", badName},
		{"PWD-5 a blank behind the hash", good + " ", "", `user "ada": malformed password hash`},
		{"PWD-5 a blank before the hash", "ada: " + horseBcr, "", `user "ada": unsupported password hash`},
		{"PWD-5 two ends of Windows", good + "\r\r\n", "", `user "ada": malformed password hash`},
		{"PWD-5 a NUL in the hash", good + "\x00", "", `user "ada": malformed password hash`},
		{"PWD-5 a hash of 1 MB", "ada:$2y$" + strings.Repeat("a", 1<<20), "", `user "ada": malformed password hash`},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "people")
			if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := htpasswd.New(htpasswd.Config{File: file})
			if row.fault != "" {
				if want := "File: " + file + ": line 1: " + row.fault; err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got %.300v, want %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := verdict(c.Authorize(t.Context(), credentials(t, row.person, horse), nil)); got != "user "+row.person {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestManyFaults tells the first twenty of them, and keeps no more.
func TestManyFaults(t *testing.T) {
	b := newBed(t, htpasswd.Config{})
	for _, row := range []struct {
		name string
		line func(i int) string
	}{
		{"no password file", func(int) string { return "x" }},
		{"weak hashes", func(i int) string { return fmt.Sprintf("user%d:%s", i, horseAPR1) }},
		{"both", func(i int) string { return [...]string{"x", fmt.Sprintf("user%d:%s", i, horseAPR1)}[i&1] }},
	} {
		t.Run(row.name, func(t *testing.T) {
			var lines []string
			for i := range 50_000 {
				lines = append(lines, row.line(i))
			}
			b.write(lines...)
			err := b.Check(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			told := strings.Split(err.Error(), "\n")
			if len(told) != 21 || !strings.Contains(told[0], ": line 1: ") ||
				!strings.HasSuffix(told[20], ": 49980 more lines are not in order") {
				t.Errorf("got %q", told)
			}
		})
	}
}
