package server

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ostiary/ostiary/form"
)

// formFields reads the fields of a form: a mapping in the order of the page.
// What the keys below each name may be is the business of package form.
func formFields() kind[form.Form] {
	return kind[form.Form]{
		read: readFields,
		schema: func() schema {
			return schema{
				"type": "object", "maxProperties": form.MaxFields,
				"additionalProperties": schema{"type": []string{"object", "null"}, "properties": fieldSchema()},
			}
		},
		below: func(prefix string) []Key {
			return []Key{{Path: prefix + ".*", Doc: "One field. Its keys are those of a form field, and any HTML attribute of the allow-list."}}
		},
	}
}

// fieldKeys are the keys of a field that are not HTML attributes, and the
// attributes that people write most.
var fieldKeys = []string{
	"label", "type", "placeholder", "value", "options", "required", "secret", "allow_empty_password", "max_bytes",
	"autocomplete", "inputmode", "pattern", "minlength", "maxlength", "title",
}

func fieldSchema() schema {
	text := schema{"type": []string{"string", "number"}}
	flag := schema{"type": "boolean"}
	return schema{
		"label": text, "placeholder": text, "value": text, "required": flag, "secret": flag,
		"allow_empty_password": flag,
		"max_bytes":            schema{"type": "integer", "minimum": 1, "maximum": form.LargestMaxBytes},
		"type": schema{"enum": []string{
			"text", "password", "email", "tel", "number", "url", "search", "date", "checkbox", "select", "hidden",
		}},
		"options": schema{"type": []string{"array", "object"}, "maxItems": form.MaxOptions, "maxProperties": form.MaxOptions},
	}
}

func readFields(r *reader, at place, to *form.Form) {
	at, ok := r.resolve(at)
	if !ok {
		return
	}
	if at.node.Kind == yaml.SequenceNode {
		r.faultAt(at, "must be a mapping of names to fields, such as {username: {label: Username}}, not a list")
		return
	}
	names, places, ok := r.entries(at, "field names to fields")
	if !ok {
		return
	}
	before := len(r.faults)
	for i, name := range names {
		if f, ok := r.readField(name, places[i]); ok {
			*to = append(*to, f)
		}
	}
	if len(r.faults) == before {
		if _, err := form.Compile(*to); err != nil { // what only shows in the whole form
			r.formFaults(at, err)
		}
	}
}

func (r *reader) readField(name string, at place) (f form.Field, ok bool) {
	at, ok = r.resolve(at)
	if !ok {
		return f, false
	}
	if at.node.Kind == yaml.ScalarNode && !isNull(at.node) {
		r.faultAt(at, "must be a mapping such as {label: Username, type: text}, not a single value")
		return f, false
	}
	keys, values, ok := r.entries(at, "keys")
	if !ok {
		return f, false
	}
	before := len(r.faults)
	declared := make(map[string]any, len(keys))
	for i, key := range keys {
		if v, ok := r.plain(values[i], 0); ok {
			declared[key] = v
		}
	}
	f, err := form.FromMap(name, declared)
	if err != nil {
		r.formFaults(at, err)
		return f, false
	}
	if len(r.faults) > before {
		return f, false
	}
	if _, err := form.Compile(form.Form{f}); err != nil {
		r.formFaults(at, err)
		return f, false
	}
	return f, true
}

// plain turns a node into what package form reads: bools, numbers, text, and
// lists and mappings of them for options. A mapping keeps its order by becoming
// a list of mappings with one member each.
func (r *reader) plain(at place, depth int) (any, bool) {
	at, ok := r.resolve(at)
	if !ok {
		return nil, false
	}
	if depth > 2 {
		r.faultAt(at, "is nested too deeply")
		return nil, false
	}
	switch at.node.Kind {
	case yaml.SequenceNode:
		items := r.items(at)
		out := make([]any, 0, len(items))
		for _, item := range items {
			if v, ok := r.plain(item, depth+1); ok {
				out = append(out, v)
			}
		}
		return out, len(out) == len(items)
	case yaml.MappingNode:
		return r.plainMapping(at, depth)
	}
	s, ok := r.scalar(at)
	if !ok {
		return nil, false
	}
	if s.foreign || s.quoted {
		return s.text, true
	}
	switch s.tag {
	case "!!bool":
		return strings.EqualFold(s.text, "true"), true
	case "!!int":
		if n, err := strconv.Atoi(s.text); err == nil && strconv.Itoa(n) == s.text {
			return n, true
		}
	}
	return s.text, true
}

func (r *reader) plainMapping(at place, depth int) (any, bool) {
	keys, values, ok := r.entries(at, "values to labels")
	if !ok {
		return nil, false
	}
	whole := make(map[string]any, len(keys))
	ordered := make([]any, 0, len(keys))
	for i, key := range keys {
		v, ok := r.plain(values[i], depth+1)
		if !ok {
			return nil, false
		}
		whole[key] = v
		ordered = append(ordered, map[string]any{key: v})
	}
	if depth == 0 {
		return ordered, true
	}
	return whole, true
}

// formFault matches how package form names field and key.
var formFault = regexp.MustCompile(`(?s)^field "((?:[^"\\]|\\.)*)"[: ]+(?:(?:attribute )?"((?:[^"\\]|\\.)*)" )?(.*)$`)

// formFaults gives the faults that package form found the lines and paths of
// the file. at is the fields mapping, or one field of it.
func (r *reader) formFaults(at place, err error) {
	for _, message := range messages(err) {
		m := formFault.FindStringSubmatch(message)
		if m == nil {
			r.faultAt(at, "%s", message)
			continue
		}
		path := at.path
		if !strings.HasSuffix(path, "."+m[1]) && printableKey(m[1]) {
			path += "." + m[1]
		}
		text := m[3]
		if m[2] != "" && printableKey(m[2]) {
			path += "." + m[2]
			if meant := suggest(m[2], fieldKeys); meant != "" && meant != m[2] && strings.Contains(text, "not on the list") {
				text = "unknown key; did you mean " + meant + "?"
			}
		}
		r.fault(path, r.lineFor(path), "%s", text)
	}
}
