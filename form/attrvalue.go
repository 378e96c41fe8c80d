package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// boolean reads an attribute that HTML gives by its mere presence.
func boolean(value any) (Attr, bool, error) {
	switch v := value.(type) {
	case bool:
		return Attr{Bare: true}, v, nil
	case string:
		// HTML counts required="false" as required: whoever writes it means
		// the opposite of what browsers do.
		if v == "" || v == "true" {
			return Attr{Bare: true}, true, nil
		}
	}
	return Attr{}, false, errors.New("is there or not: write true or false")
}

// words reads an attribute with a closed list of values. The first two
// arguments are the words for false and true, or empty: then false leaves the
// attribute out and true is refused.
func words(no, yes string, allowed ...string) func(any) (Attr, bool, error) {
	return func(value any) (Attr, bool, error) {
		word := ""
		if b, ok := value.(bool); ok {
			if !b && no == "" {
				return Attr{}, false, nil
			}
			if word = no; b {
				word = yes
			}
		} else if s, err := scalar(value); err == nil {
			word = strings.ToLower(s)
		}
		if word == "" || !slices.Contains(allowed, word) {
			return Attr{}, false, fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
		}
		return Attr{Value: word}, true, nil
	}
}

// whole reads a whole number from least to most.
func whole(least, most int) func(any) (Attr, bool, error) {
	return func(value any) (Attr, bool, error) {
		if value == false {
			return Attr{}, false, nil
		}
		s, err := scalar(value)
		if err != nil {
			return Attr{}, false, err
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return Attr{}, false, fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		return Attr{Value: strconv.Itoa(n)}, true, nil
	}
}

// text reads any line of text.
func text(value any) (Attr, bool, error) {
	if value == false {
		return Attr{}, false, nil
	}
	s, err := scalar(value)
	if err == nil {
		err = checkText(s)
	}
	return Attr{Value: s}, err == nil, err
}

// data reads the value of a data attribute, which may also stand bare.
func data(value any) (Attr, bool, error) {
	if value == true {
		return Attr{Bare: true}, true, nil
	}
	return text(value)
}

// language reads a language tag such as de or pt-BR.
func language(value any) (Attr, bool, error) {
	attr, keep, err := text(value)
	if !keep {
		return attr, keep, err
	}
	for i, part := range strings.Split(attr.Value, "-") {
		letters := strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		alnum := strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
		if part == "" || len(part) > 8 || !alnum || (i == 0 && !letters) {
			return Attr{}, false, errors.New("must be a language tag such as de or pt-BR")
		}
	}
	return attr, true, nil
}

// scalar gives the text of a string, a number or a date; a configuration file
// may yield any of them for the same key.
func scalar(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case time.Time:
		return v.Format(time.DateOnly), nil
	case nil:
		return "", errors.New("has no value: give one, or false to leave it out")
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return "", errors.New("must be a finite number")
		}
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	}
	return "", errors.New("must be a string or a number")
}

// checkText refuses what must not stand in an attribute or a label.
func checkText(s string) error {
	switch {
	case len(s) > longestAttribute:
		return fmt.Errorf("is %d bytes long: at most %d are allowed", len(s), longestAttribute)
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("holds a control character: remove it")
	}
	return nil
}
