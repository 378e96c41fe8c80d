package form_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

type patternVectors struct {
	Inputs []string
	Rows   []struct {
		Pattern string
		Valid   bool
		Matches []string
	}
}

// These work in browsers and are refused here, because Go's regexp cannot do
// them in linear time or does not know the property.
var beyondServer = strings.Fields(`(?=a)a (?!a)b (?<=a)b (?<!a)b (a)\1 \k<x>(?<x>a) (?<a>x)(?<a>y) [^] [] [a[b]] [[a-z]--[aeiou]]
	[a-z&&[aeiou]] [\q{abc}] [[:alpha:]] \0 \ud83d \ud83d\ude00 \cA [\b] [\cA] [\ca] \p{scx=Greek} a{1001} (?:a{500}){3}
	\u{0000000041} (?<é>x)
	\p{Alphabetic} \p{Emoji} [a--b]`)

func TestPatternsMatchAsInBrowsers(t *testing.T) {
	raw, err := os.ReadFile("testdata/pattern-v8.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors patternVectors
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, row := range vectors.Rows {
		f := form.Field{Name: "f", Secret: true, Attributes: map[string]any{"pattern": row.Pattern}}
		c, err := form.Compile(form.Form{f})
		if !row.Valid || slices.Contains(beyondServer, row.Pattern) {
			if err == nil {
				t.Errorf("PAG-8 %s: accepted, though valid in browsers is %v", row.Pattern, row.Valid)
			}
			continue
		}
		if err != nil {
			t.Errorf("PAG-8 %s: %v", row.Pattern, err)
			continue
		}
		for _, input := range vectors.Inputs {
			_, err := c.Parse(map[string][]string{"f": {input}})
			// An empty value is held against required alone.
			if want := input == "" || slices.Contains(row.Matches, input); (err == nil) != want {
				t.Errorf("PAG-8 %s on %q: got %v, want match %v", row.Pattern, input, err, want)
			}
		}
	}
}

func TestPatternFaultsSayHowToMend(t *testing.T) {
	for pattern, want := range map[string]string{
		`[a-z.-]+`:  `at character 6: browsers ask for \- here`,
		`(?=x)`:     "look-ahead and look-behind cannot be checked by the server",
		`a{`:        `a single { must be written \{`,
		`\@`:        "leave the backslash out",
		`\p{Greek}`: `a script is written \p{Script=Greek}`,
		`(a`:        "missing closing )",
		`(a)\1`:     "back-references",
		`[(]`:       `browsers ask for \( inside a class`,
	} {
		_, err := form.Compile(form.Form{with("pattern", pattern)})
		if err == nil || !strings.Contains(err.Error(), `field "f": attribute "pattern" `) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", pattern, err, want)
		}
	}
}
