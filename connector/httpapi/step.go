package httpapi

import (
	"bytes"
	"encoding/json"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// maxState is the most that a next step carries, in bytes.
const maxState = 1 << 10

// nextStep reads the object "next". The error is a *ostiary.NextStep, or
// nonsense that quotes nothing of it: fields and state may hold secrets.
func nextStep(next *object) error {
	step := new(ostiary.NextStep)
	for name, to := range map[string]*string{"code": &step.Code, "title": &step.Title, "message": &step.Sentence} {
		v, ok := next.members[name]
		if !ok || v == nil {
			continue
		}
		text, ok := v.(string)
		if !ok {
			return unclear("next: %s is not a text", name)
		}
		*to = oneLine(text)
	}
	fields, err := stepForm(next.members["fields"])
	if err != nil {
		return err
	}
	step.Form = fields
	if step.State, err = stepState(next.members["state"]); err != nil {
		return err
	}
	return step
}

// stepForm reads the fields: a list of objects with a name each, or an object
// of names.
func stepForm(v any) (form.Form, error) {
	declared, err := declarations(v)
	if err != nil {
		return nil, err
	}
	if len(declared) > form.MaxFields {
		return nil, unclear("next: more than %d fields", form.MaxFields)
	}
	out := make(form.Form, 0, len(declared))
	for i, d := range declared {
		field, err := form.FromMap(d.name, d.keys)
		if err == nil {
			_, err = form.Compile(form.Form{field})
		}
		if err != nil {
			return nil, unclear("next: field number %d is not one that a form may have", i+1)
		}
		if field.Name == stateName {
			return nil, unclear("next: field number %d is named %q, which is the name of the state", i+1, stateName)
		}
		out = append(out, field)
	}
	if _, err := form.Compile(out); err != nil {
		return nil, unclear("next: the fields do not make a form: is a name there twice?")
	}
	return out, nil
}

type declaration struct {
	name string
	keys map[string]any
}

func declarations(v any) (out []declaration, err error) {
	switch v := v.(type) {
	case nil:
	case []any:
		for i, item := range v {
			o, _ := item.(*object)
			if o == nil {
				return nil, unclear("next: field number %d is not an object", i+1)
			}
			keys := o.plain()
			name, _ := keys["name"].(string)
			delete(keys, "name")
			out = append(out, declaration{name, keys})
		}
	case *object:
		for i, name := range v.names {
			o, _ := v.members[name].(*object)
			if o == nil {
				return nil, unclear("next: field number %d is not an object", i+1)
			}
			out = append(out, declaration{name, o.plain()})
		}
	default:
		return nil, unclear("next: fields is neither a list nor an object")
	}
	return out, nil
}

// stepState encodes the state again, as short as it goes.
func stepState(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(plain(v)); err != nil {
		return nil, unclear("next: the state can't be kept")
	}
	state := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(state) > maxState {
		return nil, unclear("next: the state has more than %d bytes", maxState)
	}
	return state, nil
}
