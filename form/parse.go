package form

import (
	"maps"
	"slices"
)

// Parse reads a submission. The caller has taken the fields of the protocol
// itself (CSRF token, destination) out of values.
//
// Each declared field may be there once; a field that is not declared, a
// repeated one, and a value that does not keep to the declaration are refused.
// The error is a [Problems]. The Values that come with it hold what was well
// formed and not secret, good only for showing the form again with [Values.Keep].
//
// Values are taken as they are. In a checkbox the declared value and "true"
// count as ticked and read as the declared value; "false" and "" count as not
// ticked, which is as if the checkbox had not been submitted.
func (c *Compiled) Parse(values map[string][]string) (Values, error) {
	s := submission{fields: c.fields, entries: make([]entry, len(c.fields))}
	var problems Problems
	known := 0
	for i := range c.fields {
		fd := &c.fields[i]
		given, ok := values[fd.name]
		if ok {
			known++
		}
		e, p := fd.take(given)
		if p.Code != "" {
			problems = append(problems, p)
			continue
		}
		s.entries[i] = e
	}
	if known < len(values) {
		problems = append(problems, c.undeclared(values)...)
	}
	if len(problems) > 0 {
		s.dropSecrets()
		return s.values(), problems
	}
	return s.values(), nil
}

// take reads the values given under the name of one field.
func (fd *field) take(given []string) (entry, Problem) {
	switch {
	case len(given) > 1:
		return entry{}, fd.problem(CodeRepeated)
	case len(given) == 0 && fd.fixed && !fd.disabled:
		return entry{fd.value, true}, Problem{}
	case len(given) == 0 && fd.required:
		return entry{}, fd.problem(CodeRequired)
	case len(given) == 0:
		return entry{}, Problem{}
	case fd.disabled:
		return entry{}, fd.problem(CodeFixed)
	}
	value := given[0]
	if p := fd.check(value); p.Code != "" {
		return entry{}, p
	}
	if fd.kind == kindCheckbox {
		on, _ := fd.tick(value)
		return entry{fd.value, on}, Problem{}
	}
	return entry{value, true}, Problem{}
}

// undeclared names the fields that the form does not have. The names come from
// the client, so only a few are repeated, and those made harmless.
func (c *Compiled) undeclared(values map[string][]string) []Problem {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(c.fields, func(fd field) bool { return fd.name == name }) {
			names = append(names, name)
		}
		if len(names) == mostUndeclared {
			break
		}
	}
	problems := make([]Problem, len(names))
	for i, name := range names {
		q := quote(name)
		problems[i] = Problem{Field: q, Code: CodeUndeclared, Message: q + " " + sentences[CodeUndeclared]}
	}
	return problems
}
