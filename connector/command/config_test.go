//go:build unix

package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/command"
)

// put writes a file with a mode, whatever the umask.
func put(t testing.TB, file, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	return file
}

func folder(t *testing.T, mode os.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNew(t *testing.T) {
	const ok = "#!/bin/sh\necho '{\"id\":\"7\"}'\n"
	good := put(t, filepath.Join(t.TempDir(), "check"), ok, 0o755)
	open := put(t, filepath.Join(folder(t, 0o777), "check"), ok, 0o755)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	sticky := put(t, filepath.Join(folder(t, 0o777|os.ModeSticky), "check"), ok, 0o755)
	for name, row := range map[string]struct {
		config command.Config
		want   string
	}{
		"a program":                    {command.Config{Argv: []string{good}}, ""},
		"a sticky folder":              {command.Config{Argv: []string{sticky}}, ""},
		"nothing":                      {command.Config{}, "Argv: is missing"},
		"an empty name":                {command.Config{Argv: []string{""}}, "Argv: is missing"},
		"a name that PATH would find":  {command.Config{Argv: []string{"true"}}, "Argv: \"true\" is not an absolute path"},
		"a relative path":              {command.Config{Argv: []string{"./check"}}, "is not an absolute path"},
		"no such file":                 {command.Config{Argv: []string{"/nonexistent/check"}}, "there is no such file"},
		"a folder":                     {command.Config{Argv: []string{"/tmp"}}, "is not a file"},
		"a file anybody may write":     {command.Config{Argv: []string{put(t, filepath.Join(t.TempDir(), "check"), ok, 0o757)}}, "chmod o-w"},
		"a file that is no program":    {command.Config{Argv: []string{put(t, filepath.Join(t.TempDir(), "check"), ok, 0o644)}}, "chmod +x"},
		"a folder anybody may write":   {command.Config{Argv: []string{open}}, "everybody may replace what is in this folder"},
		"a link to where anybody may":  {command.Config{Argv: []string{link}}, "everybody may replace what is in this folder"},
		"an argument with NUL":         {command.Config{Argv: []string{good, "a\x00"}}, "Argv: an argument"},
		"a check argument with NUL":    {command.Config{Argv: []string{good}, CheckArgs: []string{"\x00"}}, "CheckArgs: an argument"},
		"a name no environment has":    {command.Config{Argv: []string{good}, Env: map[string]string{"A=B": ""}}, `Env: "A=B"`},
		"a value no environment has":   {command.Config{Argv: []string{good}, Env: map[string]string{"A": "\x00"}}, `Env: "A"`},
		"a relative directory":         {command.Config{Argv: []string{good}, Dir: "tmp"}, "Dir: \"tmp\" is not an absolute path"},
		"a directory that isn't there": {command.Config{Argv: []string{good}, Dir: "/nonexistent"}, "Dir: "},
		"a directory that is a file":   {command.Config{Argv: []string{good}, Dir: good}, "Dir: " + good + ": is not a folder"},
		"a negative time":              {command.Config{Argv: []string{good}, Timeout: -1}, "Timeout: "},
		"a negative grace":             {command.Config{Argv: []string{good}, Grace: -time.Second}, "Grace: "},
		"a negative number":            {command.Config{Argv: []string{good}, MaxProcesses: -1}, "MaxProcesses: "},
		"too many":                     {command.Config{Argv: []string{good}, MaxProcesses: 5000}, "MaxProcesses: "},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := command.New(row.config)
			switch {
			case row.want == "" && err != nil:
				t.Errorf("got %v", err)
			case row.want != "" && (err == nil || c != nil || !strings.Contains(err.Error(), row.want)):
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestNewTellsAll(t *testing.T) {
	_, err := command.New(command.Config{Argv: []string{"check"}, Dir: "x", Timeout: -1, Grace: -1, MaxProcesses: -1, Env: map[string]string{"": ""}})
	for field := range strings.FieldsSeq("Argv Dir Timeout Grace MaxProcesses Env") {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+field+": ") {
			t.Errorf("no word of %s in %v", field, err)
		}
	}
}

// TestOwner needs root to give a file away.
func TestOwner(t *testing.T) {
	file := put(t, filepath.Join(t.TempDir(), "check"), "#!/bin/sh\n", 0o755)
	if err := os.Chown(file, 65534, 65534); err != nil {
		t.Logf("not root: %v", err)
		return
	}
	if _, err := command.New(command.Config{Argv: []string{file}}); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("got %v", err)
	}
}

// TestChanged spoils the file after New has seen it: no run trusts it, and with its
// repair it is trusted again.
func TestChanged(t *testing.T) {
	file := put(t, filepath.Join(t.TempDir(), "check"), "#!/bin/sh\necho '{\"id\":\"7\"}'\n", 0o755)
	c := connect(t, command.Config{Argv: []string{file}})
	want := func(want string) {
		t.Helper()
		if got := outcome(c.Authorize(t.Context(), values(t, "jsmith", canary), nil)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	want("user 7")
	put(t, file, "#!/bin/sh\necho '{\"id\":\"8\"}'\n", 0o757)
	want("unavailable")
	if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "chmod o-w") {
		t.Errorf("Check: got %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want("unavailable")
	put(t, file, "#!/nonexistent/interpreter\n", 0o755)
	want("unavailable")
	put(t, file, "#!/bin/sh\necho '{\"id\":\"9\"}'\n", 0o755)
	want("user 9")
}

func TestCheck(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		args []string
		want string
	}{
		"not run":        {"exit 9", nil, ""},
		"well":           {`test "$1" = --check && test -z "$(cat)"`, []string{"--check"}, ""},
		"not well":       {`echo 'no database: t0ps3cret' >&2; echo more >&2; exit 3`, []string{"--check"}, "--check: exit status 3: no database: ***"},
		"silent":         {`exit 1`, []string{"--check", "now"}, "--check now: exit status 1"},
		"dies by signal": {`kill -9 $$`, []string{"--check"}, "killed"},
	} {
		t.Run(name, func(t *testing.T) {
			file := put(t, filepath.Join(t.TempDir(), "check"), "#!/bin/sh\n"+row.text+"\n", 0o755)
			c := connect(t, command.Config{Argv: []string{file}, CheckArgs: row.args, Env: map[string]string{"TOKEN": "t0ps3cret"}})
			err := c.Check(t.Context())
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}
