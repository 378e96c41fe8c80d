package pages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/ostiary/ostiary/pages"
)

func request(target, accept string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	if accept != "" {
		r.Header.Set("Accept-Language", accept)
	}
	return r
}

func TestLanguage(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct{ target, accept, want string }{
		{"/", "", "en"},
		{"/", "de", "de"},
		{"/", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"/", "fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", "fr"},
		{"/", "es-419,es;q=0.9", "es"},
		{"/", "ar-EG", "ar"},
		{"/", "ja,fr;q=0.5", "fr"},
		{"/", "en;q=0.1,de;q=0.9", "de"},
		{"/", "de;q=0, fr;q=0.1", "fr"},
		{"/", "ja", "en"},
		{"/", "*", "en"},
		{"/", ";;;,,,", "en"},
		{"/", "de_DE", "de"},
		{"/", strings.Repeat("xx-", 1000), "en"},
		{"/", strings.Repeat("ja,", 1000) + "de", "en"},
		{"/?lang=fr", "de", "fr"},
		{"/?lang=FR", "de", "fr"},
		{"/?lang=", "de", "de"},
		{"/?lang=xx", "de", "de"},
		{"/?lang=../../etc/passwd", "de", "de"},
		{"/?lang=<script>", "", "en"},
		{"/?lang=%zz", "", "en"},
		{"/?callbackUrl=%2F%3Flang%3Dfr", "es", "es"},
	} {
		if got := r.Language(request(row.target, row.accept)); got != row.want {
			t.Errorf("%s with %.40q: got %q, want %q", row.target, row.accept, got, row.want)
		}
	}
	if got := r.Language(nil); got != "en" {
		t.Errorf("no request: got %q", got)
	}
}

func TestChosenLanguage(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for target, want := range map[string]string{"/": "", "/?lang=AR": "ar", "/?lang=xx": "", "/?x=1&lang=de": "de"} {
		if got := r.ChosenLanguage(request(target, "fr")); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
	if got := r.ChosenLanguage(nil); got != "" {
		t.Errorf("no request: got %q", got)
	}
}

func TestLanguagesOnOffer(t *testing.T) {
	r := newRenderer(t, pages.Config{Languages: []string{"fr", "de"}, DefaultLanguage: "de"})
	if got := r.Languages(); !slices.Equal(got, []string{"fr", "de"}) {
		t.Errorf("got %q", got)
	}
	if got := r.Language(request("/?lang=en", "en")); got != "de" {
		t.Errorf("the default: got %q", got)
	}
	if r = newRenderer(t, pages.Config{Languages: []string{"fr"}}); r.Language(request("/", "")) != "fr" {
		t.Error("the only language is not the default")
	}
	if root := parsePage(t, signIn(t, r, "fr", seed())); len(root.all("nav")) != 0 {
		t.Error("a choice is offered among one language")
	}
	for _, c := range []pages.Config{
		{Languages: []string{"xx"}},
		{Languages: []string{"../en"}},
		{Languages: []string{}},
		{Languages: []string{"de", "de"}},
		{DefaultLanguage: "it"},
		{Languages: []string{"de"}, DefaultLanguage: "en"},
	} {
		if _, err := pages.New(c); err == nil {
			t.Errorf("%q with default %q is accepted", c.Languages, c.DefaultLanguage)
		}
	}
}

func TestLanguageLinks(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct{ here, want string }{
		{"", "/api/auth/signin?lang=de"},
		{"/x", "/x?lang=de"},
		{"/x?", "/x?lang=de"},
		{"/x?error=Callback", "/x?error=Callback&lang=de"},
		{"/x?lang=ar", "/x?lang=de"},
		{"/x?lang=ar&callbackUrl=%2Fhome", "/x?callbackUrl=%2Fhome&lang=de"},
		{"/x?lang=%zz", "/x?lang=de"},
	} {
		p := seed()
		p.Here = row.here
		links := parsePage(t, signIn(t, r, "en", p)).class("languages")[0].all("a")
		if len(links) != 4 || links[0].attr("href") != row.want || links[0].attr("lang") != "de" || links[0].text() != "Deutsch" {
			t.Errorf("from %q: got %q, want %q", row.here, links[0].attr("href"), row.want)
		}
	}
}

func TestDirection(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for lang, dir := range map[string]string{"en": "ltr", "de": "ltr", "fr": "ltr", "es": "ltr", "ar": "rtl", "unknown": "ltr"} {
		root := parsePage(t, signIn(t, r, lang, seed())).all("html")[0]
		want := lang
		if lang == "unknown" {
			want = "en"
		}
		if root.attr("lang") != want || root.attr("dir") != dir {
			t.Errorf("%s: got lang %q, dir %q", lang, root.attr("lang"), root.attr("dir"))
		}
	}
}

// Every language has every text of English, with the same placeholders, and
// nothing else but plural forms.
func TestCataloguesAreWhole(t *testing.T) {
	english := readCatalogue(t, "en")
	placeholders := regexp.MustCompile(`\{[a-z]*\}?`)
	files, err := filepath.Glob("languages/*.json")
	if err != nil || len(files) != 5 {
		t.Fatalf("got %d languages, %v", len(files), err)
	}
	for _, file := range files {
		tag := strings.TrimSuffix(filepath.Base(file), ".json")
		own := readCatalogue(t, tag)
		for key, text := range english {
			if strings.TrimSpace(own[key]) == "" {
				t.Errorf("%s: %q is missing", tag, key)
			}
			want, got := placeholders.FindAllString(text, -1), placeholders.FindAllString(own[key], -1)
			if !slices.Equal(got, want) && !strings.HasSuffix(key, "_one") {
				t.Errorf("%s: %q has the placeholders %q, want %q", tag, key, got, want)
			}
			if len(want) > 1 {
				t.Errorf("%q has more than one placeholder", key)
			}
		}
		for key, text := range own {
			unit, _, _ := strings.Cut(key, "_")
			if _, ok := english[key]; !ok && english[unit+"_other"] == "" {
				t.Errorf("%s: %q is not a text of ours", tag, key)
			}
			if strings.ContainsAny(text, "<>\t\n") || strings.TrimSpace(text) != text {
				t.Errorf("%s: %q holds marks or blanks: %q", tag, key, text)
			}
			if tag != "en" && text == english[key] && !strings.HasPrefix(key, "minute_") && !slices.Contains([]string{"direction", "title_error", "heading_error"}, key) {
				t.Errorf("%s: %q is not translated", tag, key)
			}
		}
	}
}

func readCatalogue(t *testing.T, tag string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("languages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return texts
}

func FuzzLanguage(f *testing.F) {
	for _, s := range []string{"", "de", "de-AT,de;q=0.9", "en-US,en;q=0.5", "*", "zh-Hant-TW", "ar-", "-", ",", "sr-Latn", "fr;q=2", "de;q=0", "es-419", "EN-us , de", "de-x-y", "iw", "no,nb", "und"} {
		f.Add(s)
	}
	r := newRenderer(f, pages.Config{})
	ours := r.Languages()
	tags := []language.Tag{language.English, language.German, language.French, language.Spanish, language.Arabic}
	matcher := language.NewMatcher(tags)
	f.Fuzz(func(t *testing.T, accept string) {
		req := &http.Request{Header: http.Header{"Accept-Language": {accept}}}
		got := r.Language(req)
		if !slices.Contains(ours, got) {
			t.Fatalf("%q: got %q, which we don't speak", accept, got)
		}
		wanted, weights, err := language.ParseAcceptLanguage(accept)
		if err != nil || len(accept) > 256 || slices.Contains(weights, 0) || len(wanted) == 0 {
			return
		}
		_, i, _ := matcher.Match(wanted...)
		if want := tags[i].String(); got != want {
			t.Errorf("%q: got %q, the matcher says %q", accept, got, want)
		}
	})
}
