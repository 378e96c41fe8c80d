package server_test

import (
	"encoding/json"
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

// TestExamples reads every configuration that we show to people.
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
	fence := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	for _, file := range []string{"../README.md", "../docs/configuration.md"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllSubmatch(content, -1) {
			if _, err := server.Parse(file, m[1], environment); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
