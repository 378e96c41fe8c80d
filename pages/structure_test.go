package pages_test

import (
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

// What a screen reader and a keyboard need, as far as the structure shows it.
func TestAccessibleStructure(t *testing.T) {
	r := newRenderer(t, pages.Config{Theme: pages.Theme{Logo: "/logo.png"}})
	for _, lang := range r.Languages() {
		every(t, r, lang, "plain", func(name string, page []byte) {
			name = lang + " " + name
			root := parsePage(t, page)
			one(t, name, root, "main", "h1", "title", "body")
			if html := root.all("html")[0]; html.attr("lang") == "" || html.attr("dir") == "" {
				t.Errorf("%s: no lang or no dir", name)
			}
			checkIDs(t, name, root)
			checkControls(t, name, root)
			for _, image := range root.all("img") {
				if image.attr("alt") == "" {
					t.Errorf("%s: a picture without text", name)
				}
			}
			if viewport := viewport(root); strings.Contains(viewport, "maximum-scale") || strings.Contains(viewport, "user-scalable") {
				t.Errorf("%s: zoom is limited: %s", name, viewport)
			}
		})
	}
}

func one(t *testing.T, page string, root node, elements ...string) {
	t.Helper()
	for _, element := range elements {
		if got := root.all(element); len(got) != 1 || (got[0].text() == "" && element != "body") {
			t.Errorf("%s: there is not exactly one <%s> with text", page, element)
		}
	}
}

// checkIDs looks for ids that are there twice and references that lead nowhere.
func checkIDs(t *testing.T, page string, root node) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range root.all("*") {
		if id := e.attr("id"); id != "" {
			if seen[id] {
				t.Errorf("%s: id %q is there twice", page, id)
			}
			seen[id] = true
		}
	}
	for _, e := range root.all("*") {
		for _, reference := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls"} {
			for _, id := range strings.Fields(e.attr(reference)) {
				if !seen[id] {
					t.Errorf("%s: %s=%q leads nowhere", page, reference, id)
				}
			}
		}
	}
}

func checkControls(t *testing.T, page string, root node) {
	t.Helper()
	focused := 0
	for _, e := range root.all("*") {
		if e.has("autofocus") {
			focused++
		}
		control := e.Data == "select" || e.Data == "textarea" || (e.Data == "input" && e.attr("type") != "hidden")
		if control && labelOf(root, e.attr("id")) == "" {
			t.Errorf("%s: %s %q has no label", page, e.Data, e.attr("name"))
		}
		if (e.Data == "a" || e.Data == "button" || e.Data == "summary" || e.Data == "legend" || e.Data == "h2" || e.Data == "p") && e.text() == "" {
			t.Errorf("%s: a %s without text", page, e.Data)
		}
	}
	if focused > 1 {
		t.Errorf("%s: %d elements want the focus", page, focused)
	}
	for _, svg := range root.all("svg") {
		if svg.attr("aria-hidden") != "true" && (svg.attr("role") != "img" || svg.attr("aria-label") == "") {
			t.Errorf("%s: a drawing is neither hidden nor named", page)
		}
	}
	for _, form := range root.all("form") {
		if len(form.all("button")) != 1 {
			t.Errorf("%s: a form has %d buttons", page, len(form.all("button")))
		}
	}
}

func viewport(root node) string {
	for _, meta := range root.all("meta") {
		if meta.attr("name") == "viewport" {
			return meta.attr("content")
		}
	}
	return ""
}
