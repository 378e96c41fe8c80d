package command

import (
	"bytes"
	"encoding/json"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// maxState is the most that a next step carries, in bytes.
const maxState = 1 << 10

// readNext reads the step of exit status 2. The error is a *ostiary.NextStep, or
// nonsense: interpreters and shells end with 2 when they don't understand
// something, so that the status alone says nothing.
func readNext(output []byte) error {
	answer, err := object("the answer of exit status 2", output, "next")
	if err != nil {
		return err
	}
	const what = "next"
	next, err := object(what, answer["next"], "code", "title", "message", "fields", "state")
	if err != nil {
		return err
	}
	step := new(ostiary.NextStep)
	for name, to := range map[string]*string{"code": &step.Code, "title": &step.Title, "message": &step.Sentence} {
		s, err := optionalText(what, next, name)
		if err != nil {
			return err
		}
		*to = oneLine(s)
	}
	if step.Form, err = readForm(next["fields"]); err != nil {
		return err
	}
	if step.State, err = readState(next["state"]); err != nil {
		return err
	}
	return step
}

// readForm reads the fields: a list of objects with a name each, or an object of
// names.
func readForm(raw json.RawMessage) (form.Form, error) {
	declared, err := declarations(raw)
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

func declarations(raw json.RawMessage) ([]declaration, error) {
	if raw == nil || isNull(raw) {
		return nil, nil
	}
	switch raw[0] {
	case '[':
		return listed(raw)
	case '{':
		return named(raw)
	}
	return nil, unclear("next: fields is neither a list nor an object")
}

func listed(raw json.RawMessage) ([]declaration, error) {
	var items []json.RawMessage
	if err := decode(raw, &items); err != nil {
		return nil, unclear("next: fields is not a list")
	}
	out := make([]declaration, len(items))
	for i, item := range items {
		keys, err := declared(item, i)
		if err != nil {
			return nil, err
		}
		out[i].name, _ = keys["name"].(string)
		delete(keys, "name")
		out[i].keys = keys
	}
	return out, nil
}

// named keeps the order in which the names were written.
func named(raw json.RawMessage) (out []declaration, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil, unclear("next: fields is not an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, unclear("next: fields is not an object")
		}
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return nil, unclear("next: fields is not an object")
		}
		keys, err := declared(item, len(out))
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		out = append(out, declaration{text, keys})
	}
	return out, nil
}

func declared(item json.RawMessage, i int) (keys map[string]any, err error) {
	if item[0] != '{' || decode(item, &keys) != nil {
		return nil, unclear("next: field number %d is not an object", i+1)
	}
	return keys, nil
}

// readState keeps the state as it was written, as short as it goes.
func readState(raw json.RawMessage) ([]byte, error) {
	if raw == nil || isNull(raw) {
		return nil, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return nil, unclear("next: the state can't be kept")
	}
	if b.Len() > maxState {
		return nil, unclear("next: the state has more than %d bytes", maxState)
	}
	return b.Bytes(), nil
}
