package form

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// FromMap reads one field as a configuration file declares it. The keys label,
// type, placeholder, value, options, required, secret, allow_empty_password
// and max_bytes are those of [Field]; every other key is an HTML attribute,
// which [Compile] holds against the allow-list.
//
// Options are a list whose members are plain values, mappings with value and
// label, or mappings of one value to its label; or one mapping of values to
// labels, which is put in the order of the values.
//
// The error joins every fault found, each naming the field and the key.
func FromMap(name string, m map[string]any) (Field, error) {
	f := Field{Name: name}
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if err := f.set(key, m[key]); err != nil {
			faults = append(faults, fmt.Errorf("field %s: %s %w", quote(name), quote(key), err))
		}
	}
	return f, errors.Join(faults...)
}

func (f *Field) set(key string, value any) error {
	switch key {
	case "label":
		return setText(&f.Label, value)
	case "type":
		return setText(&f.Type, value)
	case "placeholder":
		return setText(&f.Placeholder, value)
	case "value":
		return setText(&f.Value, value)
	case "required":
		return setBool(&f.Required, value)
	case "secret":
		return setBool(&f.Secret, value)
	case "allow_empty_password":
		return setBool(&f.AllowEmptyPassword, value)
	case "max_bytes":
		attr, keep, err := whole(1, LargestMaxBytes)(value)
		if keep {
			_, err = fmt.Sscan(attr.Value, &f.MaxBytes)
		}
		return err
	case "options":
		options, err := readOptions(value)
		f.Options = options
		return err
	}
	if f.Attributes == nil {
		f.Attributes = make(map[string]any)
	}
	f.Attributes[key] = value
	return nil
}

func setText(to *string, value any) error {
	s, err := scalar(value)
	*to = s
	return err
}

func setBool(to *bool, value any) error {
	b, ok := value.(bool)
	if !ok {
		return errors.New("must be true or false")
	}
	*to = b
	return nil
}

func readOptions(value any) ([]Option, error) {
	switch v := value.(type) {
	case []Option:
		return slices.Clone(v), nil
	case []string:
		return collect(v, func(s string) (Option, error) { return Option{s, s}, nil })
	case []any:
		return collect(v, readOption)
	case []map[string]any:
		return collect(v, mapOption)
	case map[string]string:
		return collect(slices.Sorted(maps.Keys(v)), func(s string) (Option, error) { return Option{s, v[s]}, nil })
	case map[string]any:
		return collect(slices.Sorted(maps.Keys(v)), func(s string) (Option, error) { return labelled(s, v[s]) })
	}
	return nil, errors.New("must be a list of values, or a mapping of values to labels")
}

func collect[T any](from []T, read func(T) (Option, error)) ([]Option, error) {
	options := make([]Option, 0, len(from))
	for i, item := range from {
		o, err := read(item)
		if err != nil {
			return nil, fmt.Errorf("number %d %w", i+1, err)
		}
		options = append(options, o)
	}
	return options, nil
}

func readOption(item any) (Option, error) {
	switch v := item.(type) {
	case Option:
		return v, nil
	case map[string]any:
		return mapOption(v)
	}
	s, err := scalar(item)
	return Option{s, s}, err
}

// mapOption reads {value: acme, label: Acme Inc.} or {acme: Acme Inc.}.
func mapOption(m map[string]any) (Option, error) {
	if value, ok := m["value"]; ok {
		s, err := scalar(value)
		if err != nil {
			return Option{}, fmt.Errorf("its value %w", err)
		}
		label, labelled := m["label"]
		switch {
		case labelled && len(m) == 2:
			text, err := scalar(label)
			return Option{s, text}, err
		case !labelled && len(m) == 1:
			return Option{s, s}, nil
		}
		return Option{}, errors.New("may have value and label and nothing else")
	}
	if len(m) == 1 {
		for value, label := range m {
			return labelled(value, label)
		}
	}
	return Option{}, errors.New("must have value and label")
}

func labelled(value string, label any) (Option, error) {
	text, err := scalar(label)
	if err != nil {
		return Option{}, fmt.Errorf("the label of %s %w", quote(value), err)
	}
	return Option{value, text}, nil
}
