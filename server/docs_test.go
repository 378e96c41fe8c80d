package server_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/server"
)

var (
	section = regexp.MustCompile("^## `?([^`]*)`?$")
	row     = regexp.MustCompile("^\\| `([^`]+)` \\| (.+) \\| (.*) \\|$")
)

// TestDocumentation holds docs/configuration.md to the table of keys: every key
// in the section of the key above it, with its sentence and its default, and
// none that does not exist.
func TestDocumentation(t *testing.T) {
	content, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	documented, at := map[string]string{}, ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		if m := section.FindStringSubmatch(line); m != nil {
			at = m[1] + "."
			if m[1] == "The file" {
				at = ""
			}
		}
		if m := row.FindStringSubmatch(line); m != nil {
			documented[at+m[1]] = m[2] + "|" + m[3]
		}
	}
	for _, k := range server.Keys() {
		want := k.Default
		if k.Required {
			want = "required"
		}
		if got := documented[k.Path]; got != k.Doc+"|"+want {
			t.Errorf("%s\ngot  %q\nwant %q", k.Path, got, k.Doc+"|"+want)
		}
		delete(documented, k.Path)
	}
	for path := range documented {
		t.Errorf("%s is documented and does not exist", path)
	}
}

// TestSchema: the schema has exactly the keys of the table.
func TestSchema(t *testing.T) {
	var root any
	if err := json.Unmarshal(server.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	collect(root, "", found)
	for _, k := range server.Keys() {
		if !found[k.Path] && !strings.HasSuffix(k.Path, ".*") {
			t.Errorf("%s is not in the schema", k.Path)
		}
		delete(found, k.Path)
	}
	for path := range found {
		t.Errorf("%s is in the schema only", path)
	}
}

func collect(node any, prefix string, found map[string]bool) {
	object, _ := node.(map[string]any)
	if items, ok := object["items"]; ok {
		collect(items, prefix+"[]", found)
	}
	properties, _ := object["properties"].(map[string]any)
	for name, below := range properties {
		path := strings.TrimPrefix(prefix+"."+name, ".")
		found[path] = true
		collect(below, path, found)
	}
}

// TestExamples reads every configuration that we show to people, and every piece of
// one.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("got %d examples, %v", len(files), err)
	}
	for _, file := range files {
		if _, err := server.Read(file, environment); err != nil {
			t.Error(err)
		}
	}
	for _, file := range pages(t) {
		for _, block := range yamlIn(t, file) {
			for _, f := range faultsIn(t, inPlace(file, block)) {
				leftOut := regexp.MustCompile("missing|no such file|at least one is needed").MatchString(f.Text)
				if !leftOut || strings.HasPrefix(block, "url:") {
					t.Errorf("%s: %v in\n%s", file, f, block)
				}
			}
		}
	}
}

// pages are all that we write for people.
func pages(t *testing.T) []string {
	t.Helper()
	files := []string{"../README.md"}
	for _, pattern := range []string{"../docs/*.md", "../docs/connectors/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d pages, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	return files
}

var fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

func yamlIn(t *testing.T, file string) (blocks []string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllSubmatch(content, -1) {
		blocks = append(blocks, string(m[1]))
	}
	return blocks
}

// inPlace puts a fragment where it belongs: what is indented below the connector
// that the page is about, a connector or fields into a provider, anything else to the top.
func inPlace(file, block string) string {
	const (
		top       = "url: https://id.example.com\nsecrets: [\"${OSTIARY_SECRET}\"]\n"
		connector = "connector: {http: {url: https://acme.internal/login, lookup_url: https://acme.internal/people}}\n"
	)
	provider := func(text string) string {
		if !strings.HasPrefix(text, "fields:") {
			text = "fields: {username: {}, password: {type: password}}\n" + text
		}
		return top + "providers:\n  - name: Acme\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
	}
	switch {
	case strings.HasPrefix(block, "url:"):
		return block
	case strings.HasPrefix(block, " "):
		return provider("connector:\n  " + strings.TrimSuffix(filepath.Base(file), ".md") + ":\n" + block)
	case strings.HasPrefix(block, "connector:"):
		return provider(block)
	case strings.HasPrefix(block, "fields:"):
		return provider(block+connector) + "factors: {}\n"
	case strings.Contains(block, "\nproviders:"):
		return top + block
	}
	return provider(connector) + block
}

// faultsIn is faultsOf with everything set that a page takes from the environment.
func faultsIn(t *testing.T, text string) server.Faults {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "users.htpasswd"), "", 0o600)
	_, err := server.Parse(filepath.Join(dir, "ostiary.yaml"), []byte(text), func(name string) string {
		switch name {
		case "DATABASE_URL":
			return "postgres://ostiary:x@db.example.com/app"
		case "YUBICO_API_KEY":
			return "MDEyMzQ1Njc4OWFiY2RlZjAxMjM="
		}
		return environment(name)
	})
	var faults server.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("got %T %v, want Faults", err, err)
	}
	return faults
}
