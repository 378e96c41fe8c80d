package form

import (
	"errors"
	"fmt"
	"strings"
)

// class reads a character class. The v flag allows sets within sets and their
// arithmetic, which Go does not have, and for their sake asks for more
// backslashes than older patterns have.
func (t *translator) class() error {
	t.accept("[")
	t.out.WriteString("[")
	if t.accept("^") {
		t.out.WriteString("^")
	}
	if strings.HasPrefix(t.rest, "]") {
		return errors.New("an empty class cannot be checked by the server")
	}
	for !t.accept("]") {
		if t.rest == "" {
			return errors.New("the class has no closing ]")
		}
		if err := t.classMember(); err != nil {
			return err
		}
	}
	t.out.WriteString("]")
	return nil
}

// classMember reads a set, a character or a range of them.
func (t *translator) classMember() error {
	if set, err := t.classSet(); set || err != nil {
		if err == nil && strings.HasPrefix(t.rest, "-") {
			return errors.New(`a set cannot begin a range: write \- for a hyphen`)
		}
		return err
	}
	low, err := t.classChar()
	if err != nil {
		return err
	}
	t.literal(low)
	if !strings.HasPrefix(t.rest, "-") {
		return nil
	}
	if strings.HasPrefix(t.rest, "-]") || strings.HasPrefix(t.rest, "--") {
		return errors.New(`browsers ask for \- here, since the hyphen is not part of a range`)
	}
	t.accept("-")
	high, err := t.classChar()
	if err != nil {
		return err
	}
	if high < low {
		return fmt.Errorf("the range from %q to %q runs backwards", low, high)
	}
	t.out.WriteString("-")
	t.literal(high)
	return nil
}

func (t *translator) classSet() (bool, error) {
	switch {
	case t.accept(`\s`):
		t.out.WriteString(space)
		return true, nil
	case t.accept(`\S`):
		t.out.WriteString(notSpace)
		return true, nil
	}
	return t.setEscape()
}

func (t *translator) classChar() (rune, error) {
	if strings.HasPrefix(t.rest, `\`) {
		return t.charEscape(syntaxChars + classEscapeable)
	}
	if t.rest == "" {
		return 0, errors.New("the class has no closing ]")
	}
	c := t.rest[0]
	if strings.IndexByte(classChars, c) >= 0 {
		return 0, fmt.Errorf(`browsers ask for \%c inside a class`, c)
	}
	if len(t.rest) > 1 && t.rest[1] == c && strings.IndexByte(classDoubled, c) >= 0 {
		return 0, fmt.Errorf("browsers keep a doubled %c inside a class for later: write it once", c)
	}
	return t.next(), nil
}
