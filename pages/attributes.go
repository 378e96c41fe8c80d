package pages

import (
	"slices"
	"strings"
)

// The attributes that a field may carry. The common ones have a place of their
// own in the view, so that an ordinary field costs no search; the rare ones are
// looked up by name. Every name stands literally in the template that
// attributeTemplate writes: nothing that comes in at run time can become the
// name of an attribute, except behind "data-", where html/template holds each
// word to letters and digits.
var (
	commonAttributes = map[string]string{
		"placeholder": "Placeholder", "autocomplete": "Autocomplete", "inputmode": "Inputmode",
		"autocapitalize": "Autocapitalize", "spellcheck": "Spellcheck", "autocorrect": "Autocorrect",
		"minlength": "Minlength", "maxlength": "Maxlength",
	}
	commonOrder = []string{
		"placeholder", "autocomplete", "inputmode", "autocapitalize", "spellcheck", "autocorrect", "minlength", "maxlength",
	}
	rareAttributes = []string{
		"pattern", "min", "max", "step", "size", "rows", "cols", "wrap", "enterkeyhint", "passwordrules", "title", "class",
		"dir", "lang", "translate", "tabindex", "writingsuggestions", "virtualkeyboardpolicy",
		"aria-label", "aria-description", "aria-placeholder", "aria-autocomplete", "aria-keyshortcuts", "aria-roledescription",
		"aria-details", "aria-haspopup", "aria-live", "data-form-type",
	}
	bareAttributes = []string{"disabled", "readonly"}
)

// AttributeNames returns the names of the attributes, beside data-*, that a
// field may carry. Those with fields of their own in Field (type, value,
// required, checked …) are not among them.
func AttributeNames() []string {
	names := append([]string{"autofocus"}, commonOrder...)
	names = append(names, rareAttributes...)
	return append(names, bareAttributes...)
}

// dataAttribute is the name and the value of a data attribute. The words of the
// name are apart because html/template lets hyphens into the literal part of a
// name only.
type dataAttribute struct {
	First, Second, Third string
	Value                string
	Bare                 bool
}

// longestDataName bounds the name of a data attribute, prefix included.
const longestDataName = 64

// newDataAttribute takes a name such as data-form-type apart: at most three
// words of lower-case letters and digits.
func newDataAttribute(a Attribute) (dataAttribute, bool) {
	tail, ok := strings.CutPrefix(a.Name, "data-")
	if !ok || len(a.Name) > longestDataName {
		return dataAttribute{}, false
	}
	words := strings.Split(tail, "-")
	if len(words) > 3 {
		return dataAttribute{}, false
	}
	for _, word := range words {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || loaded(word) {
			return dataAttribute{}, false
		}
	}
	words = append(words, "", "")
	return dataAttribute{First: words[0], Second: words[1], Third: words[2], Value: a.Value, Bare: a.Bare}, true
}

// loaded reports whether html/template takes a word for the name of an
// attribute that holds an address, a style or script, even behind "data-", and
// would write ZgotmplZ in its place.
func loaded(word string) bool {
	return strings.HasPrefix(word, "on") || strings.Contains(word, "src") || strings.Contains(word, "uri") || strings.Contains(word, "url") ||
		slices.Contains(loadedWords, word)
}

var loadedWords = []string{
	"acceptcharset", "action", "archive", "async", "background", "challenge", "charset", "cite", "classid", "codebase",
	"content", "crossorigin", "data", "defer", "enctype", "form", "formaction", "formenctype", "formmethod", "formnovalidate",
	"href", "http", "icon", "keytype", "language", "longdesc", "manifest", "method", "novalidate", "pattern", "poster", "profile",
	"rel", "sandbox", "style", "type", "usemap", "value", "xmlns",
}

// attributeTemplate writes the template "attributes", which puts the attributes
// of a fieldView into a start tag.
func attributeTemplate() string {
	var b strings.Builder
	b.WriteString(`{{define "attributes"}}`)
	for _, name := range commonOrder {
		b.WriteString(`{{with .` + commonAttributes[name] + `}} ` + name + `="{{.}}"{{end}}`)
	}
	b.WriteString(`{{if .Required}} required{{end}}{{if .Focus}} autofocus{{end}}`)
	b.WriteString(`{{if .Problem}} aria-invalid="true" aria-describedby="{{.ProblemID}}"{{end}}`)
	b.WriteString(`{{with .Rare}}`)
	for _, name := range rareAttributes {
		b.WriteString(`{{with index . "` + name + `"}} ` + name + `="{{.}}"{{end}}`)
	}
	for _, name := range bareAttributes {
		b.WriteString(`{{with index . "` + name + `"}} ` + name + `{{end}}`)
	}
	b.WriteString(`{{end}}{{range .Data}} data-{{.First}}{{with .Second}}-{{.}}{{end}}{{with .Third}}-{{.}}{{end}}{{if not .Bare}}="{{.Value}}"{{end}}{{end}}`)
	b.WriteString(`{{end}}`)
	return b.String()
}
