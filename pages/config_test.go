package pages_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

func TestColours(t *testing.T) {
	for _, row := range []struct{ colour, text string }{ // the text that reads best; "" is not a colour
		{"#fff", "#000"},
		{"#000", "#fff"},
		{"#0a5c4d", "#fff"},
		{"#0A5C4DCC", "#fff"},
		{"#fd0f", "#000"},
		{"teal", "#fff"},
		{"RebeccaPurple", "#fff"},
		{"gold", "#000"},
		{" navy ", "#fff"},
		{"rgb(10 92 77)", "#fff"},
		{"rgb(10, 92, 77)", "#fff"},
		{"rgba(255, 255, 255, .9)", "#000"},
		{"rgb(100% 100% 0% / 50%)", "#000"},
		{"hsl(60 100% 50%)", "#000"},
		{"hsl(240deg, 100%, 50%)", "#fff"},
		{"hsl(-.3turn 100% 20%)", "#fff"},
		{"oklch(0.4 0.08 175)", "#fff"},
		{"oklch(90% 0.1 90)", "#000"},
		{"#12345", ""},
		{"#ggg", ""},
		{"#", ""},
		{"#+12", ""},
		{"tea1", ""},
		{"inherit", ""},
		{"var(--x)", ""},
		{"rgb(1 2)", ""},
		{"rgb(1 2 3 4)", ""},
		{"rgb(1, 2, 3 / 4)", ""},
		{"rgb(1 2 3px)", ""},
		{"rgb(1e9 2 3)", ""},
		{"rgb(nan 2 3)", ""},
		{"rgb(1 2 3", ""},
		{"rgb(1 2 3))", ""},
		{"url(x)", ""},
		{"red;}body{display:none", ""},
		{"red}", ""},
		{"red/**/", ""},
		{"</style>", ""},
		{"r\\65 d", ""},
		{strings.Repeat("f", 1000), ""},
	} {
		r, err := pages.New(pages.Config{Theme: pages.Theme{BrandColor: row.colour}})
		if row.text == "" {
			if err == nil || !strings.Contains(err.Error(), "brand colour") {
				t.Errorf("%q: want an error that names the brand colour, got %v", row.colour, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", row.colour, err)
			continue
		}
		want := ":root{--brand-color:" + strings.TrimSpace(row.colour) + ";--ring:var(--text);--button-text-color:" + row.text + "}\n"
		if got := string(themeSheet(t, r)); got != want {
			t.Errorf("%q: got %q, want %q", row.colour, got, want)
		}
	}
}

// themeSheet returns the last style sheet of the pages.
func themeSheet(t *testing.T, r *pages.Renderer) []byte {
	t.Helper()
	sheets := r.StyleSheets()
	content, contentType, ok := r.Asset(strings.TrimPrefix(sheets[len(sheets)-1], "/api/auth/assets/"))
	if !ok || contentType != "text/css; charset=utf-8" {
		t.Fatalf("no style sheet %q", sheets)
	}
	return content
}

func TestTheme(t *testing.T) {
	r := newRenderer(t, pages.Config{Name: "Northwind", Theme: pages.Theme{ColorScheme: "dark", ButtonText: "#222", Logo: "https://cdn.example.com/l.svg?a=1&b=\"2\""}})
	root := parsePage(t, signIn(t, r, "en", seed()))
	if got := root.all("body")[0].attr("class"); got != "__next-auth-theme-dark" {
		t.Errorf("body class: got %q", got)
	}
	if logo := root.class("logo")[0]; logo.attr("src") != "https://cdn.example.com/l.svg?a=1&b=\"2\"" || logo.attr("alt") != "Northwind" {
		t.Errorf("logo: got %v", logo.Attr)
	}
	if got := root.all("h1")[0].text(); got != "Sign in to Northwind" {
		t.Errorf("heading: got %q", got)
	}
	if got := string(themeSheet(t, r)); got != ":root{--button-text-color:#222}\n" {
		t.Errorf("style: got %q", got)
	}
	if got := newRenderer(t, pages.Config{}).StyleSheets(); len(got) != 1 {
		t.Errorf("without a theme there are %d style sheets", len(got))
	}
}

func TestContentSecurityPolicy(t *testing.T) {
	const rest = "; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	const first = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'"
	for _, row := range []struct {
		name string
		c    pages.Config
		want string
	}{
		{"zero", pages.Config{}, first + "; form-action 'self'" + rest},
		{"a logo on this site", pages.Config{Theme: pages.Theme{Logo: "/logo.png"}}, first + "; form-action 'self'" + rest},
		{"a logo elsewhere", pages.Config{Theme: pages.Theme{Logo: "https://cdn.example.com/l.svg"}}, first + " https://cdn.example.com; form-action 'self'" + rest},
		{"other origins", pages.Config{FormTargets: []string{"https://a.example", "http://localhost:8080/x"}}, first + "; form-action 'self' https://a.example http://localhost:8080" + rest},
	} {
		if got := newRenderer(t, row.c).ContentSecurityPolicy(); got != row.want {
			t.Errorf("PAG-1 %s:\n got %s\nwant %s", row.name, got, row.want)
		}
	}
}

func TestFaultyConfigurations(t *testing.T) {
	for _, row := range []struct {
		c    pages.Config
		want string
	}{
		{pages.Config{Base: "api"}, `base path "api"`},
		{pages.Config{Base: "//evil.example"}, "base path"},
		{pages.Config{Base: `/a"b`}, "base path"},
		{pages.Config{Theme: pages.Theme{ColorScheme: "blue"}}, "auto, light or dark"},
		{pages.Config{Theme: pages.Theme{ButtonText: "x"}}, "button text colour"},
		{pages.Config{Theme: pages.Theme{Logo: "http://cdn.example.com/l.svg"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "javascript://x/%0aalert(1)"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "https://user:pw@cdn.example.com/"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "https://a;script-src/"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "//cdn.example.com/l.svg"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "../../etc/passwd"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "page.css"}}, "theme logo"},
		{pages.Config{Theme: pages.Theme{Logo: "missing.svg"}}, "no such file"},
		{pages.Config{Theme: pages.Theme{Logo: "data:image/png;base64,x"}}, "theme logo"},
		{pages.Config{FormTargets: []string{"app.example.com"}}, "form target"},
		{pages.Config{FormTargets: []string{"https://*"}}, "form target"},
		{pages.Config{FormTargets: []string{"https://a;script-src"}}, "form target"},
		{pages.Config{Dir: "testdata/none"}, "template directory"},
	} {
		if _, err := pages.New(row.c); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: got %v, want an error with %q", row.c, err, row.want)
		}
	}
	_, err := pages.New(pages.Config{Base: "x", Theme: pages.Theme{ColorScheme: "x", BrandColor: "x"}, DefaultLanguage: "x", FormTargets: []string{"x"}})
	if got := strings.Count(fmt.Sprint(err), "\n") + 1; got != 5 {
		t.Errorf("five faults are reported as %d: %v", got, err)
	}
}

// override makes a template directory.
func override(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOverrides(t *testing.T) {
	dir := override(t, map[string]string{
		"signout.html": `<!doctype html><title>{{t "sign_out"}}</title><p title={{t "sign_out_question"}}>{{.Name}}, {{printf "%s!" (t "sign_in")}} {{lang}} {{if rtl}}rtl{{end}}</p><script>let x = {{t "back"}}</script>`,
		"page.css":     `body{background:url(paper.png)}`,
		"paper.png":    "picture",
		"logo.svg":     "<svg/>",
		"it.json":      `{"language": "Italiano", "sign_in": "Accedi & <entra>"}`,
		"de.json":      `{"sign_in": "Einloggen"}`,
		"README":       "notes",
		".hidden.html": "x",
	})
	r := newRenderer(t, pages.Config{Dir: dir, Theme: pages.Theme{Logo: "logo.svg"}})
	if got := strings.Join(r.Languages(), " "); got != "en de fr es ar it" {
		t.Errorf("languages: got %q", got)
	}
	var b bytes.Buffer
	if err := r.SignOut(&b, "ar", pages.SignOut{Name: "<Ada>"}); err != nil {
		t.Fatal(err)
	}
	p := parsePage(t, b.Bytes()).all("p")[0]
	if p.attr("title") != "هل تريد بالتأكيد تسجيل الخروج؟" || p.text() != "<Ada>, تسجيل الدخول! ar rtl" {
		t.Errorf("an overridden page: %s", b.String())
	}
	if !strings.Contains(b.String(), `let x = "العودة`) {
		t.Errorf("a text in script is not quoted for script: %s", b.String())
	}
	for lang, want := range map[string]string{"it": "Accedi & <entra>", "de": "Einloggen"} {
		root := parsePage(t, signIn(t, r, lang, seed()))
		if got := root.all("h1")[0].text(); got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
		logo := root.class("logo")[0].attr("src")
		if content, contentType, ok := r.Asset(strings.TrimPrefix(logo, "/api/auth/assets/")); !ok || contentType != "image/svg+xml" || string(content) != "<svg/>" {
			t.Errorf("logo %q: %q, %v", logo, contentType, ok)
		}
	}
	style := string(themeSheet(t, r))
	if !regexp.MustCompile(`^body\{background:url\(paper-[0-9a-f]{12}\.png\)\}$`).MatchString(style) {
		t.Errorf("style: got %q", style)
	}
}

func TestFaultyOverrides(t *testing.T) {
	for _, row := range []struct{ file, content, want string }{
		{"signin.html", `{{if}}`, "signin.html"},
		{"signin.html", `{{.Nonsense}}`, "signin.html"},
		{"welcome.html", `{{template "nowhere"}}`, "welcome.html"},
		{"error.html", `{{t "no_such_text"}}`, "no_such_text"},
		{"form.html", `<p>`, "form"},
		{"layout.html", `{{define "head"}}{{end}}`, `no such template "close"`},
		{"verifyrequest.html", `<a href="{{if .HomeURL}}"{{end}}>`, "verifyrequest.html"},
		{"sign-in.html", `x`, "sign-in.html"},
		{"factor.html", `{{.Nonsense}}`, "factor.html"},
		{"factorchoice.html", `{{.Offers.Nonsense}}`, "factorchoice.html"},
		{"enrol.html", `{{range .Codes}}{{.Nonsense}}{{end}}`, "enrol.html"},
		{"account.html", `{{range .Devices}}{{with .Expires}}{{.Nonsense}}{{end}}{{end}}`, "account.html"},
		{"factorform.html", `<p>`, "factorform"},
		{"de.json", `{"sign_in": 1}`, "de.json"},
		{"de.json", `{`, "de.json"},
		{"de.json", `{"sing_in": "x"}`, "sing_in"},
		{"de.json", `{"sign_in_with": "Anmelden"}`, "{provider}"},
		{"de.json", `{"sign_in": "{provider}"}`, "sign_in"},
		{"it.json", `{"direction": "up"}`, "direction"},
		{"notes.json", `{}`, "notes"},
	} {
		_, err := pages.New(pages.Config{Dir: override(t, map[string]string{row.file: row.content})})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s with %s: got %v, want an error with %q", row.file, row.content, err, row.want)
		}
	}
}

func TestAssets(t *testing.T) {
	r := newRenderer(t, pages.Config{Base: "/sign/", Theme: pages.Theme{BrandColor: "teal"}})
	root := parsePage(t, signIn(t, r, "en", seed()))
	addresses := []string{root.all("script")[0].attr("src")}
	for _, link := range root.all("link") {
		addresses = append(addresses, link.attr("href"))
	}
	if len(addresses) != 3 {
		t.Errorf("got the assets %q", addresses)
	}
	for _, address := range addresses {
		name, ok := strings.CutPrefix(address, "/sign/assets/")
		if content, contentType, found := r.Asset(name); !ok || !found || len(content) == 0 || contentType == "" {
			t.Errorf("asset %q is not there", address)
		}
		if !regexp.MustCompile(`^[a-z]+-[0-9a-f]{12}\.(css|js)$`).MatchString(name) {
			t.Errorf("asset %q does not carry its hash", name)
		}
	}
	for _, name := range []string{"", "page.css", "../config.go", "page-000000000000.css", "/", "signin.html"} {
		if _, _, ok := r.Asset(name); ok {
			t.Errorf("asset %q is there", name)
		}
	}
}

// PAG-7: nothing on the pages comes from elsewhere, and the script does without
// what a strict policy forbids.
func TestAssetsAreOurOwn(t *testing.T) {
	files, err := filepath.Glob("static/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no assets", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(content), "http://www.w3.org/2000/svg", "")
		for _, forbidden := range []string{"://", "@import", "data:", "eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", ".style", "<script", "onload", "fetch(", "XMLHttp", "sendBeacon", "WebSocket", "import("} {
			if strings.Contains(text, forbidden) {
				t.Errorf("PAG-7 %s holds %q", file, forbidden)
			}
		}
	}
}
