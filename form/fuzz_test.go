package form_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ostiary/ostiary/form"
)

var everyType = form.Form{
	{Name: "user", Required: true, Attributes: map[string]any{"maxlength": 20, "minlength": 2}},
	{Name: "password", Type: "password"},
	{Name: "pin", Secret: true, Attributes: map[string]any{"pattern": "[0-9]{4,6}"}},
	{Name: "mail", Type: "email"},
	{Name: "age", Type: "number", Attributes: map[string]any{"min": 18, "max": 120}},
	{Name: "born", Type: "date"},
	{Name: "home", Type: "url"},
	{Name: "site", Type: "select", Options: []form.Option{{Value: "north"}, {Value: "south"}}},
	{Name: "stay", Type: "checkbox"},
	{Name: "kept", Type: "hidden", Value: "7"},
	{Name: "off", Attributes: map[string]any{"disabled": true}},
}

// The expression is the one in HTML, section 4.10.5.1.5.
var htmlEmail = regexp.MustCompile(`^[a-zA-Z0-9.!#$%&'*+/=?^_` + "`" + `{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)

// keeps says, for each field, what an accepted value must be like.
var keeps = map[string]func(string) bool{
	"user": func(s string) bool {
		n := len(utf16.Encode([]rune(s)))
		return n >= 2 && n <= 20
	},
	"password": func(s string) bool { return s != "" },
	"pin":      func(s string) bool { return s == "" || regexp.MustCompile(`^[0-9]{4,6}$`).MatchString(s) },
	"mail":     func(s string) bool { return s == "" || htmlEmail.MatchString(s) },
	"age": func(s string) bool {
		n, err := strconv.ParseFloat(s, 64)
		return s == "" || (err == nil && n >= 18 && n <= 120)
	},
	"born": func(s string) bool { return s == "" || regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(s) },
	"home": func(s string) bool { return s == "" || strings.Contains(s, ":") },
	"site": func(s string) bool { return s == "" || s == "north" || s == "south" },
	"stay": func(s string) bool { return s == "on" },
	"kept": func(s string) bool { return s == "7" },
	"off":  func(string) bool { return false },
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"user=ada&password=x&kept=7", "user=ada&password=&kept=8", "user=ada&password=x&pin=1234&mail=a@b.c&age=18&born=2000-02-29",
		"user=ada&password=x&home=https://a.example&site=north&stay=on", "user=ada&user=bob&password=x", "user=a%00a&password=%ff",
		"admin=1&off=x&stay=true&age=1e2", "user=%F0%9F%98%80&password=%00", "=&&user=+a+&password=+",
	} {
		f.Add(seed)
	}
	c, err := form.Compile(everyType)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		sent, err := url.ParseQuery(body)
		if err != nil || strings.Contains(body, "CANARY") {
			return
		}
		// The canary rides on the password: it must never come out in print.
		if given := sent["password"]; len(given) > 0 && given[0] != "" {
			given[0] += "CANARY"
		}
		v, err := c.Parse(sent)
		encoded, _ := json.Marshal(v)
		printed := fmt.Sprintf("%v %+v %#v %s %q %x %v %s %v %v", v, &v, v, v, v, v, struct{ v form.Values }{v}, encoded, v.LogValue(), err)
		if strings.Contains(printed, "CANARY") || strings.Contains(printed, fmt.Sprintf("%x", "CANARY")) {
			t.Errorf("CON-5: a secret is printed: %s", printed)
		}
		if !json.Valid(encoded) || strings.ContainsAny(printed, "\n\x00\x1b") || !utf8.ValidString(printed) {
			t.Errorf("control characters or broken text in print: %q", printed)
		}
		if err != nil {
			checkProblems(t, err)
			return
		}
		checkAccepted(t, sent, v)
	})
}

func checkProblems(t *testing.T, err error) {
	problems, ok := errors.AsType[form.Problems](err)
	if !ok || len(problems) == 0 || len(problems) > len(everyType)+8 {
		t.Errorf("not a short list of problems: %v", err)
	}
	for _, p := range problems {
		if p.Code == "" || p.Message == "" || len(p.Field) > 400 {
			t.Errorf("not a whole problem: %+v", p)
		}
	}
}

func checkAccepted(t *testing.T, sent map[string][]string, v form.Values) {
	for name, given := range sent {
		if keeps[name] == nil || len(given) != 1 {
			t.Errorf("PAG-8: %q %q was accepted", name, given)
		}
	}
	for name, value := range v.Reveal() {
		if !keeps[name](value) || len(value) > form.DefaultMaxBytes || !utf8.ValidString(value) {
			t.Errorf("PAG-8: %s = %q was accepted", name, value)
		}
		if name != "stay" && name != "kept" && value != sent[name][0] {
			t.Errorf("PWD-1: sent %q, got %q", sent[name], value)
		}
		if !slices.Contains([]string{"password", "pin"}, name) && strings.ContainsFunc(value, unicode.IsControl) {
			t.Errorf("control character in %q", value)
		}
	}
	if v.Get("password") == "" || v.Get("user") == "" || v.Get("kept") != "7" {
		t.Errorf("PWD-8: something required is missing: %v", v)
	}
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func FuzzCompile(f *testing.F) {
	f.Add("user", "User", "text", "x", "maxlength", "10", "pattern", "[a-z]+")
	f.Add("f", "", "number", "2", "min", "1", "step", "0.5")
	f.Add("f", "", "date", "2000-01-01", "MAX", "2020-01-01", "data-x", "1")
	f.Add("f", "", "password", "", "onclick", "alert(1)", "autocomplete", "off")
	f.Add("f", "", "hidden", "v", "style", "x", "STYLE", "y")
	f.Add("f", "", "", "a😀", "pattern", `[^\s\-]{1,2}|\p{Script=Greek}|(?<n>\u{41})`, "lang", "de")
	f.Add("csrfToken", "", "", "", "pattern", `(?=a)\1[[a]--[b]]`, "x\x00", "\xff")
	f.Fuzz(func(t *testing.T, name, label, kind, value, attr1, value1, attr2, value2 string) {
		declared := form.Field{Name: name, Label: label, Type: kind, Value: value, Attributes: map[string]any{attr1: value1, attr2: value2}}
		if kind == "select" {
			declared.Options = []form.Option{{Value: value}, {Value: value + "x", Label: label}}
		}
		c, err := form.Compile(form.Form{declared})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x00\x1b") {
				t.Errorf("raw input in the message %q", err)
			}
			return
		}
		in := c.Inputs()[0]
		if !fieldName.MatchString(in.Name) || strings.HasPrefix(strings.ToLower(in.Name), "ostiary_") || in.Label == "" {
			t.Errorf("PAG-3: %+v was accepted", in)
		}
		checkAttrs(t, in)
		encoded, err := json.Marshal(c)
		if err != nil || !json.Valid(encoded) {
			t.Errorf("JSON %s %v", encoded, err)
		}
		if _, disabled := in.Attr("disabled"); value != "" && !disabled {
			if _, err := c.Parse(map[string][]string{name: {value}}); err != nil {
				t.Errorf("%+v refuses the value it shows: %v", in, err)
			}
		}
		_, _ = c.Parse(map[string][]string{name: {value1}})
	})
}

func checkAttrs(t *testing.T, in form.Input) {
	seen := map[string]bool{}
	for _, a := range in.Attrs {
		ok := regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(a.Name) && !strings.HasPrefix(a.Name, "on") && !seen[a.Name] &&
			!slices.Contains([]string{"style", "src", "srcdoc", "href", "formaction", "form", "is", "name", "type", "value", "id"}, a.Name)
		if !ok || strings.ContainsFunc(a.Value, unicode.IsControl) || !utf8.ValidString(a.Value) || (a.Bare && a.Value != "") {
			t.Errorf("PAG-3: attribute %+v was accepted", a)
		}
		seen[a.Name] = true
	}
}
