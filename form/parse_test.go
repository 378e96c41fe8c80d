package form_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

// send parses one value of one field and returns the code of the problem.
func send(t *testing.T, f form.Field, values ...string) (form.Values, string) {
	t.Helper()
	submitted := map[string][]string{}
	if len(values) > 0 {
		submitted[f.Name] = values
	}
	v, err := compile(t, f).Parse(submitted)
	return v, code(t, err)
}

func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	problems, ok := errors.AsType[form.Problems](err)
	if !ok || len(problems) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	if !strings.HasSuffix(problems[0].Message, ".") || problems[0].Field == "" {
		t.Errorf("not a sentence about a field: %+v", problems[0])
	}
	return problems[0].Code
}

func TestParseTypes(t *testing.T) {
	kilobyte := strings.Repeat("x", 1024)
	choice := form.Field{Name: "f", Type: "select", Options: []form.Option{{Value: "a"}, {Value: "B"}, {Value: "", Label: "choose"}}}
	tests := []struct {
		name  string
		field form.Field
		good  []string
		bad   []string
		code  string
	}{
		{"PAG-8 text", form.Field{Type: "text"}, []string{"", "x", " x ", "ü", "a\u00a0b", kilobyte}, []string{"a\x00", "a\nb", "\x7f", "\u0085", "\xff", "é\x1b"}, "invalid_encoding"},
		{"PAG-8 text too long", form.Field{}, nil, []string{kilobyte + "x"}, "too_long"},
		{"PAG-8 own limit", form.Field{MaxBytes: 2000}, []string{kilobyte + "x"}, []string{strings.Repeat("x", 2001)}, "too_long"},
		{"PAG-8 email", form.Field{Type: "email"}, []string{"", "a@b", "a.b+c@d-e.example", "o'x@y.z"}, []string{"a", "@b", "a@", "a@-b", "a@b-", "a@b..c", "a b@c", " a@b", "a@b ", "a@b@c", "ü@b", "a@" + strings.Repeat("b", 64), `"a"@b`}, "bad_value"},
		{"PAG-8 url", form.Field{Type: "url"}, []string{"", "https://a.example/x?y", "mailto:a@b"}, []string{"a.example", "//a", "https://", "http://a b", "/x", "https:", "http://[::1"}, "bad_value"},
		{"PAG-8 number", typed("number", "step", "any"), []string{"", "0", "-1", "1.5", ".5", "-.5", "1e3", "1E+3", "007"}, []string{"+1", "1.", "e3", "0x1", "1_0", "Inf", "NaN", "1e", "1e999", "--1", " 1", "１", "1,5", "-", "."}, "bad_value"},
		{"PAG-8 whole number", form.Field{Type: "number"}, []string{"3", "-3", "3.0", "1e2"}, []string{"0.5", "2.9"}, "bad_value"},
		{"PAG-8 min", typed("number", "min", 3), []string{"3", "4"}, []string{"2", "-4"}, "too_small"},
		{"PAG-8 max", typed("number", "max", 3), []string{"3", "-4"}, []string{"4"}, "too_large"},
		{"PAG-8 step", typed("number", "step", 0.1), []string{"0.3", "0.7", "1", "-0.2"}, []string{"0.35"}, "bad_value"},
		{"PAG-8 date", form.Field{Type: "date"}, []string{"", "2024-02-29", "0001-01-01", "9999-12-31"}, []string{"2023-02-29", "2024-2-9", "24-02-09", "2024-13-01", "2024-02-29T00:00", "0000-01-01", "x"}, "bad_value"},
		{"PAG-8 date min", typed("date", "min", "2024-02-29"), []string{"2024-02-29"}, []string{"2024-02-28", "1969-12-31"}, "too_small"},
		{"PAG-8 date step", typed("date", "step", 7), []string{"1970-01-01", "1970-01-08", "1969-12-25"}, []string{"1970-01-02"}, "bad_value"},
		{"PAG-8 minlength", with("minlength", 2), []string{"", "ab", "😀"}, []string{"a", "é"}, "too_short"},
		{"PAG-8 maxlength counts UTF-16", with("maxlength", 2), []string{"ab", "éé", "😀"}, []string{"abc", "😀a"}, "too_long"},
		{"PAG-8 pattern", with("pattern", "[a-z]+|[0-9]{2}"), []string{"", "abc", "12"}, []string{"ABC", "123", "abc1", "x12"}, "pattern"},
		{"PAG-8 pattern by code points", with("pattern", "."), []string{"a", "😀"}, []string{"ab"}, "pattern"},
		{"PAG-8 select", choice, []string{"", "a", "B"}, []string{"A", "b", "a ", "c"}, "bad_value"},
		{"PAG-8 checkbox", form.Field{Type: "checkbox"}, []string{"on", "true", "false", ""}, []string{"off", "ON", "1", "yes"}, "bad_value"},
		{"PAG-8 checkbox with a value", form.Field{Type: "checkbox", Value: "30d"}, []string{"30d", "true"}, []string{"on", "31d"}, "bad_value"},
		{"PAG-8 required", form.Field{Required: true}, []string{"x", " "}, []string{""}, "required"},
		{"PAG-8 required by attribute", with("required", true), []string{"x"}, []string{""}, "required"},
		{"PAG-8 required select", form.Field{Type: "select", Required: true, Options: choice.Options}, []string{"a"}, []string{""}, "required"},
		{"PAG-8 required checkbox", form.Field{Type: "checkbox", Required: true}, []string{"on"}, []string{"", "false"}, "required"},
		{"PAG-8 hidden", form.Field{Type: "hidden"}, []string{"", "anything"}, nil, ""},
		{"PAG-8 hidden with a value", form.Field{Type: "hidden", Value: "7"}, []string{"7"}, []string{"", "8", "7 "}, "fixed_value"},
		{"PAG-8 read-only with a value", form.Field{Value: "7", Attributes: map[string]any{"readonly": true}}, []string{"7"}, []string{"", "8"}, "fixed_value"},
		{"PAG-8 disabled", with("disabled", true), nil, []string{"", "x"}, "fixed_value"},
		{"PWD-1 password", form.Field{Type: "password"}, []string{" ", " a ", "\x00", "a\tb\r\n", "%20&amp;+", "p\u0308", "\U0001F600"}, []string{"\xff", "a\xc3"}, "invalid_encoding"},
		{"PWD-2 password of 1 KiB", form.Field{Type: "password"}, []string{kilobyte, strings.Repeat("x", 64)}, []string{kilobyte + "x", strings.Repeat("x", 1<<20)}, "too_long"},
		{"PWD-8 empty password", form.Field{Type: "password"}, []string{"x"}, []string{""}, "required"},
		{"PWD-8 allowed to be empty", form.Field{Type: "password", AllowEmptyPassword: true}, []string{"", "x"}, nil, ""},
		{"secret text", form.Field{Secret: true}, []string{"", "\x00"}, []string{"\xff"}, "invalid_encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.field.Name = "f"
			for _, value := range tt.good {
				v, got := send(t, tt.field, value)
				if got != "" {
					t.Errorf("%.40q was refused: %s", value, got)
				}
				if tt.field.Type != "checkbox" && (v.Get("f") != value || !v.Has("f")) {
					t.Errorf("PWD-1: sent %q, got %q", value, v.Get("f"))
				}
			}
			for _, value := range tt.bad {
				if v, got := send(t, tt.field, value); got != tt.code {
					t.Errorf("%.40q: got %q, want %q", value, got, tt.code)
				} else if v.Has("f") {
					t.Errorf("%.40q is kept though it was refused", value)
				}
			}
		})
	}
}

func TestParseAbsent(t *testing.T) {
	tests := []struct {
		name  string
		field form.Field
		code  string
		value string
		has   bool
	}{
		{"optional text", form.Field{}, "", "", false},
		{"a value shown at first is not a default", form.Field{Value: "x"}, "", "", false},
		{"required text", form.Field{Required: true}, "required", "", false},
		{"PWD-8 absent password", form.Field{Type: "password"}, "required", "", false},
		{"PWD-8 absent but allowed", form.Field{Type: "password", AllowEmptyPassword: true}, "", "", false},
		{"checkbox", form.Field{Type: "checkbox"}, "", "", false},
		{"required checkbox", form.Field{Type: "checkbox", Required: true}, "required", "", false},
		{"select", form.Field{Type: "select", Value: "a", Options: []form.Option{{Value: "a"}}}, "", "", false},
		{"hidden with a value", form.Field{Type: "hidden", Value: "7", Required: true}, "", "7", true},
		{"read-only with a value", form.Field{Value: "7", Attributes: map[string]any{"readonly": true}}, "", "7", true},
		{"disabled with a value", form.Field{Value: "7", Attributes: map[string]any{"readonly": true, "disabled": true}}, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.field.Name = "f"
			v, got := send(t, tt.field)
			if got != tt.code || v.Get("f") != tt.value || v.Has("f") != tt.has {
				t.Errorf("got %q %q %v", got, v.Get("f"), v.Has("f"))
			}
		})
	}
}

func TestParseRefusesWhatWasNotDeclared(t *testing.T) {
	c := compile(t, form.Field{Name: "user", Required: true}, form.Field{Name: "pw", Type: "password"})
	many := map[string][]string{"user": {"x"}, "pw": {"x"}}
	for i := range 1000 {
		many[fmt.Sprint("extra", i)] = nil
	}
	tests := []struct {
		name string
		sent map[string][]string
		want string
	}{
		{"PAG-8 undeclared", map[string][]string{"user": {"x"}, "pw": {"x"}, "admin": {"1"}}, `"admin" undeclared_field;`},
		{"PAG-8 undeclared without value", map[string][]string{"user": {"x"}, "pw": {"x"}, "admin": nil}, `"admin" undeclared_field;`},
		{"PAG-8 names count with case", map[string][]string{"User": {"x"}, "pw": {"x"}}, `user required;"User" undeclared_field;`},
		{"PAG-8 hostile name", map[string][]string{"user": {"x"}, "pw": {"x"}, "<b>\x00\n\xff\u202e": {"1"}}, "\"<b>\\x00\\n\ufffd\\u202e\" undeclared_field;"},
		{"PAG-8 long name", map[string][]string{"user": {"x"}, "pw": {"x"}, strings.Repeat("é", 999): {"1"}}, `"` + strings.Repeat("é", 32) + `…" undeclared_field;`},
		{"CSR-9 repeated", map[string][]string{"user": {"x", "y"}, "pw": {"x"}}, "user repeated_field;"},
		{"CSR-9 repeated alike", map[string][]string{"user": {"x"}, "pw": {"x", "x"}}, "pw repeated_field;"},
		{"all at once, in order", map[string][]string{"z": {"1"}, "pw": {""}, "a": {"1"}}, `user required;pw required;"a" undeclared_field;"z" undeclared_field;`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := c.Parse(tt.sent)
			problems, _ := errors.AsType[form.Problems](err)
			got := ""
			for _, p := range problems {
				got += p.Field + " " + p.Code + ";"
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if v.Has("pw") {
				t.Error("a refused submission still holds the password")
			}
		})
	}
	_, err := c.Parse(many)
	if problems, _ := errors.AsType[form.Problems](err); len(problems) != 8 {
		t.Errorf("got %d problems for 1000 undeclared fields, want 8", len(problems))
	}
}

func TestParseKeepsWhatWasTyped(t *testing.T) {
	c := compile(t, form.Field{Name: "user"}, form.Field{Name: "pw", Type: "password"}, form.Field{Name: "pin", Secret: true},
		form.Field{Name: "mail", Type: "email"}, form.Field{Name: "stay", Type: "checkbox"})
	v, err := c.Parse(map[string][]string{"user": {"ada"}, "pw": {"x"}, "pin": {"1"}, "mail": {"@"}, "stay": {"on"}})
	if err == nil {
		t.Fatal("a bad address was accepted")
	}
	if got := fmt.Sprint(v.Keep()); got != "map[stay:on user:ada]" {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(v.Reveal()); got != "map[stay:on user:ada]" {
		t.Errorf("PAG-5: a refused submission still reveals %s", got)
	}
}

func TestQuiet(t *testing.T) {
	long := strings.Repeat("x", 1025)
	c := compile(t, form.Field{Name: "user"}, form.Field{Name: "pw", Type: "password", Attributes: map[string]any{"minlength": 4}})
	tests := []struct {
		name string
		sent map[string][]string
		want bool
	}{
		{"PWD-2 long password", map[string][]string{"pw": {long}}, true},
		{"PWD-2 long name", map[string][]string{"user": {long}, "pw": {"abcd"}}, false},
		{"PWD-2 long password and long name", map[string][]string{"user": {long}, "pw": {long}}, false},
		{"PWD-8 empty password", map[string][]string{"pw": {""}}, false},
		{"short password", map[string][]string{"pw": {"x"}}, false},
	}
	for _, tt := range tests {
		_, err := c.Parse(tt.sent)
		problems, ok := errors.AsType[form.Problems](err)
		if !ok || problems.Quiet() != tt.want {
			t.Errorf("%s: got %+v, want quiet %v", tt.name, problems, tt.want)
		}
	}
	if (form.Problems{}).Quiet() {
		t.Error("no problem at all is not quiet")
	}
}
