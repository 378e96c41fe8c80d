//go:build pam && cgo && linux

package pam_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/pam"
	"github.com/ostiary/ostiary/form"
)

const canary = `c4n"ary & pass'wörd`

// service writes the file of a service into a folder of its own.
func service(t *testing.T, lines string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ostiary"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func connect(t *testing.T, lines string, config pam.Config) *pam.Connector {
	t.Helper()
	config.Service, config.ConfDir = "ostiary", service(t, lines)
	config.RefusalStep = 5 * time.Millisecond // quick, for there are many
	c, err := pam.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func values(t testing.TB, username, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(form.Form{{Name: "username"}, {Name: "password", Type: "password", AllowEmptyPassword: true}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func outcome(user *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	switch {
	case user != nil && err == nil:
		return "user " + user.ID
	case user == nil && err == nil:
		return "refused"
	case user == nil && errors.As(err, &refusal):
		return "refused: " + refusal.Code
	case user == nil && errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return fmt.Sprintf("of no kind: %v, %v", user, err)
}

// run runs a program of the system, with a line to read.
func run(t *testing.T, input, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(input)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s (Debian packages passwd and login, as root): %v: %s", name, err, text)
	}
}

// account makes an account of the system that ends with the test.
func account(t *testing.T, password string, args ...string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("temporary accounts need root")
	}
	name := fmt.Sprintf("ostiary-%d-%d", os.Getpid()%10000, time.Now().UnixNano()%1e9)
	run(t, "", "useradd", append(args, "-M", "-N", "-s", "/usr/sbin/nologin", "-c", "Ada L", name)...)
	t.Cleanup(func() { run(t, "", "userdel", name) })
	if password != "" {
		run(t, name+":"+password+"\n", "chpasswd", "-c", "SHA512")
	}
	return name
}

const unix = "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"

// TestUnix asks pam_unix about real accounts.
func TestUnix(t *testing.T) {
	reveal := ostiary.Reveal{ostiary.Expired, ostiary.MustChange, ostiary.Disabled, ostiary.Locked}
	c := connect(t, unix, pam.Config{Groups: true, Reveal: reveal})
	name := account(t, canary, "-G", "mail")
	ask := func(name, password string) string {
		t.Helper()
		return outcome(c.Authorize(t.Context(), values(t, name, password), nil))
	}
	user, err := c.Authorize(t.Context(), values(t, name, canary), nil)
	if err != nil || user == nil || user.ID != name || user.Name != "Ada L" || !slices.Contains(user.Groups, "mail") {
		t.Fatalf("got %+v, %v", user, err)
	}
	for what, typed := range map[string][2]string{
		"a wrong password":             {name, "guess"},
		"a part of the password":       {name, canary[:8]},
		"PWD-1 the password and more":  {name, canary + " "},
		"PWD-8 an empty password":      {name, ""},
		"an unknown name":              {name + "x", canary},
		"a name in capitals":           {strings.ToUpper(name), canary},
		"an account that nobody has":   {"daemon", canary},
		"a name that is a shell's":     {"$(id)", canary},
		"PWD-8 daemon without any":     {"daemon", ""},
		"the hash mark of locked ones": {"daemon", "*"},
	} {
		if got := ask(typed[0], typed[1]); got != "refused" {
			t.Errorf("%s: got %s, want refused", what, got)
		}
	}
	for _, state := range []struct{ args, want, found string }{
		{"chage -d 0", "refused: password_must_change", "user " + name},
		{"chage -d 2020-01-01 -M 10 -I 5", "refused: account_expired", "refused"},
		{"chage -d 2020-01-01 -M -1 -I -1", "user " + name, "user " + name},
		{"chage -E 2020-01-01", "refused: account_expired", "refused"},
		{"chage -E -1", "user " + name, "user " + name},
		{"usermod -L", "refused", "user " + name},
		{"usermod -U", "user " + name, "user " + name},
	} {
		words := append(strings.Fields(state.args), name)
		run(t, "", words[0], words[1:]...)
		if got := ask(name, canary); got != state.want {
			t.Errorf("after %s: got %s, want %s", state.args, got, state.want)
		}
		if got := ask(name, "guess"); got != "refused" {
			t.Errorf("IDN-4 after %s, a wrong password: got %s, want refused", state.args, got)
		}
		if got := outcome(c.Lookup(t.Context(), name)); got != state.found {
			t.Errorf("after %s, looked up: got %s, want %s", state.args, got, state.found)
		}
	}
	if got := outcome(c.Lookup(t.Context(), name+"x")); got != "refused" {
		t.Errorf("a lookup of nobody: got %s", got)
	}
}

// TestNoPassword has an account whose password is empty, which nobody may use.
func TestNoPassword(t *testing.T) {
	name := account(t, "")
	run(t, "", "passwd", "-d", name)
	c := connect(t, "auth required pam_unix.so nodelay nullok\naccount required pam_unix.so\n", pam.Config{})
	for _, password := range []string{"", "x"} {
		if user, err := c.Authorize(t.Context(), values(t, name, password), nil); user != nil || errors.Is(err, ostiary.ErrAccessDenied) {
			t.Errorf("PWD-8: %q got %v, %v", password, user, err)
		}
	}
}

// TestCodes has pam_debug return every code, after pam_exec has read the password.
func TestCodes(t *testing.T) {
	const asked = "auth required pam_exec.so quiet expose_authtok /bin/true\n"
	all := ostiary.Reveal{ostiary.Expired, ostiary.MustChange, ostiary.Disabled, ostiary.Locked}
	for name, row := range map[string]struct{ auth, acct, want, blind string }{
		"success":                    {"success", "success", "user ada", "user ada"},
		"auth_err":                   {"auth_err", "success", "refused", "refused"},
		"user_unknown":               {"user_unknown", "success", "refused", "refused"},
		"perm_denied in auth":        {"perm_denied", "success", "refused", "refused"},
		"maxtries":                   {"maxtries", "success", "refused: account_locked", "refused"},
		"CON-1 authinfo_unavail":     {"authinfo_unavail", "success", "unavailable", "unavailable"},
		"CON-1 cred_insufficient":    {"cred_insufficient", "success", "unavailable", "unavailable"},
		"CON-1 system_err":           {"system_err", "success", "unavailable", "unavailable"},
		"CON-1 service_err":          {"service_err", "success", "unavailable", "unavailable"},
		"CON-1 abort":                {"abort", "success", "unavailable", "unavailable"},
		"CON-1 conv_err":             {"conv_err", "success", "unavailable", "unavailable"},
		"CON-1 incomplete":           {"incomplete", "success", "unavailable", "unavailable"},
		"account: acct_expired":      {"success", "acct_expired", "refused: account_expired", "refused"},
		"account: authtok_expired":   {"success", "authtok_expired", "refused: account_expired", "refused"},
		"account: new_authtok_reqd":  {"success", "new_authtok_reqd", "refused: password_must_change", "refused"},
		"account: perm_denied":       {"success", "perm_denied", "refused: account_disabled", "refused"},
		"account: user_unknown":      {"success", "user_unknown", "refused", "refused"},
		"account: auth_err":          {"success", "auth_err", "refused", "refused"},
		"CON-1 account: system_err":  {"success", "system_err", "unavailable", "unavailable"},
		"CON-1 account: service_err": {"success", "service_err", "unavailable", "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := asked + "auth required pam_debug.so auth=" + row.auth + "\naccount required pam_debug.so acct=" + row.acct + "\n"
			for want, reveal := range map[string]ostiary.Reveal{row.want: all, row.blind: nil} {
				if row.want == row.blind {
					reveal = nil
				}
				c := connect(t, lines, pam.Config{Reveal: reveal})
				if got := outcome(c.Authorize(t.Context(), values(t, "ada", canary), nil)); got != want {
					t.Errorf("reveal %v: got %s, want %s", reveal, got, want)
				}
			}
		})
	}
}

// TestExec has a module hand the password to a program: what arrives is what was
// typed, and where it came from.
func TestExec(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seen")
	program := filepath.Join(t.TempDir(), "program")
	text := "#!/bin/sh\n{ cat; echo \"$PAM_USER $PAM_SERVICE $PAM_TTY\"; } >" + file + "\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	c := connect(t, "auth required pam_exec.so quiet expose_authtok "+program+"\naccount required pam_permit.so\n", pam.Config{})
	if got := outcome(c.Authorize(t.Context(), values(t, "ada", canary), nil)); got != "user ada" {
		t.Errorf("got %s", got)
	}
	seen, err := os.ReadFile(file)
	if want := canary + "ada ostiary ostiary\n"; err != nil || string(seen) != want {
		t.Errorf("PWD-1: got %q, %v, want %q", seen, err, want)
	}
}

func TestSecondQuestion(t *testing.T) {
	var log bytes.Buffer
	name := account(t, canary)
	c := connect(t, "auth required pam_unix.so nodelay\nauth required pam_ftp.so\naccount required pam_permit.so\n",
		pam.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, password := range []string{canary, "guess"} {
		if got := outcome(c.Authorize(t.Context(), values(t, name, password), nil)); got != "refused" {
			t.Errorf("got %s, want refused", got)
		}
	}
	if !strings.Contains(log.String(), "more than a password") || strings.Contains(log.String(), "c4n") {
		t.Errorf("log: %s", &log)
	}
}

func TestMisconfigured(t *testing.T) {
	for name, row := range map[string]struct{ lines, want string }{
		"no such module":               {"auth required pam_no_such_module.so\naccount required pam_permit.so\n", "unavailable"},
		"lets everybody in":            {"auth required pam_permit.so\naccount required pam_permit.so\n", "unavailable"},
		"lets root's own processes in": {"auth sufficient pam_rootok.so\nauth required pam_unix.so\naccount required pam_permit.so\n", "unavailable"},
		"denies":                       {"auth required pam_deny.so\naccount required pam_deny.so\n", "refused"},
	} {
		c := connect(t, row.lines, pam.Config{})
		if got := outcome(c.Authorize(t.Context(), values(t, "root", canary), nil)); got != row.want {
			t.Errorf("%s: got %s, want %s", name, got, row.want)
		}
	}
	c, err := pam.New(pam.Config{Service: "ostiary", ConfDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "there is no ") {
		t.Errorf("Check: got %v", err)
	}
	if got := outcome(c.Authorize(t.Context(), values(t, "root", canary), nil)); got == "user root" {
		t.Errorf("without a service: got %s", got)
	}
	if err := connect(t, unix, pam.Config{}).Check(t.Context()); err != nil {
		t.Errorf("Check: got %v", err)
	}
}

// TestHang has a module that hangs: nobody waits for it past the deadline, and when
// it comes back sign-in works again.
func TestHang(t *testing.T) {
	gate := filepath.Join(t.TempDir(), "gate")
	program := filepath.Join(t.TempDir(), "program")
	text := "#!/bin/sh\nwhile ! test -e " + gate + "; do sleep 0.02; done\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	c := connect(t, "auth required pam_exec.so quiet expose_authtok "+program+"\naccount required pam_permit.so\n", pam.Config{MaxConcurrent: 2})
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			ctx, over := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer over()
			began := time.Now()
			got := outcome(c.Authorize(ctx, values(t, "ada", canary), nil))
			if took := time.Since(began); got != "unavailable" || took > 2*time.Second {
				t.Errorf("CON-1: got %s after %v", got, took)
			}
		})
	}
	all.Wait()
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := outcome(c.Authorize(t.Context(), values(t, "ada", canary), nil)); got != "user ada" {
		t.Errorf("afterwards: got %s", got)
	}
}

// TestParallel is for the race detector and for modules that share what they should
// not: nobody gets another one's answer.
func TestParallel(t *testing.T) {
	c := connect(t, unix, pam.Config{MaxConcurrent: 8})
	name := account(t, canary)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			password, want := canary, "user "+name
			if i%2 == 0 {
				password, want = "guess", "refused"
			}
			if got := outcome(c.Authorize(t.Context(), values(t, name, password), nil)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	all.Wait()
}

func BenchmarkAuthorize(b *testing.B) {
	dir := b.TempDir()
	const lines = "auth required pam_exec.so quiet expose_authtok /bin/true\naccount required pam_permit.so\n"
	if err := os.WriteFile(filepath.Join(dir, "ostiary"), []byte(lines), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := pam.New(pam.Config{Service: "ostiary", ConfDir: dir})
	if err != nil {
		b.Fatal(err)
	}
	v := values(b, "ada", canary)
	b.ReportAllocs()
	for b.Loop() {
		if user, err := c.Authorize(b.Context(), v, nil); err != nil || user == nil {
			b.Fatal(err)
		}
	}
}
