package account_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/ostiary/ostiary/internal/account"
)

func TestName(t *testing.T) {
	for typed, want := range map[string]string{
		"ada":                     "ada",
		"Ada":                     "ada",
		"ADA@Example.COM":         "ada@example.com",
		"ada lovelace":            "ada lovelace",
		"ada\u00a0lovelace":       "ada lovelace", // no-break space
		"DOMAIN\\ada":             "domain\\ada",
		"ａｄａ":                     "ada", // full width
		"𝒶𝒹𝒶":                     "ada", // script letters
		"ada²":                    "ada2",
		"ﬁn":                      "fin", // ligature
		"Straße":                  "strasse",
		"STRASSE":                 "strasse",
		"ẞ":                       "ss",
		"Ünal":                    "ünal",
		"U\u0308nal":              "ünal", // combining
		"Σίσυφος":                 "σίσυφοσ",
		"ΣΊΣΥΦΟΣ":                 "σίσυφοσ",
		"\u212aelvin":             "kelvin", // the sign for kelvin
		"\u0130stanbul":           "i\u0307stanbul",
		"ᏣᎳᎩ":                     "ᏣᎳᎩ", // Cherokee folds to capitals
		"ꮳꮃꭹ":                     "ᏣᎳᎩ",
		"ᏸ":                       "Ᏸ",
		"田中":                      "田中",
		"نور":                     "نور",
		"🦊":                       "🦊",
		strings.Repeat("a", 256):  strings.Repeat("a", 256),
		strings.Repeat("ｱ", 85):   strings.Repeat("ア", 85),
		"'; DROP TABLE users; --": "'; drop table users; --",
	} {
		got, err := account.Name(typed)
		if err != nil || got != want {
			t.Errorf("IDN-1 Name(%q) = %q, %v, want %q", typed, got, err, want)
		}
	}
}

// TestNameOfEveryCharacter asks for two things of each: that its canonical form
// is final, and that small and capital letter meet.
func TestNameOfEveryCharacter(t *testing.T) {
	for r := rune(' '); r <= 0x1ffff; r++ {
		name := "a" + string(r) + "b"
		got, err := account.Name(name)
		if err != nil {
			continue
		}
		if again, err := account.Name(got); err != nil || again != got {
			t.Errorf("IDN-1 %U: %q becomes %q, which becomes %q (%v)", r, name, got, again, err)
		}
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if meets, err := account.Name("a" + string(other) + "b"); err != nil || meets != got {
				t.Errorf("IDN-1 %U becomes %q, its other case %U %q (%v)", r, got, other, meets, err)
			}
		}
	}
}

func TestNameRefuses(t *testing.T) {
	for name, list := range map[string][]string{
		"nothing":              {""},
		"blanks at an edge":    {" ada", "ada ", "\tada", "ada\n", "\u00a0ada", "ada\u3000", " ", "\u00a8"},
		"too long":             {strings.Repeat("a", 257), strings.Repeat("ﷺ", 80)},
		"no UTF-8":             {"ada\xff", "\xc3", "\xed\xa0\x80", "\ufffd"},
		"control characters":   {"a\x00da", "a\x1bda", "a\x7fda", "a\u0085da", "a\rda"},
		"changes of direction": {"a\u202eda", "a\u2066da", "a\u200fda", "a\u061cda"},
		"zero width":           {"a\u200bda", "a\u200cda", "a\u200dda", "a\u2060da", "a\ufeffda", "a\u00adda", "a\u180eda", "\U000e0061da"},
		"drawn as nothing":     {"a\u034fda", "a\u115fda", "a\u3164da", "a\uffa0da", "a\u2800da", "a\ufe0fda", "a\U000e0100da", "a\u17b4da"},
		"ends of lines":        {"a\u2028da", "a\u2029da"},
		"private use":          {"a\ue000da", "a\U000f0000da"},
		"no characters":        {"a\ufdd0da", "a\uffffda"},
	} {
		t.Run("IDN-1 "+name, func(t *testing.T) {
			for _, typed := range list {
				if got, err := account.Name(typed); got != "" || !errors.Is(err, account.ErrName) {
					t.Errorf("Name(%q) = %q, %v, want ErrName", typed, got, err)
				}
			}
		})
	}
}

func TestID(t *testing.T) {
	for _, c := range []struct{ realm, id, want string }{
		{"acme", "42", "acme:42"},
		{"acme", "Ada", "acme:Ada"},
		{"acme", "ada@example.com", "acme:ada@example.com"},
		{"acme", "a:b", "acme:a:b"},
		{"acme:a", "b", "acme%3Aa:b"},
		{"acme", "a%3Ab", "acme:a%253Ab"},
		{"acme", " a b ", "acme:%20a%20b%20"},
		{"acme", "ü\u202e", "acme:%C3%BC%E2%80%AE"},
		{"Acme GmbH", "u\u0308", "Acme%20GmbH:u%CC%88"},
		{"acme", "550e8400-e29b-41d4-a716-446655440000", "acme:550e8400-e29b-41d4-a716-446655440000"},
		{"acme", strings.Repeat("x", 512), "acme:" + strings.Repeat("x", 512)},
	} {
		if got, err := account.ID(c.realm, c.id); err != nil || got != c.want {
			t.Errorf("IDN-2 ID(%q, %.40q) = %.60q, %v, want %.60q", c.realm, c.id, got, err, c.want)
		}
	}
	for name, bad := range map[string]string{
		"nothing": "", "a NUL": "a\x00", "a line end": "a\r\nb", "C1": "a\u0085", "no UTF-8": "\xff", "513 bytes": strings.Repeat("x", 513),
	} {
		for _, pair := range [][2]string{{"acme", bad}, {bad, "42"}} {
			if got, err := account.ID(pair[0], pair[1]); got != "" || !errors.Is(err, account.ErrID) {
				t.Errorf("%s: ID(%.20q, %.20q) = %q, %v, want ErrID", name, pair[0], pair[1], got, err)
			}
		}
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"Ada", "Straße", "ﷺ", "İ", "ᾳ\u0345", "\u0345\u0301", "Ὰ\u0345", "ϓ", "ſ\u0307", "a\u200b", "𝒶", " x", "Ꭰꭰ", "㎯"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := account.Name(typed)
		if err != nil {
			if got != "" {
				t.Errorf("%q is refused, yet returned as %q", typed, got)
			}
			return
		}
		if again, err := account.Name(got); err != nil || again != got {
			t.Errorf("IDN-1 %q becomes %q, which becomes %q (%v)", typed, got, again, err)
		}
		if len(got) > 256 || strings.TrimSpace(got) != got || got == "" {
			t.Errorf("IDN-1 %q becomes %q", typed, got)
		}
		if upper, err := account.Name(strings.ToUpper(got)); isASCII(got) && (err != nil || upper != got) {
			t.Errorf("IDN-1 %q in capitals becomes %q (%v)", got, upper, err)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}

// FuzzID undoes what ID did: if that is possible, no two pairs have one text.
func FuzzID(f *testing.F) {
	f.Add("acme", "42")
	f.Add("a:b", "c:d%3A")
	f.Add("ü", "\u202e %")
	f.Fuzz(func(t *testing.T, realm, id string) {
		text, err := account.ID(realm, id)
		if err != nil {
			return
		}
		for _, c := range []byte(text) {
			if c <= ' ' || c > '~' {
				t.Fatalf("FWD-8 %q has byte %q in it", text, c)
			}
		}
		if gotRealm, gotID, err := account.Split(text); err != nil || gotRealm != realm || gotID != id {
			t.Errorf("IDN-2 ID(%q, %q) = %q, which reads as %q and %q (%v)", realm, id, text, gotRealm, gotID, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"acme:42", "acme", "a%3Ab:c", "a%3ab:c", ":", "a:%zz", "a:b:c", "a:%00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		realm, id, err := account.Split(text)
		if err != nil {
			return
		}
		if again, err := account.ID(realm, id); err != nil || again != text {
			t.Errorf("IDN-2 %q reads as %q and %q, which is %q (%v)", text, realm, id, again, err)
		}
	})
}

func BenchmarkName(b *testing.B) {
	for name, typed := range map[string]string{"plain": "ada@example.com", "capitals": "Ada@Example.com", "umlaut": "Grete Müßig"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				account.Name(typed)
			}
		})
	}
}
