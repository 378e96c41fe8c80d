package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/strictjson"
)

func TestObject(t *testing.T) {
	for text, want := range map[string]map[string]string{
		`{}`:                                {},
		" \t\r\n{ } \n":                     {},
		`{"a":"x","b":1}`:                   {"a": `"x"`, "b": `1`},
		"{ \"a\" \n:\t\"x\" , \"b\":1 }":    {"a": `"x"`, "b": `1`},
		`{"a":": ,"}`:                       {"a": `": ,"`},
		`{"a":{"b":[1,{"c":null}]},"d":[]}`: {"a": `{"b":[1,{"c":null}]}`, "d": `[]`},
		`{"a":1,"A":2}`:                     {"a": "1", "A": "2"},
		`{"":0}`:                            {"": "0"},
		`{"\u0061\n":1e999}`:                {"a\n": "1e999"},
		`{"a":"\ud83d\udd11\\ud800"}`:       {"a": `"\ud83d\udd11\\ud800"`},
		`{"a":"{[","b":"\"{"}`:              {"a": `"{["`, "b": `"\"{"`},
		`{"x":` + nested(31) + `}`:          {"x": nested(31)},
	} {
		members, err := strictjson.Object([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := map[string]string{}
		for name, raw := range members {
			got[name] = string(raw)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestObjectRefuses(t *testing.T) {
	for name, list := range map[string][]string{
		"CSR-9 a name twice": {
			`{"a":1,"a":1}`, `{"a":1,"b":2,"a":3}`, `{"a":1,"\u0061":2}`, `{"":1,"":2}`,
			`{"x":{"a":1,"a":2}}`, `{"x":[{"a":1,"a":2}]}`, `{"x":{"y":{"a":1,"\u0061":2}}}`,
		},
		"something else": {``, ` `, `null`, `true`, `1`, `"a"`, `[]`, `[{}]`, `a=b`},
		"more than one":  {`{}{}`, `{} x`, `{}]`, `{},`, "{}\x00", `{"a":1}}`},
		"no JSON": {
			`{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a"::1}`, `{"a":,}`, `{a:1}`, `{'a':1}`,
			`{1:1}`, `{null:1}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":NaN}`, `{"a":tru}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[}`, `{"a":{]}`,
			`{/**/}`, `{"a":1 //` + "\n}", "{\"a\":\"\n\"}", `{"a":"\x"}`, `{"a":"\u00"}`, `{"a":"`, `{"a":"\`, `{"a":"\u`,
		},
		"PWD-1 bytes that are no text": {"{\"a\":\"\xff\"}", "{\"\xff\":1}", "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00"},
		"PWD-1 half a character": {
			`{"a":"\ud800"}`, `{"a":"\udc00"}`, `{"a":"\udc00\ud800"}`, `{"a":"\ud800\ud800\udc00"}`, `{"a":"\ud800x"}`, `{"a":"\ud800\n"}`,
			`{"\uD800":1}`, `{"a":"\\\ud800"}`,
		},
		"too deep": {`{"x":` + nested(32) + `}`, `{"x":` + strings.Repeat("[", 100_000), strings.Repeat(`{"x":`, 100_000)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range list {
				if members, err := strictjson.Object([]byte(text)); members != nil || !errors.Is(err, strictjson.ErrInvalid) {
					t.Errorf("%.60q gives %v, %v, want ErrInvalid", text, members, err)
				}
			}
		})
	}
}

func TestFields(t *testing.T) {
	members, err := strictjson.Object([]byte(
		`{"text":"a\u00fc\n","empty":"","whole":7,"long":12345678901234567890,"real":-1.50e+3,"yes":true,"no":false,"none":null}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := strictjson.Fields(members)
	want := map[string][]string{
		"text": {"aü\n"}, "empty": {""}, "whole": {"7"}, "long": {"12345678901234567890"}, "real": {"-1.50e+3"}, "yes": {"true"}, "no": {"false"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, raw := range []string{`{}`, `[]`, `["a"]`, `{"a":1}`, ``, `"half`} {
		got, err := strictjson.Fields(map[string]json.RawMessage{"a": json.RawMessage(raw)})
		if got != nil || !errors.Is(err, strictjson.ErrInvalid) {
			t.Errorf("%q gives %q, %v, want ErrInvalid", raw, got, err)
		}
	}
}

// FuzzObject holds what is accepted against encoding/json, which is more lenient.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{"a":"x","b":[1,{"c":null}]}`, `{"a":1,"\u0061":2}`, `{"a":"\ud83d\udd11"}`, `{"a":{"b":1,"b":2}}`, ` {"a" : 1e5 } `, `{"a":1}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members, err := strictjson.Object(text)
		var theirs map[string]json.RawMessage
		lenient := json.Unmarshal(text, &theirs)
		if err != nil {
			if lenient == nil && theirs != nil && harmless(text) {
				t.Errorf("%q is refused without a reason", text)
			}
			return
		}
		if lenient != nil || len(theirs) != len(members) {
			t.Fatalf("%q gives %q, encoding/json has %q (%v)", text, members, theirs, lenient)
		}
		for name, raw := range members {
			if !bytes.Equal(raw, theirs[name]) {
				t.Errorf("%q: member %q is %q, encoding/json has %q", text, name, raw, theirs[name])
			}
		}
		fields, err := strictjson.Fields(members)
		for name := range fields {
			if s := fields[name]; err == nil && (len(s) != 1 || theirs[name] == nil) {
				t.Errorf("%q: field %q is %q", text, name, s)
			}
		}
	})
}

// harmless reports whether a JSON object can't hold anything that we refuse: it
// has no escapes, no bytes beyond ASCII, no nesting, and all names differ.
func harmless(text []byte) bool {
	if bytes.ContainsAny(text, "\\[") || bytes.Count(text, []byte("{")) > 1 || bytes.ContainsFunc(text, func(r rune) bool { return r > 0x7e }) {
		return false
	}
	var names []string
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber()
	tokens.Token()
	for tokens.More() {
		name, _ := tokens.Token()
		tokens.Token()
		names = append(names, name.(string))
	}
	slices.Sort(names)
	return len(slices.Compact(names)) == len(names)
}

func BenchmarkObject(b *testing.B) {
	text := []byte(`{"username":"ada","password":"correct horse","csrfToken":"` + strings.Repeat("0f", 32) + `","callbackUrl":"http://localhost:3000/","json":"true"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := strictjson.Object(text); err != nil {
			b.Fatal(err)
		}
	}
}
