package reference_test

import (
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/reference"
)

func TestNew(t *testing.T) {
	const many = 20_000
	seen := make(map[string]bool, many)
	var count [256]int
	for range many {
		ref := reference.New()
		if !reference.Valid(ref) || reference.Parse(ref) != ref {
			t.Fatalf("%q is not valid", ref)
		}
		if seen[ref] {
			t.Fatalf("%q came twice in %d", ref, many)
		}
		seen[ref] = true
		for i := range len(ref) {
			count[ref[i]]++
		}
	}
	signs := 0
	for c, n := range count {
		if n == 0 {
			continue
		}
		signs++
		if n < 4_500 || n > 5_500 { // 5000 expected, 70 the standard deviation
			t.Errorf("%q came %d times, want about 5000", rune(c), n)
		}
	}
	if signs != 32 {
		t.Errorf("%d different signs, want 32", signs)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"7QW2K9ZD", "7QW2K9ZD"},
		{"7qw2k9zd", "7QW2K9ZD"},
		{"7QW2-K9ZD", "7QW2K9ZD"},
		{" 7qw2 k9zd ", "7QW2K9ZD"},
		{"o0OiIlL1", "00011111"},
		{"", ""},
		{"7QW2K9Z", ""},
		{"7QW2K9ZDD", ""},
		{"7QW2K9ZU", ""},
		{"7QW2K9Z\n", ""},
		{"7QW2K9Zſ", ""}, // capital of which is an S
		{"\xff7QW2K9Z", ""},
		{strings.Repeat("-", 25) + "7QW2K9ZD", ""},
	} {
		if got := reference.Parse(c.written); got != c.want {
			t.Errorf("Parse(%q) = %q, want %q", c.written, got, c.want)
		}
	}
}

func TestValid(t *testing.T) {
	for s, want := range map[string]bool{
		"7QW2K9ZD": true, "7qw2k9zd": false, "7QW2-K9ZD": false, "7QW2K9ZO": false, "": false,
	} {
		if got := reference.Valid(s); got != want {
			t.Errorf("Valid(%q) = %t, want %t", s, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("7QW2-K9ZD")
	f.Add("o0OiIlL1")
	f.Add("\xff\x00ſ")
	f.Fuzz(func(t *testing.T, s string) {
		got := reference.Parse(s)
		if got != "" && (!reference.Valid(got) || reference.Parse(got) != got) {
			t.Errorf("Parse(%q) = %q, which is no reference", s, got)
		}
	})
}
