package htpasswd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

// apache runs the real htpasswd with a password on its standard input.
func apache(t *testing.T, password string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("htpasswd")
	if err != nil {
		t.Fatalf("htpasswd is missing: install the Debian package apache2-utils (%v)", err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Stdin = strings.NewReader(password)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("htpasswd %v: %v: %s", args, err, out)
	}
}

// TestApacheWrites has every kind of hash that htpasswd makes.
func TestApacheWrites(t *testing.T) {
	weak := htpasswd.Config{AllowMD5AndSHA1: true}
	for _, row := range []struct {
		name   string
		args   []string
		config htpasswd.Config
		works  bool
	}{
		{"bcrypt", []string{"-B"}, htpasswd.Config{}, true},
		{"bcrypt of cost 9", []string{"-B", "-C", "9"}, htpasswd.Config{}, true},
		{"SHA-256", []string{"-2"}, htpasswd.Config{}, true},
		{"SHA-256 of 10000 rounds", []string{"-2", "-r", "10000"}, htpasswd.Config{}, true},
		{"SHA-512", []string{"-5"}, htpasswd.Config{}, true},
		{"SHA-512 of 10000 rounds", []string{"-5", "-r", "10000"}, htpasswd.Config{}, true},
		{"MD5, allowed", []string{"-m"}, weak, true},
		{"what it does unless told otherwise, allowed", nil, weak, true},
		{"SHA-1, allowed", []string{"-s"}, weak, true},
		{"DES, allowed", []string{"-d"}, htpasswd.Config{AllowDES: true}, true},
		{"PWD-5 MD5", []string{"-m"}, htpasswd.Config{}, false},
		{"PWD-5 SHA-1", []string{"-s"}, htpasswd.Config{}, false},
		{"PWD-5 DES", []string{"-d"}, weak, false},
		{"PWD-5 plain text", []string{"-p"}, htpasswd.Config{AllowMD5AndSHA1: true, AllowDES: true}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			password := "zoë 🔑"
			if row.config.AllowDES {
				password = "open ses" // DES reads eight characters
			}
			config := row.config
			config.File = filepath.Join(t.TempDir(), "people")
			apache(t, password, append(append([]string{"-i", "-c"}, row.args...), config.File, "ada")...)
			c, err := htpasswd.New(config)
			if !row.works {
				if err == nil || !strings.Contains(err.Error(), `line 1: user "ada": `) || strings.Contains(err.Error(), password) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for typed, want := range map[string]string{
				password: "user ada", password[1:]: "refused", "": "refused", strings.ToUpper(password): "refused",
			} {
				if got := verdict(c.Authorize(t.Context(), credentials(t, "ada", typed), nil)); got != want {
					t.Errorf("%q: got %s, want %s", typed, got, want)
				}
			}
		})
	}
}

// TestApacheChanges lets htpasswd add, change and delete while people sign in.
func TestApacheChanges(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "# the office")
	change := func(password string, args ...string) {
		t.Helper()
		apache(t, password, args...)
		b.clock.pass(time.Minute)
		b.touch()
		b.clock.pass(tick)
	}
	change(horse, "-i", "-B", b.file, "ada")
	b.says("ada", horse, "user ada")
	change(horse, "-i", "-5", b.file, "zoë")
	b.says("zoë", horse, "user zoë")
	change(sesame, "-i", "-B", b.file, "ada")
	b.says("ada", horse, "refused")
	b.says("ada", sesame, "user ada")
	change(sesame, "-i", b.file, "ada")
	b.says("ada", sesame, "refused")
	b.logged("write it anew with htpasswd -B", 1)
	change("", "-D", b.file, "ada")
	b.says("ada", sesame, "refused")
	b.says("zoë", horse, "user zoë")
	b.logged("not read", 0)

	text, err := os.ReadFile(b.file)
	must(t, err)
	if !strings.HasPrefix(string(text), "# the office\n") {
		t.Errorf("the file begins with %.40q", text)
	}
}
