package ldap

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary/form"
)

// template is a text with places for the values of fields: "(uid={username})".
type template struct {
	texts  []string // one more than fields
	fields []string
}

var place = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_-]{0,63})\}`)

func parseTemplate(text string) template {
	var t template
	at := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		t.texts = append(t.texts, text[at:m[0]])
		t.fields = append(t.fields, text[m[2]:m[3]])
		at = m[1]
	}
	t.texts = append(t.texts, text[at:])
	return t
}

// fill puts values into the places. ok is false when one of them can't be there:
// nobody has it, and it must not reach the directory.
func (t template) fill(get func(field string) string, escape func(string) string) (text string, ok bool) {
	var b strings.Builder
	b.WriteString(t.texts[0])
	for i, name := range t.fields {
		value := get(name)
		if !usable(value) {
			return "", false
		}
		b.WriteString(escape(value))
		b.WriteString(t.texts[i+1])
	}
	return b.String(), true
}

// filterTemplate makes filters.
type filterTemplate struct{ template }

func parseFilter(text string) (filterTemplate, error) {
	t := filterTemplate{parseTemplate(text)}
	if len(t.fields) == 0 {
		return t, errors.New("it has no place for what was typed, such as (uid={username})")
	}
	for _, before := range t.texts[:len(t.fields)] {
		if at := strings.LastIndexByte(before, '('); at >= 0 && !strings.Contains(before[at:], "=") {
			return t, errors.New("a {field} may stand for a value only, after the equals sign")
		}
	}
	filled, _ := t.template.fill(func(string) string { return "x" }, func(s string) string { return s })
	if _, err := goldap.CompileFilter(filled); err != nil {
		return t, fmt.Errorf("it is not a filter as RFC 4515 writes them: %w", err)
	}
	if strings.ContainsAny(strings.Join(t.texts, ""), "{}") {
		return t, errors.New("a brace stands for itself as \\7b or \\7d; {field} names a field")
	}
	return t, nil
}

func (t filterTemplate) make(credentials form.Values) (filter string, ok bool) {
	return t.fill(credentials.Get, func(s string) string { return string(inFilter(s)) })
}

// nameTemplate makes what a person binds as: a name, or in Active Directory a user
// principal name.
type nameTemplate struct {
	template
	dn bool
}

func parseName(text string) (nameTemplate, error) {
	t := nameTemplate{template: parseTemplate(text)}
	if len(t.fields) == 0 {
		return t, errors.New("it has no place for what was typed, such as uid={username},ou=people,dc=example,dc=com")
	}
	t.dn = strings.Contains(strings.Join(t.texts, ""), "=")
	if t.dn {
		filled, _ := t.template.fill(func(string) string { return "x" }, func(s string) string { return s })
		if _, err := goldap.ParseDN(filled); err != nil {
			return t, fmt.Errorf("it is not a name as RFC 4514 writes them: %w", err)
		}
	}
	return t, nil
}

// plainName is what may stand in a user principal name; it knows no escaping.
var plainName = regexp.MustCompile(`^[\p{L}\p{N}._-]+$`)

func (t nameTemplate) make(credentials form.Values) (name string, ok bool) {
	if t.dn {
		return t.fill(credentials.Get, func(s string) string { return string(inDN(s)) })
	}
	for _, field := range t.fields {
		if !plainName.MatchString(credentials.Get(field)) {
			return "", false
		}
	}
	return t.fill(credentials.Get, func(s string) string { return s })
}
