//go:build unix

package command_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/form"
)

// TestRequest reads what the program read.
func TestRequest(t *testing.T) {
	c := connect(t, command.Config{Argv: ourselves(t, "echo")})
	for name, password := range map[string]string{
		"PWD-1 odd":        " \t" + canary + "  \r\n ",
		"PWD-1 quotes":     `$(reboot) "; rm -rf /; ' \ ` + "`id`",
		"PWD-1 HTML":       `<b>&amp;</b>`,
		"PWD-1 composed":   "\u00e9\ufb01",
		"PWD-1 decomposed": "e\u0301",
		"PWD-1 separators": "\u2028\u2029\u200b\U0001f511",
		"PWD-1 long":       strings.Repeat("ä", 20_000),
	} {
		user, err := c.Authorize(t.Context(), values(t, "jsmith", password), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := user.Claims["request"]
		want := map[string]any{
			"version": json.Number("1"), "action": "authorize",
			"fields": map[string]any{"username": "jsmith", "password": password},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestNotAsked(t *testing.T) {
	c := connect(t, command.Config{Argv: script(t, `echo '{"id":"7"}'`)})
	for name, v := range map[string]form.Values{
		"PWD-8 an empty password, and no name": values(t, "", ""),
		"PWD-8 an empty password":              values(t, "jsmith", ""),
	} {
		asked := false
		ctx := ostiary.WithTrace(t.Context(), func(what string, _ ...slog.Attr) { asked = asked || what == "program run" })
		if user, err := c.Authorize(ctx, v, nil); user != nil || err != nil || asked {
			t.Errorf("%s: got %v, %v, asked %t; want the plain refusal", name, user, err, asked)
		}
	}
	compiled, err := form.Compile(form.Form{{Name: "badge"}})
	if err != nil {
		t.Fatal(err)
	}
	badge, err := compiled.Parse(map[string][]string{"badge": {"77"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(c.Authorize(t.Context(), badge, nil)); got != "user 7" {
		t.Errorf("a form without a password: got %s, want user 7", got)
	}
}

// TestEnvironment looks from inside: nothing of ours is there, and nothing that
// somebody typed.
func TestEnvironment(t *testing.T) {
	t.Setenv("OSTIARY_SECRET", "do-not-hand-on")
	argv := ourselves(t, "environment")
	user, err := ask(t, command.Config{Argv: argv, Env: map[string]string{"LDAP_URI": "ldaps://x", "A": ""}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"environ": "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nA=\nLDAP_URI=ldaps://x",
		"argv":    strings.Join(argv, "\n"), "dir": "/", "terminal": false,
	}
	if got := user.Claims; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	dir := t.TempDir()
	user, err = ask(t, command.Config{Argv: argv, Dir: dir, Env: map[string]string{"PATH": "/opt/bin"}})
	if err != nil {
		t.Fatal(err)
	}
	if user.Claims["environ"] != "PATH=/opt/bin" || user.Claims["dir"] != dir {
		t.Errorf("got %q, want our PATH and %s", user.Claims, dir)
	}
}

// TestProc reads what the kernel shows of the program while it runs.
func TestProc(t *testing.T) {
	user, err := ask(t, command.Config{Argv: script(t, `cat >/dev/null
printf '{"id":"7","claims":{"seen":"'
cat /proc/self/environ /proc/self/cmdline /proc/$$/environ /proc/$$/cmdline | tr -c 'a-zA-Z0-9' ' '
printf '"}}'`)})
	if err != nil {
		t.Fatal(err)
	}
	seen := fmt.Sprint(user.Claims["seen"])
	if !strings.Contains(seen, "PATH") || strings.Contains(seen, "c4n") || strings.Contains(seen, "jsmith") {
		t.Errorf("LOG-2: /proc shows %q", seen)
	}
}

func TestTrace(t *testing.T) {
	var seen []string
	ctx := ostiary.WithTrace(t.Context(), func(what string, facts ...slog.Attr) { seen = append(seen, fmt.Sprint(what, facts)) })
	c := connect(t, command.Config{Argv: ourselves(t, "says", "0", `{"id":"7"}`)})
	if got := outcome(c.Authorize(ctx, values(t, "jsmith", canary), nil)); got != "user 7" {
		t.Fatal(got)
	}
	if text := strings.Join(seen, "\n"); !strings.Contains(text, "exit=0") || strings.Contains(text, "c4n") {
		t.Errorf("got %s", text)
	}
}
