package form

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// longestAttribute is the greatest length of an attribute's value, a label or
// any other declared text, in bytes.
const longestAttribute = 1 << 10

// rule is one line of the allow-list: where an attribute may stand and how its
// value is read. The result of read is false when the attribute is left out.
type rule struct {
	name string
	on   kind
	read func(value any) (Attr, bool, error)
}

// rules is the allow-list. Its order is the order in which attributes are
// given to templates.
var rules = []rule{
	{"required", anyKind, boolean},
	{"checked", kindCheckbox, boolean},
	{"disabled", visible, boolean},
	{"readonly", typed, boolean},
	{"autofocus", visible, boolean},
	{"autocomplete", typed | kindSelect, autocomplete},
	{"autocapitalize", textual, words("none", "sentences", "none", "off", "on", "sentences", "words", "characters")},
	{"autocorrect", textual, words("off", "on", "off", "on")},
	{"spellcheck", textual, words("false", "true", "false", "true")},
	{"inputmode", typed, words("", "", "none", "text", "decimal", "numeric", "tel", "search", "email", "url")},
	{"enterkeyhint", typed, words("", "", "enter", "done", "go", "next", "previous", "search", "send")},
	{"minlength", textual, whole(0, 1<<16)},
	{"maxlength", textual, whole(0, 1<<16)},
	{"pattern", textual, text},
	{"passwordrules", kindPassword, text},
	{"min", kindNumber | kindDate, text},
	{"max", kindNumber | kindDate, text},
	{"step", kindNumber | kindDate, text},
	{"size", textual | kindSelect, whole(1, 1000)},
	{"title", visible, text},
	{"class", visible, text},
	{"dir", visible, words("", "", "ltr", "rtl", "auto")},
	{"lang", visible, language},
	{"translate", visible, words("no", "yes", "no", "yes")},
	{"tabindex", visible, whole(-1, 32767)},
	{"writingsuggestions", textual, words("false", "true", "false", "true")},
	{"aria-label", visible, text},
	{"aria-description", visible, text},
	{"aria-placeholder", visible, text},
	{"aria-autocomplete", visible, words("", "", "none", "inline", "list", "both")},
	{"aria-keyshortcuts", visible, text},
	{"aria-roledescription", visible, text},
	{"data-form-type", visible, text}, // a password manager asks for this one, though data- names with form are refused
}

// refused says why an attribute that someone might well try is not on the list.
var refused = map[string]string{
	"name":         "the name of the field is its key",
	"type":         "declare it as the type of the field",
	"value":        "declare it as the value of the field",
	"defaultvalue": "declare it as the value of the field",
	"label":        "declare it as the label of the field",
	"placeholder":  "declare it as the placeholder of the field",
	"options":      "declare them as the options of the field",
	"secret":       "declare it as a property of the field",
	"id":           "it is made from the names of field and provider, so that the label finds its control",
	"classname":    "write class",
	"hidden":       "declare the type hidden",
	"multiple":     "a field has one value; repeated ones are refused",
	"list":         "it points outside the form; declare a select",
	"style":        "the page's content security policy forbids it; use class and a stylesheet",
	"nonce":        "it would let script through the page's content security policy",
	"src":          "it loads from elsewhere",
	"srcset":       "it loads from elsewhere",
	"srcdoc":       "it brings in another document",
	"href":         "it leads elsewhere",
	"ping":         "it tells a third party",
	"action":       "it sends the credentials elsewhere",
	"formaction":   "it sends the credentials elsewhere",
	"form":         "it moves the control to another form",
	"formmethod":   "it would put the credentials into the address",
	"method":       "it would put the credentials into the address",
	"formenctype":  "it changes how the credentials are sent",
	"enctype":      "it changes how the credentials are sent",
	"formtarget":   "it opens the answer elsewhere",
	"target":       "it opens the answer elsewhere",
	"dirname":      "it submits a field that was not declared",
	"is":           "it turns the control into a scripted element",
	"slot":         "it moves the control",
	"accept":       "files are never accepted at sign-in",
	"capture":      "files are never accepted at sign-in",
	"selected":     "declare the value of the option as the value of the field",
	"role":         "the control has the right role already",
	"accesskey":    "it takes keys away from the browser and from screen readers",
	"inert":        "it makes the control useless; use disabled",

	"formnovalidate": "the values are checked in any case",
	"novalidate":     "the values are checked in any case",
	"popovertarget":  "it steers other elements",

	"contenteditable": "it turns the control into a document",

	"aria-hidden":       "it hides the control from screen readers only",
	"aria-required":     "declare the field as required",
	"aria-disabled":     "use disabled",
	"aria-readonly":     "use readonly",
	"aria-checked":      "use checked",
	"aria-invalid":      "the page says so itself, when it is true",
	"aria-describedby":  "the page points to the error text with it",
	"aria-errormessage": "the page points to the error text with it",
	"aria-labelledby":   "the page ties the label to the control itself",
}

// attributeSet holds what was said about the attributes of one field. An
// attribute that was left out on purpose is present and nil, so that no
// default takes its place.
type attributeSet map[string]*Attr

// has reports whether anything was said, even "leave it out".
func (s attributeSet) has(name string) bool { _, ok := s[name]; return ok }

// given reports whether the attribute will be there.
func (s attributeSet) given(name string) bool { return s[name] != nil }

// value returns the value of an attribute, or "".
func (s attributeSet) value(name string) string {
	if a := s[name]; a != nil {
		return a.Value
	}
	return ""
}

func (s attributeSet) set(name, value string) {
	if !s.has(name) {
		s[name] = &Attr{Name: name, Value: value}
	}
}

// ordered returns the attributes that will be there, in the order of the
// allow-list, then data attributes by name. Those with places of their own in
// Input are left out.
func (s attributeSet) ordered() []Attr {
	out := make([]Attr, 0, len(s))
	for _, r := range rules {
		if a := s[r.name]; a != nil && r.name != "required" && r.name != "checked" {
			out = append(out, *a)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if a := s[name]; a != nil && strings.HasPrefix(name, "data-") && name != "data-form-type" {
			out = append(out, *a)
		}
	}
	return out
}

// readAttributes checks the declared attributes of a field against the
// allow-list.
func readAttributes(f Field) (attributeSet, []error) {
	set := make(attributeSet, len(f.Attributes)+4)
	of, err := kindOf(f.Type)
	if err != nil {
		return set, nil // reported once, by newField
	}
	var faults []error
	for _, declared := range slices.Sorted(maps.Keys(f.Attributes)) {
		name := strings.ToLower(declared)
		attr, keep, err := readAttribute(name, of, f.Attributes[declared])
		switch {
		case err != nil:
		case set.has(name):
			err = fmt.Errorf("is given twice, in different case: keep one")
		case keep:
			set[name] = &attr
		default:
			set[name] = nil
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("field %s: attribute %s %w", quote(f.Name), quote(declared), err))
		}
	}
	return set, faults
}

func readAttribute(name string, of kind, value any) (Attr, bool, error) {
	if i := slices.IndexFunc(rules, func(r rule) bool { return r.name == name }); i >= 0 {
		if rules[i].on&of == 0 {
			return Attr{}, false, fmt.Errorf("does not belong on type %s: HTML gives it to %s", of, rules[i].on)
		}
		return named(name, rules[i].read, value)
	}
	if strings.HasPrefix(name, "data-") {
		if why := refuseData(name); why != "" {
			return Attr{}, false, fmt.Errorf("is not allowed: %s", why)
		}
		return named(name, data, value)
	}
	return Attr{}, false, fmt.Errorf("is not allowed: %s", whyNot(name))
}

func named(name string, read func(any) (Attr, bool, error), value any) (Attr, bool, error) {
	attr, keep, err := read(value)
	attr.Name = name
	return attr, keep, err
}

func whyNot(name string) string {
	if why, ok := refused[name]; ok {
		return why
	}
	if strings.HasPrefix(name, "on") {
		return "it runs script; put behaviour into a script of your own template"
	}
	return "it is not on the list of attributes that are known to be safe; remove it, or carry it as a data- attribute"
}

// refuseData says what is wrong with the name of a data attribute. Template
// engines take some names for addresses, styles or script wherever they stand,
// and so would scripts that read them; those are refused here.
func refuseData(name string) string {
	parts := strings.Split(strings.TrimPrefix(name, "data-"), "-")
	if len(name) > longestName || len(parts) > 3 {
		return fmt.Sprintf("a data- name has at most three words and %d characters", longestName)
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return "a data- name has words of letters and digits with single hyphens between them"
		}
		if unsafeWord(part) {
			return fmt.Sprintf("the word %q stands for script, style or an address; choose another", part)
		}
	}
	return ""
}

func unsafeWord(word string) bool {
	return strings.HasPrefix(word, "on") || strings.Contains(word, "src") || strings.Contains(word, "uri") ||
		strings.Contains(word, "url") || slices.Contains(unsafeWords, word)
}

var unsafeWords = []string{
	"action", "archive", "async", "background", "challenge", "charset", "cite", "classid", "codebase", "content",
	"crossorigin", "data", "defer", "enctype", "form", "formaction", "formenctype", "formmethod", "formnovalidate", "href",
	"http", "icon", "keytype", "language", "longdesc", "manifest", "method", "nonce", "novalidate", "pattern", "poster",
	"profile", "rel", "sandbox", "style", "type", "usemap", "value", "xmlns",
}

func checkAutofocus(f Form, sets []attributeSet) error {
	first := -1
	for i, set := range sets {
		if !set.given("autofocus") {
			continue
		}
		if first >= 0 {
			return fmt.Errorf("field %s: attribute \"autofocus\" stands on field %s already: keep one", quote(f[i].Name), quote(f[first].Name))
		}
		first = i
	}
	return nil
}
