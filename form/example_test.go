package form_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/ostiary/ostiary/form"
)

func Example() {
	signIn, err := form.Compile(form.Form{
		{Name: "username", Label: "Username", Placeholder: "jsmith", Required: true},
		{Name: "password", Label: "Password", Type: "password"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range signIn.Inputs() {
		fmt.Println(in.Element, in.Name, in.Type, in.Attrs[0])
	}

	values, err := signIn.Parse(map[string][]string{"username": {"jsmith"}, "password": {"open sesame"}})
	fmt.Println(values, err)
	fmt.Println(values.Get("password"))

	_, err = signIn.Parse(map[string][]string{"username": {""}, "password": {"x"}, "admin": {"1"}})
	fmt.Println(err)

	// Output:
	// input username text {autocomplete username false}
	// input password password {autocomplete current-password false}
	// {username:"jsmith" password:***} <nil>
	// open sesame
	// Username is required. "admin" is not a field of this form.
}

func ExampleCompile() {
	_, err := form.Compile(form.Form{
		{Name: "csrfToken"},
		{Name: "pin", Attributes: map[string]any{"onclick": "x()", "maxLength": 6}},
		{Name: "site", Type: "radio"},
	})
	fmt.Println(err)
	// Output:
	// field "csrfToken": the name is reserved, since the page submits its CSRF token under it: choose another
	// field "pin": attribute "onclick" is not allowed: it runs script; put behaviour into a script of your own template
	// field "site": type "radio" is not offered: declare a select with the same options
}

func ExampleFromMap() {
	field, err := form.FromMap("tenant", map[string]any{
		"label":     "Tenant",
		"type":      "select",
		"options":   []any{"north", map[string]any{"value": "south", "label": "The South"}},
		"autofocus": true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(field.Options, field.Attributes)
	// Output: [{north north} {south The South}] map[autofocus:true]
}

func ExampleCompiled_MarshalJSON() {
	c, err := form.Compile(form.Form{{Name: "code", Label: "Code", Required: true, Attributes: map[string]any{
		"readonly": true, "autocorrect": false, "autocapitalize": "characters", "spellcheck": false, "maxlength": 6,
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	encoded, err := c.MarshalJSON()
	fmt.Println(string(encoded), err)
	// Output: {"fields":[{"name":"code","label":"Code","type":"text","element":"input","required":true,"secret":false,"attributes":{"autocapitalize":"characters","autocomplete":"one-time-code","autocorrect":"off","inputmode":"numeric","maxlength":"6","readonly":true,"spellcheck":"false"}}]} <nil>
}

func ExampleProblems() {
	c, err := form.Compile(form.Form{{Name: "year", Label: "Year", Type: "number", Attributes: map[string]any{"min": 1900}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Parse(map[string][]string{"year": {"1812"}})
	if problems, ok := errors.AsType[form.Problems](err); ok {
		fmt.Println(problems[0].Field, problems[0].Code, problems[0].Message)
	}
	// Output: year too_small Year is too small.
}

func ExampleValues_LogValue() {
	c, err := form.Compile(form.Form{{Name: "username"}, {Name: "password", Type: "password"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := c.Parse(map[string][]string{"username": {"ada"}, "password": {"open sesame"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	log.Info("attempt", "credentials", values)
	// Output: level=INFO msg=attempt credentials.username=ada credentials.password=***
}
