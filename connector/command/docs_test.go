//go:build unix

package command_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/connector/command"
)

// mailbox stands for Python's imaplib: one person, and names for which it fails.
const mailbox = `class imaplib:
    class IMAP4:
        class error(Exception): pass
        class abort(error): pass
    class IMAP4_SSL:
        def __init__(self, host, timeout, ssl_context):
            assert ssl_context.check_hostname
        def authenticate(self, mechanism, answer):
            _, name, password = answer(b"").decode().split("\0")
            if name == "dead": raise imaplib.IMAP4.abort()
            if name == "broken": raise OSError()
            if (name, password) != ("Ada@Example.com", 'c4n"ary & pass\'wörd'): raise imaplib.IMAP4.error()
`

// TestDocumentation runs the program that the documentation shows.
func TestDocumentation(t *testing.T) {
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		t.Fatalf("%v (Debian package python3)", err)
	}
	page, err := os.ReadFile("../../docs/connectors/command.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatal("no program in it")
	}
	program := strings.Replace(string(found[1]), "import imaplib\n", mailbox, 1)
	file := put(t, t.TempDir()+"/check", program, 0o700)
	var log record
	c := connect(t, command.Config{Argv: []string{file}, Logger: log.logger()})
	for name, want := range map[string]string{
		"Ada@Example.com": "user ada@example.com", "bob": "refused", "dead": "unavailable", "broken": "unavailable",
	} {
		if got := outcome(c.Authorize(t.Context(), values(t, name, canary), nil)); got != want {
			t.Errorf("%s: got %s, want %s; log: %s", name, got, want, log.String())
		}
	}
}
