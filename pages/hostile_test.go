package pages_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

// hostile is a corpus of text that tries to leave the place where it stands.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' autofocus onfocus=alert(1) x='`,
	"` onmouseover=alert(1) `",
	`</textarea><script>alert(1)</script>`,
	`</option></select><svg/onload=alert(1)>`,
	`</title><base href=//evil.example>`,
	`</p></div></main><form action=//evil.example><input name=password>`,
	`<!--`, `-->`, `]]>`, `<![CDATA[`, `<?xml`,
	`javascript:alert(1)`, `JaVaScRiPt:alert(1)`, "java\tscript:alert(1)", `data:text/html,<script>alert(1)</script>`, `vbscript:x`,
	`//evil.example`, `{{.}}`, `{{template "head"}}`, `${7*7}`, `&lt;script&gt;`, `&#34;&#62;`, `&quot;><b>`,
	"\x00<b>", "a\x00b", "\ufeff<b>", "\u2028<b>", "<\u200bb>", "\xff\xfe<b>", "+ADw-script+AD4-",
	`x" style="position:fixed`, `x" onclick="alert(1)`, `x/onclick=alert(1)`, `x=y onclick=alert(1)`, " onclick=alert(1) ", `\"><b>`, `\u003cb\u003e`,
	"\n<b>", "\r\n\r\n<b>", strings.Repeat("<b>", 200), strings.Repeat("𝕬", 100),
}

func TestHostileTextStaysText(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for lang, corpus := range map[string][]string{"en": hostile, "ar": hostile[:8]} {
		want := map[string]string{}
		every(t, r, lang, "plain", func(name string, page []byte) { want[name] = parsePage(t, page).shape() })
		for _, s := range corpus {
			every(t, r, lang, s, func(name string, page []byte) {
				if got := withoutPlain(parsePage(t, page).shape()); got != withoutPlain(want[name]) {
					t.Errorf("PAG-6 %s, %s: %q changes the structure\n got %s\nwant %s", name, lang, s, got, withoutPlain(want[name]))
				}
			})
		}
	}
}

// withoutPlain takes out the attribute that only a plain word can be (the
// corpus also tries to be the end of a data- name), and the groups of a secret,
// of which a long one has more.
func withoutPlain(shape string) string {
	return strings.NewReplacer(" data-plain", "", "<span></span><wbr></wbr>", "").Replace(shape)
}

func TestHostileAddressesLeadNowhere(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, s := range []string{"javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "java\nscript:x"} {
		every(t, r, "en", s, func(name string, page []byte) {
			for _, e := range parsePage(t, page).all("*") {
				for _, attribute := range []string{"href", "action", "src", "formaction"} {
					value := strings.ToLower(strings.Join(strings.Fields(e.attr(attribute)), ""))
					for _, scheme := range []string{"javascript:", "data:", "vbscript:"} {
						if strings.HasPrefix(value, scheme) {
							t.Errorf("PAG-4 %s: <%s %s=%q>", name, e.Data, attribute, e.attr(attribute))
						}
					}
				}
			}
		})
	}
}

func TestNothingInline(t *testing.T) {
	r := newRenderer(t, pages.Config{Theme: pages.Theme{BrandColor: "teal"}})
	every(t, r, "en", "plain", func(name string, page []byte) {
		root := parsePage(t, page)
		if n := len(root.all("style")) + len(root.all("base")) + len(root.all("iframe")) + len(root.all("object")); n > 0 {
			t.Errorf("PAG-1 %s: %d elements that the policy forbids", name, n)
		}
		for _, script := range root.all("script") {
			if script.text() != "" || !strings.HasPrefix(script.attr("src"), "/api/auth/assets/") {
				t.Errorf("PAG-1 %s: a script that is inline or from elsewhere", name)
			}
		}
		for _, e := range root.all("*") {
			for _, a := range e.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("PAG-1 %s: <%s %s>", name, e.Data, a.Key)
				}
			}
		}
		if bytes.Contains(page, []byte("ZgotmplZ")) {
			t.Errorf("PAG-4 %s: html/template refused something:\n%s", name, page)
		}
	})
}

func TestOnlyKnownAttributesComeOut(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	refused := []string{
		"onclick", "ONCLICK", "style", "src", "srcdoc", "href", "formaction", "form", "is", "list", "ping", "popovertarget", "contenteditable",
		"name", "id", "type", "value", "aria-hidden", "aria-invalid", "aria-describedby", "data-", "data-A", "data-a--b", "data-a-b-c-d", "data-x y", "data-onclick", "data-src", "data-a=b", "data-é",
		"data-" + strings.Repeat("x", 80), "", " ", "x", "placeholder ", "PLACEHOLDER",
	}
	var attributes []pages.Attribute
	for _, name := range refused {
		attributes = append(attributes, pages.Attribute{Name: name, Value: "canary"}, pages.Attribute{Name: name, Bare: true})
	}
	page := signIn(t, r, "en", pages.SignIn{Providers: []pages.Provider{{ID: "a", Fields: []pages.Field{{Name: "f", Attributes: attributes}}}}})
	if bytes.Contains(page, []byte("canary")) || bytes.Contains(page, []byte("ZgotmplZ")) {
		t.Errorf("PAG-3 a refused attribute came out:\n%s", page)
	}
	input := parsePage(t, page).id("input-f-for-a-provider")
	if got := len(input.Attr); got != 4 { // name, id, type, autofocus
		t.Errorf("PAG-3 the input has %d attributes, want 4: %v", got, input.Attr)
	}
}

func TestEveryAllowedAttributeComesOut(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	// What the forms of a provider may declare, and what password managers read.
	names := append(pages.AttributeNames(),
		"disabled", "readonly", "autofocus", "autocomplete", "autocapitalize", "autocorrect", "spellcheck", "inputmode", "enterkeyhint",
		"minlength", "maxlength", "pattern", "passwordrules", "min", "max", "step", "size", "title", "class", "dir", "lang", "translate",
		"tabindex", "aria-label", "aria-description", "aria-placeholder", "aria-autocomplete", "aria-keyshortcuts", "aria-roledescription",
		"data-form-type", "data-1p-ignore", "data-lpignore", "data-bwignore", "data-testid", "data-test", "data-a-b-c")
	for _, name := range names {
		for _, element := range []string{"input", "select", "textarea", "checkbox"} {
			field := pages.Field{Name: "f", Element: element, Attributes: []pages.Attribute{{Name: name, Value: `a"b`}}}
			page := signIn(t, r, "en", pages.SignIn{Providers: []pages.Provider{{ID: "a", Fields: []pages.Field{field}}}})
			input := parsePage(t, page).id("input-f-for-a-provider")
			bare := name == "disabled" || name == "readonly" || name == "autofocus"
			if !input.has(name) || (!bare && input.attr(name) != `a"b`) {
				t.Errorf("PAG-3 %s on %s: got %v", name, element, input.Attr)
			}
		}
	}
}

func TestSecretsAreNeverRefilled(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	var fields []pages.Field
	for i, kind := range []string{"text", "password", "hidden", "email", "number", "search"} {
		fields = append(fields, pages.Field{Name: string(rune('a' + i)), Type: kind, Secret: true, Value: "canary"})
	}
	fields = append(fields,
		pages.Field{Name: "z", Type: "password", Value: "canary"},
		pages.Field{Name: "y", Element: "textarea", Secret: true, Value: "canary"},
		pages.Field{Name: "x", Element: "select", Secret: true, Value: "canary", Options: []pages.Option{{Value: "other"}}})
	page := signIn(t, r, "en", pages.SignIn{Problem: &pages.Problem{Code: "CredentialsSignin"}, Providers: []pages.Provider{{ID: "a", Fields: fields}}})
	if bytes.Contains(page, []byte("canary")) {
		t.Errorf("PAG-5 a secret was put back into the form:\n%s", page)
	}
}

func TestCodesAreNeverEchoed(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	const code = "canary-7f3a"
	var b bytes.Buffer
	for _, err := range []error{
		r.SignIn(&b, code, pages.SignIn{Problem: &pages.Problem{Code: code}, Providers: []pages.Provider{{ID: "a", Fields: []pages.Field{{Name: "f", Problem: code}}}}}),
		r.SignOut(&b, code, pages.SignOut{Problem: &pages.Problem{Code: code}}),
		r.Error(&b, code, pages.Error{Kind: code}),
		r.FactorStep(&b, code, pages.FactorStep{Problem: &pages.Problem{Code: code}}),
		r.FactorChoice(&b, code, pages.FactorChoice{Problem: &pages.Problem{Code: code}, Invite: true}),
		r.Enrol(&b, code, pages.Enrol{Problem: &pages.Problem{Code: code}}),
		r.Account(&b, code, pages.Account{Problem: &pages.Problem{Code: code}, Notice: code}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), code) {
		t.Errorf("PAG-5 a code was echoed:\n%s", b.String())
	}
}

func FuzzSignIn(f *testing.F) { fuzzPages(f, everySignInPage) }

func FuzzFactorPages(f *testing.F) { fuzzPages(f, everyFactorPage) }

// fuzzPages holds the structure of pages against any text.
func fuzzPages(f *testing.F, draw func(testing.TB, *pages.Renderer, string, string, func(string, []byte))) {
	for _, s := range hostile {
		f.Add(s)
	}
	r := newRenderer(f, pages.Config{})
	want := map[string]string{}
	draw(f, r, "en", "plain", func(name string, page []byte) { want[name] = withoutPlain(parsePage(f, page).shape()) })
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || strings.Contains("0123456789abcdefghijklmnopqrstuvwxyz", strings.ToLower(s[:1])) {
			s = "<" + s // a plain word changes the structure by right: it may be a code, a type, the name of an attribute
		}
		draw(t, r, "en", s, func(name string, page []byte) {
			if got := withoutPlain(parsePage(t, page).shape()); got != want[name] {
				t.Errorf("%s: %q changes the structure\n got %s\nwant %s", name, s, got, want[name])
			}
		})
	})
}

func signIn(t testing.TB, r *pages.Renderer, lang string, p pages.SignIn) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.SignIn(&b, lang, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
