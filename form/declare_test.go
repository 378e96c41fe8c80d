package form_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

func TestFromMap(t *testing.T) {
	tests := []struct {
		name string
		m    map[string]any
		want string
	}{
		{"nothing", nil, "{f     [] false false false 0 map[]}"},
		{"everything", map[string]any{
			"label": "L", "type": "text", "placeholder": "P", "value": 7, "required": true, "secret": true,
			"allow_empty_password": true, "max_bytes": 2048, "autocomplete": "off", "maxLength": 3,
		}, "{f L text P 7 [] true true true 2048 map[autocomplete:off maxLength:3]}"},
		{"list of values", map[string]any{"options": []any{"a", 1, 2.5}}, "{f     [{a a} {1 1} {2.5 2.5}] false false false 0 map[]}"},
		{"list of strings", map[string]any{"options": []string{"b", "a"}}, "{f     [{b b} {a a}] false false false 0 map[]}"},
		{"list of mappings", map[string]any{"options": []any{
			map[string]any{"value": "b", "label": "B"}, map[string]any{"value": "a"}, map[string]any{"c": "C"}, form.Option{Value: "d"},
		}}, "{f     [{b B} {a a} {c C} {d }] false false false 0 map[]}"},
		{"list of maps", map[string]any{"options": []map[string]any{{"value": "b", "label": "B"}}}, "{f     [{b B}] false false false 0 map[]}"},
		{"options themselves", map[string]any{"options": []form.Option{{Value: "b"}}}, "{f     [{b }] false false false 0 map[]}"},
		{"mapping", map[string]any{"options": map[string]any{"b": "B", "a": 1}}, "{f     [{a 1} {b B}] false false false 0 map[]}"},
		{"mapping of strings", map[string]any{"options": map[string]string{"b": "B", "a": "A"}}, "{f     [{a A} {b B}] false false false 0 map[]}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := form.FromMap("f", tt.m)
			if got := fmt.Sprint(f); got != tt.want || err != nil {
				t.Errorf("got  %s %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestFromMapRefuses(t *testing.T) {
	tests := []struct {
		key   string
		value any
		want  string
	}{
		{"label", true, "must be a string"},
		{"label", nil, "has no value"},
		{"type", []any{}, "must be a string"},
		{"required", "yes", "must be true or false"},
		{"secret", 1, "must be true or false"},
		{"max_bytes", "lots", "must be a whole number"},
		{"max_bytes", 0, "must be a whole number"},
		{"options", "a", "must be a list"},
		{"options", []any{[]any{}}, "number 1 must be a string"},
		{"options", []any{"a", map[string]any{"value": "b", "label": "B", "x": 1}}, "number 2 may have value and label"},
		{"options", []any{map[string]any{}}, "must have value and label"},
		{"options", []any{map[string]any{"a": 1, "b": 2}}, "must have value and label"},
		{"options", []any{map[string]any{"value": nil}}, "its value has no value"},
		{"options", map[string]any{"a": []any{}}, `the label of "a" must be a string`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.key, " ", tt.value), func(t *testing.T) {
			_, err := form.FromMap("f", map[string]any{tt.key: tt.value})
			if err == nil || !strings.HasPrefix(err.Error(), `field "f": "`+tt.key+`" `) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want field, key and %q", err, tt.want)
			}
		})
	}
	_, err := form.FromMap("f", map[string]any{"label": nil, "required": "x"})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v, want both faults", err)
	}
}

// A form can be stored as JSON and read again, as a next step does.
func TestFormSurvivesJSON(t *testing.T) {
	f := form.Form{
		{Name: "a", Label: "A", Required: true, Attributes: map[string]any{"maxlength": 12, "autofocus": true, "data-x": 1.5}},
		{Name: "b", Type: "select", Value: "2", Options: []form.Option{{Value: "1"}, {Value: "2", Label: "two"}}},
		{Name: "c", Type: "password", AllowEmptyPassword: true, MaxBytes: 99},
	}
	encoded, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back form.Form
	if err := json.Unmarshal(encoded, &back); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(compile(t, back...).Inputs()), fmt.Sprint(compile(t, f...).Inputs()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFormJSON(t *testing.T) {
	tests := []struct {
		form form.Form
		want string
	}{
		{nil, `{"fields":[]}`},
		{form.Form{{Name: "remember", Label: "<Stay> & \"in\"", Type: "checkbox", Attributes: map[string]any{"checked": true}}}, `{"fields":[{"name":"remember","label":"\u003cStay\u003e \u0026 \"in\"","type":"checkbox","element":"input","value":"on","required":false,"secret":false,"checked":true,"attributes":{}}]}`},
		{form.Form{{Name: "s", Type: "select", Options: []form.Option{{Value: "a"}}, Attributes: map[string]any{"data-z": true, "class": "c"}}}, `{"fields":[{"name":"s","label":"s","type":"select","element":"select","required":false,"secret":false,"options":[{"value":"a","label":"a"}],"attributes":{"class":"c","data-z":true}}]}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(compile(t, tt.form...))
		if string(got) != tt.want || err != nil {
			t.Errorf("got  %s %v\nwant %s", got, err, tt.want)
		}
	}
	if got, err := json.Marshal(new(form.Compiled)); string(got) != `{"fields":[]}` || err != nil {
		t.Errorf("zero value: got %s %v", got, err)
	}
}
