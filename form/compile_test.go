package form_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/form"
)

// with is a text field with one attribute.
func with(name string, value any) form.Field { return typed("text", name, value) }

type named string

func typed(kind, name string, value any) form.Field {
	f := form.Field{Name: "f", Type: kind, Attributes: map[string]any{name: value}}
	if kind == "select" {
		f.Options = []form.Option{{Value: "a"}}
	}
	return f
}

func compile(t *testing.T, fields ...form.Field) *form.Compiled {
	t.Helper()
	c, err := form.Compile(fields)
	if err != nil {
		t.Fatalf("Compile(%v): %v", fields, err)
	}
	return c
}

func TestNames(t *testing.T) {
	for _, name := range []string{"a", "Z", "user-name_2", "providers", "jsonp", strings.Repeat("a", 64)} {
		compile(t, form.Field{Name: name})
	}
	for _, name := range []string{
		"", "1a", "_a", "-a", "a b", "a.b", "a[]", "é", "aé", "a\x00", "a\n", `a"b`, "a>b", "a<script>", "__proto__",
		strings.Repeat("a", 65), "csrfToken", "CSRFTOKEN", "csrftoken", "callbackUrl", "callbackURL", "json", "Json",
		"redirect", "redirectTo", "redirectto", "constructor", "prototype", "ostiary_state", "Ostiary_x",
	} {
		t.Run("PAG-3 name "+name, func(t *testing.T) {
			_, err := form.Compile(form.Form{{Name: name}})
			if err == nil {
				t.Fatalf("the name %q was accepted", name)
			}
			if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("the message holds the raw name: %q", err)
			}
		})
	}
}

func TestAttributesAllowed(t *testing.T) {
	tests := []struct {
		field form.Field
		want  string // as name=value, name alone when bare, "" when left out
	}{
		{with("autocomplete", "username"), "autocomplete=username"},
		{with("AutoComplete", " Section-A  Work EMAIL webauthn "), "autocomplete=section-a work email webauthn"},
		{with("autocomplete", "off"), "autocomplete=off"},
		{typed("password", "autocomplete", "new-password"), "autocomplete=new-password"},
		{typed("select", "autocomplete", "organization"), "autocomplete=organization"},
		{with("autocapitalize", "Words"), "autocapitalize=words"},
		{with("autocapitalize", false), "autocapitalize=none"},
		{with("autocorrect", false), "autocorrect=off"},
		{with("spellcheck", true), "spellcheck=true"},
		{with("spellcheck", "false"), "spellcheck=false"},
		{with("translate", false), "translate=no"},
		{with("autofocus", true), "autofocus"},
		{with("autofocus", false), ""},
		{with("readOnly", true), "readonly"},
		{with("readonly", ""), "readonly"},
		{with("disabled", "true"), "disabled"},
		{with("inputmode", "decimal"), "inputmode=decimal"},
		{with("inputMode", false), ""},
		{with("enterkeyhint", "go"), "enterkeyhint=go"},
		{with("maxlength", 12), "maxlength=12"},
		{with("maxLength", "12"), "maxlength=12"},
		{with("maxlength", 12.0), "maxlength=12"},
		{with("maxlength", uint8(12)), "maxlength=12"},
		{with("maxlength", json.Number("12")), "maxlength=12"},
		{with("title", named("x")), "title=x"},
		{with("maxlength", false), ""},
		{with("minlength", 2), "minlength=2"},
		{with("tabindex", -1), "tabindex=-1"},
		{with("size", 30), "size=30"},
		{with("pattern", "[A-Z]{3}"), "pattern=[A-Z]{3}"},
		{with("title", `Three "letters" <b>`), `title=Three "letters" <b>`},
		{with("class", "wide mono"), "class=wide mono"},
		{with("dir", "rtl"), "dir=rtl"},
		{with("lang", "pt-BR"), "lang=pt-BR"},
		{with("aria-label", "Your name"), "aria-label=Your name"},
		{with("data-testid", "user"), "data-testid=user"},
		{with("data-form-type", "username"), "data-form-type=username"},
		{with("data-1p-ignore", true), "data-1p-ignore"},
		{with("data-x", false), ""},
		{with("data-x", 3), "data-x=3"},
		{typed("password", "passwordrules", "minlength: 12;"), "passwordrules=minlength: 12;"},
		{typed("password", "maxlength", 64), "maxlength=64"},
		{typed("number", "min", -3), "min=-3"},
		{typed("number", "max", 2.5), "max=2.5"},
		{typed("number", "step", "any"), "step=any"},
		{typed("date", "min", "2006-01-02"), "min=2006-01-02"},
		{typed("date", "max", time.Date(2006, 1, 2, 0, 0, 0, 0, time.UTC)), "max=2006-01-02"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.field.Attributes), func(t *testing.T) {
			in := compile(t, tt.field).Inputs()[0]
			name, value, _ := strings.Cut(tt.want, "=")
			if tt.want == "" {
				for declared := range tt.field.Attributes {
					if a, ok := in.Attr(strings.ToLower(declared)); ok {
						t.Errorf("got %v, want it left out", a)
					}
				}
				return
			}
			a, ok := in.Attr(name)
			if !ok || a.Value != value || a.Bare == strings.Contains(tt.want, "=") {
				t.Errorf("got %+v %v, want %s", a, ok, tt.want)
			}
		})
	}
}

func TestAttributesRefused(t *testing.T) {
	names := strings.Fields(`onclick onfocus ONLOAD on style src srcdoc srcset href formaction form is action formmethod
		formenctype formtarget formnovalidate nonce name type value defaultValue label placeholder id className hidden multiple
		list dirname accept capture slot role accesskey inert contenteditable popovertarget ping target method enctype selected
		aria-hidden aria-required aria-describedby aria-bogus xmlns xlink:href autosave data- data data--x data-x- data-a-b-c-d
		data-onclick data-src data-my-url data-style data-formaction data-X_Y data-é width height integrity http-equiv`)
	names = append(names, "", " ", "a b", "title ", `x"y`, "x=y", "x>", "x/", "x\x00y", "tïtle", "data-a b", strings.Repeat("x", 5000))
	for _, name := range names {
		t.Run("PAG-3 attribute "+name[:min(len(name), 20)], func(t *testing.T) {
			_, err := form.Compile(form.Form{with(name, "x")})
			if err == nil {
				t.Fatalf("attribute %q was accepted", name)
			}
			if got := err.Error(); !strings.HasPrefix(got, `field "f": attribute "`) || !strings.Contains(got, ": ") || len(got) > 400 {
				t.Errorf("got %q, want field, attribute and a mend", got)
			}
		})
	}
}

func TestAttributeValuesRefused(t *testing.T) {
	tests := []form.Field{
		with("title", "a\x00b"), with("title", "a\nb"), with("title", "a\u0085b"), with("title", "\xff"), with("title", true),
		with("title", nil), with("title", math.NaN()), with("data-x", math.Inf(1)), with("title", []string{"x"}), with("title", strings.Repeat("x", 1025)),
		with("maxlength", -1), with("maxlength", 1.5), with("maxlength", "many"), with("maxlength", true), with("maxlength", 1<<20),
		with("autofocus", "no"), with("readonly", "false"), with("required", 1),
		with("inputmode", "telepathy"), with("inputmode", true), with("autocapitalize", "yes"), with("dir", "up"),
		with("lang", "x_y"), with("lang", "1x"), with("lang", ""), with("tabindex", 99999),
		with("autocomplete", "cc-number"), with("autocomplete", "username email"), with("autocomplete", ""), with("autocomplete", "webauthn"),
		typed("password", "autocomplete", "off"), typed("password", "autocomplete", false), typed("password", "autocomplete", "username"),
		typed("password", "maxlength", 20),
		typed("number", "min", "x"), typed("number", "min", "+1"), typed("number", "min", "0x1"), typed("number", "min", "1_0"),
		typed("number", "step", 0), typed("number", "step", -1), typed("date", "min", "2006-1-2"), typed("date", "max", "2006-02-30"),
		// right attribute, wrong element
		with("checked", true), with("min", 1), with("step", 1), typed("select", "readonly", true), typed("select", "pattern", "a"),
		typed("select", "maxlength", 1), typed("checkbox", "readonly", true), typed("checkbox", "size", 1), typed("hidden", "title", "x"),
		typed("hidden", "disabled", true), typed("number", "maxlength", 3), typed("number", "pattern", "1"), typed("date", "inputmode", "x"),
		typed("text", "passwordrules", "x"),
	}
	for _, f := range tests {
		t.Run(fmt.Sprint("PAG-3 ", f.Type, f.Attributes)[:min(60, len(fmt.Sprint("PAG-3 ", f.Type, f.Attributes)))], func(t *testing.T) {
			_, err := form.Compile(form.Form{f})
			if err == nil {
				t.Fatalf("%v was accepted", f)
			}
			if !strings.HasPrefix(err.Error(), `field "f": attribute "`) {
				t.Errorf("got %q, want field and attribute", err)
			}
		})
	}
}

func TestDeclarationsRefused(t *testing.T) {
	options := func(n int) []form.Option {
		out := make([]form.Option, n)
		for i := range out {
			out[i].Value = fmt.Sprint(i)
		}
		return out
	}
	fields := make(form.Form, 65)
	for i := range fields {
		fields[i].Name = fmt.Sprintf("f%d", i)
	}
	tests := []struct {
		name string
		form form.Form
		want string
	}{
		{"declared twice", form.Form{{Name: "a"}, {Name: "a"}}, "twice"},
		{"differs in case only", form.Form{{Name: "a"}, {Name: "A"}}, "only in case"},
		{"PAG-3 unknown type", form.Form{{Name: "a", Type: "magic"}}, "choose one of text, password"},
		{"PAG-3 file", form.Form{{Name: "a", Type: "file"}}, "never accepted"},
		{"PAG-3 submit", form.Form{{Name: "a", Type: "submit"}}, "its own button"},
		{"radio", form.Form{{Name: "a", Type: "radio"}}, "select"},
		{"PAG-5 password with a value", form.Form{{Name: "a", Type: "password", Value: "x"}}, "secret field may not have a value"},
		{"PAG-5 secret with a value", form.Form{{Name: "a", Secret: true, Value: "x"}}, "secret field may not have a value"},
		{"PWD-8 empty password on text", form.Form{{Name: "a", AllowEmptyPassword: true}}, "only a password field"},
		{"PWD-8 empty yet required", form.Form{{Name: "a", Type: "password", AllowEmptyPassword: true, Required: true}}, "contradict"},
		{"required yet disabled", form.Form{{Name: "a", Required: true, Attributes: map[string]any{"disabled": true}}}, "contradict"},
		{"control character in label", form.Form{{Name: "a", Label: "x\x1b[2J"}}, "label holds a control character"},
		{"bad UTF-8 in placeholder", form.Form{{Name: "a", Placeholder: "\xff"}}, "placeholder is not valid UTF-8"},
		{"endless label", form.Form{{Name: "a", Label: strings.Repeat("x", 1<<20)}}, "label is 1048576 bytes long"},
		{"placeholder on checkbox", form.Form{{Name: "a", Type: "checkbox", Placeholder: "x"}}, "placeholder does not belong"},
		{"options on text", form.Form{{Name: "a", Options: options(1)}}, "options belong on type select"},
		{"select without options", form.Form{{Name: "a", Type: "select"}}, "needs options"},
		{"too many options", form.Form{{Name: "a", Type: "select", Options: options(501)}}, "at most 500"},
		{"option twice", form.Form{{Name: "a", Type: "select", Options: []form.Option{{Value: "x"}, {Value: "x", Label: "y"}}}}, "twice"},
		{"control character in option", form.Form{{Name: "a", Type: "select", Options: []form.Option{{Value: "x\n"}}}}, "control character"},
		{"value is no option", form.Form{{Name: "a", Type: "select", Value: "z", Options: options(3)}}, "its own value is refused (bad_value)"},
		{"value against the pattern", form.Form{{Name: "a", Value: "z", Attributes: map[string]any{"pattern": "a"}}}, "its own value is refused (pattern)"},
		{"too many fields", fields, "at most 64"},
		{"bytes beyond reason", form.Form{{Name: "a", MaxBytes: 1 << 20}}, "greatest length in bytes"},
		{"negative bytes", form.Form{{Name: "a", MaxBytes: -1}}, "greatest length in bytes"},
		{"min above max", form.Form{{Name: "a", Type: "number", Attributes: map[string]any{"min": 2, "max": 1}}}, "greater than max"},
		{"minlength above maxlength", form.Form{{Name: "a", Attributes: map[string]any{"minlength": 2, "maxlength": 1}}}, "greater than maxlength"},
		{"attribute in two cases", form.Form{{Name: "a", Attributes: map[string]any{"maxLength": 2, "maxlength": 2}}}, "is given twice"},
		{"two with autofocus", form.Form{
			{Name: "a", Attributes: map[string]any{"autofocus": true}},
			{Name: "b", Attributes: map[string]any{"autofocus": true}},
		}, `field "b": attribute "autofocus" stands on field "a" already`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := form.Compile(tt.form)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want something with %q", err, tt.want)
			}
		})
	}
}

func TestEveryFaultIsReported(t *testing.T) {
	_, err := form.Compile(form.Form{
		{Name: "9", Type: "file"},
		{Name: "b", Label: "\x00", Attributes: map[string]any{"onclick": 1, "style": 2}},
		{Name: "json"},
	})
	if got := strings.Count(err.Error(), "\n") + 1; got != 6 {
		t.Errorf("got %d faults, want 6:\n%v", got, err)
	}
}

func TestLimitsThatAreAllowed(t *testing.T) {
	pin := typed("password", "inputmode", "numeric")
	pin.Attributes["maxlength"] = 6
	compile(t, pin)
	code := typed("password", "autocomplete", "one-time-code")
	code.Attributes["maxlength"] = 8
	compile(t, code)
	if got := compile(t).Inputs(); len(got) != 0 {
		t.Errorf("an empty form has inputs: %v", got)
	}
}

func TestInputs(t *testing.T) {
	c := compile(
		t,
		form.Field{Name: "user", Placeholder: "jsmith"},
		form.Field{Name: "pw", Label: "Password", Type: "PASSWORD"},
		form.Field{Name: "site", Type: "select", Value: "b", Options: []form.Option{{Value: "a"}, {Value: "b", Label: "B"}}},
		form.Field{Name: "remember", Type: "checkbox", Attributes: map[string]any{"checked": true, "required": true}},
		form.Field{Name: "kept", Type: "hidden", Value: "7"},
		form.Field{Name: "either", Type: "password", AllowEmptyPassword: true},
	)
	want := []string{
		"user user text input  jsmith secret=false required=false checked=false []",
		"pw Password password input   secret=true required=true checked=false []",
		"site site select select b  secret=false required=false checked=false [{a a} {b B}]",
		"remember remember checkbox input on  secret=false required=true checked=true []",
		"kept kept hidden input 7  secret=false required=false checked=false []",
		"either either password input   secret=true required=false checked=false []",
	}
	for i, in := range c.Inputs() {
		got := fmt.Sprint(in.Name, " ", in.Label, " ", in.Type, " ", in.Element, " ", in.Value, " ", in.Placeholder,
			" secret=", in.Secret, " required=", in.Required, " checked=", in.Checked, " ", in.Options)
		if got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

func TestAttributeOrderIsStable(t *testing.T) {
	f := form.Field{Name: "a", Attributes: map[string]any{
		"data-b": 1, "data-a": 2, "title": "t", "autocomplete": "name", "maxlength": 3, "aria-label": "l", "class": "c", "autofocus": true,
	}}
	want := fmt.Sprint(compile(t, f).Inputs())
	for range 20 {
		if got := fmt.Sprint(compile(t, f).Inputs()); got != want {
			t.Fatalf("got %s, then %s", want, got)
		}
	}
	if !strings.Contains(want, "{autofocus  true} {autocomplete name false} {maxlength 3 false}") {
		t.Errorf("not in the order of the allow-list: %s", want)
	}
}

func TestLaterChangesDoNotReachTheForm(t *testing.T) {
	f := form.Form{{Name: "a", Type: "select", Options: []form.Option{{Value: "x"}}, Attributes: map[string]any{"title": "t"}}}
	c := compile(t, f...)
	f[0].Name, f[0].Options[0].Value, f[0].Attributes["title"] = "b", "y", "u"
	c.Inputs()[0].Name = "c"
	if got := fmt.Sprint(c.Inputs()); got != "[{a a select select   false  false false [{x x}] [{title t false}]}]" {
		t.Errorf("got %s", got)
	}
}
