package form_test

import (
	"html/template"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

// html/template writes ZgotmplZ in place of names it mistrusts. Whatever name of
// a data attribute we let through must come out of it unharmed.
func TestDataNamesPassTheTemplateEngine(t *testing.T) {
	page := template.Must(template.New("").Parse(`<input data-{{.A}}{{with .B}}-{{.}}{{end}}="x">`))
	words := strings.Fields(`testid action archive async background challenge charset cite classid codebase content crossorigin
		data defer enctype form formaction formenctype formmethod formnovalidate href http icon keytype language longdesc
		manifest method novalidate pattern poster profile rel sandbox style type usemap value xmlns src srcdoc srcset srclang
		url myurl uri onclick on one 1p lpignore name id label class title width xlink`)
	accepted := 0
	for _, word := range words {
		for _, name := range []string{word, "x-" + word, word + "-x"} {
			if _, err := form.Compile(form.Form{with("data-"+name, "x")}); err != nil {
				continue
			}
			accepted++
			a, b, _ := strings.Cut(name, "-")
			var out strings.Builder
			if err := page.Execute(&out, struct{ A, B string }{a, b}); err != nil {
				t.Errorf("data-%s: %v", name, err)
			}
			if got, want := out.String(), `<input data-`+name+`="x">`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	if accepted < 10 {
		t.Errorf("only %d names were accepted", accepted)
	}
}
