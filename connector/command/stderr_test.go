//go:build unix

package command_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
)

// TestLog writes what programs write to their standard error.
func TestLog(t *testing.T) {
	for name, row := range map[string]struct {
		text   string
		has    []string
		hasNot []string
	}{
		"lines":                     {`echo one >&2; echo >&2; echo ' two' >&2; exit 4`, []string{`["one","two"]`, `"WARN"`, `"exit":4`}, nil},
		"all is well":               {`echo note >&2; echo '{"id":"7"}'`, []string{`["note"]`, `"INFO"`}, nil},
		"nothing":                   {`echo '{"id":"7"}'`, nil, []string{"standard error"}},
		"LOG-1 control":             {`printf 'a\033[31m\tb\r\0c\377' >&2; exit 1`, []string{`a [31m b`}, []string{`\u001b`, `\r`}},
		"LOG-2 the request":         {`cat >&2; exit 1`, []string{`authorize`, `***`}, []string{"c4n", "jsmith"}},
		"LOG-2 the environment":     {`env >&2; exit 1`, []string{`TOKEN=***`}, []string{"t0ps3cret"}},
		"LOG-2 killed":              {`cat >&2; kill -9 $$`, []string{`authorize`, `"exit":-1`}, []string{"c4n"}},
		"LOG-2 over the time":       {`cat >&2; exec sleep 60`, []string{`authorize`}, []string{"c4n"}},
		"LOG-2 written as by sh -x": {`echo "+ password='c4n\"ary & pass'\\''wörd'" >&2; exit 1`, []string{`***`}, []string{"c4n"}},
		"LOG-2 in base64":           {`echo ` + base64.StdEncoding.EncodeToString([]byte(canary)) + ` >&2; exit 1`, []string{`***`}, []string{"YzRu"}},
		"LOG-2 in hex":              {`echo ` + hex.EncodeToString([]byte(canary)) + ` >&2; exit 1`, []string{`***`}, []string{"63346e"}},
		"LOG-2 in a URL":            {`echo '` + url.QueryEscape(canary) + `' >&2; exit 1`, []string{`***`}, []string{"c4n"}},
		"much":                      {`head -c 100000 /dev/zero | tr '\0' x >&2; exit 1`, []string{strings.Repeat("x", 4096), "more was written"}, []string{strings.Repeat("x", 4097)}},
		"LOG-2 much":                {`for i in $(seq 300); do cat; done >&2 <&0; exit 1`, nil, []string{"c4n"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log record
			c := connect(t, command.Config{
				Argv: script(t, row.text), Logger: log.logger(), Env: map[string]string{"TOKEN": "t0ps3cret"}, Timeout: time.Second,
			})
			_, err := c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
			_ = c.Close()
			seen := log.String() + fmt.Sprint(err)
			for _, want := range row.has {
				if !strings.Contains(seen, want) {
					t.Errorf("no %s in %s", want, seen)
				}
			}
			for _, never := range row.hasNot {
				if strings.Contains(seen, never) {
					t.Errorf("%s in %s", never, seen)
				}
			}
		})
	}
}

func TestLogOfSteps(t *testing.T) {
	var log record
	c := connect(t, command.Config{Argv: script(t, `cat >&2; exit 1`), Logger: log.logger()})
	ctx := ostiary.WithStepState(t.Context(), []byte(`{"session":"5tate-of-it","code":987654}`))
	_, _ = c.Authorize(ctx, values(t, "jsmith", canary), nil)
	if seen := log.String(); strings.Contains(seen, "5tate") || strings.Contains(seen, "987654") || !strings.Contains(seen, "***") {
		t.Errorf("LOG-2: got %s", seen)
	}
}

// TestLines has a secret of several lines, which a program prints one by one.
func TestLines(t *testing.T) {
	var log record
	c := connect(t, command.Config{
		Argv: script(t, `printf '%s' "$KEY" | while read -r line; do echo "line $line" >&2; done; exit 1`), Logger: log.logger(),
		Env: map[string]string{"KEY": "-----BEGIN-----\nMIIEvQ==\nab\n"},
	})
	_, _ = c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
	if seen := log.String(); strings.Contains(seen, "BEGIN") || strings.Contains(seen, "MIIE") || !strings.Contains(seen, "line ***") {
		t.Errorf("LOG-2: got %s", seen)
	}
}

func TestShortSecret(t *testing.T) {
	var log record
	c := connect(t, command.Config{Argv: script(t, `echo 'wrong: abc' >&2; exit 1`), Logger: log.logger()})
	_, _ = c.Authorize(t.Context(), values(t, "jsmith", "abc"), nil)
	if seen := log.String(); strings.Contains(seen, "abc") || !strings.Contains(seen, "withheld") {
		t.Errorf("LOG-2: got %s", seen)
	}
}

// TestPrinted prints a connector in every way.
func TestPrinted(t *testing.T) {
	var log record
	c := connect(t, command.Config{Argv: []string{"/bin/true", "-secret-argument"}, Env: map[string]string{"TOKEN": "t0ps3cret"}})
	log.logger().Info("x", "c", c)
	seen := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		seen += fmt.Sprintf(verb, c)
		seen += fmt.Sprintf(verb, struct{ c *command.Connector }{c})
	}
	if strings.Contains(seen, "t0ps3cret") || !strings.Contains(seen, "/bin/true") {
		t.Errorf("CON-5: got %s", seen)
	}
}
