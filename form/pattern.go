package form

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// compilePattern turns the value of a pattern attribute into an expression
// that matches what browsers match: a JavaScript expression compiled with the
// v flag and held against the whole value (HTML, section 4.10.5.3.6).
//
// Go's regexp runs in linear time and lacks look-around and back-references;
// patterns that use them are refused, as are those that browsers themselves
// would refuse, since a browser then ignores the attribute without a word.
func compilePattern(source string) (*regexp.Regexp, error) {
	t := &translator{rest: source, length: len(source)}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("at character %d: %w", t.position(), err)
	}
	// Alone first: a)|(b must not close the group that is put around it.
	if _, err := regexp.Compile(t.out.String()); err != nil {
		return nil, unusable(err)
	}
	compiled, err := regexp.Compile(`\A(?:` + t.out.String() + `)\z`)
	if err != nil {
		return nil, unusable(err)
	}
	return compiled, nil
}

func unusable(err error) error {
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Errorf("cannot be used: %s in %s", bad.Code, quote(bad.Expr))
	}
	return fmt.Errorf("cannot be used: %w", err)
}

// The white space of JavaScript's \s, and everything else, as ranges of a Go
// character class.
const (
	space    = `\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	notSpace = `\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
		`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	anyButLineEnd = `[^\n\r\x{2028}\x{2029}]`
)

// Characters with a meaning of their own in JavaScript: outside classes, and
// inside classes under the v flag, where doubled ones are kept for later too.
const (
	syntaxChars     = `^$\.*+?()[]{}|/`
	classChars      = `()[]{}/-\|`
	classDoubled    = "&!#$%*+,.:;<=>?@^`~"
	classEscapeable = "&-!#%,:;<=>@`~"
)

// translator reads a JavaScript expression and writes the same in Go's syntax.
type translator struct {
	rest      string
	length    int
	out       strings.Builder
	names     []string
	assertion bool // what was read last matches a place and no character
}

// position is the number of the character that is being read, from 1.
func (t *translator) position() int { return t.length - len(t.rest) + 1 }

// next takes one character off the front.
func (t *translator) next() rune {
	r, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return r
}

// accept takes s off the front if it is there.
func (t *translator) accept(s string) bool {
	rest, ok := strings.CutPrefix(t.rest, s)
	t.rest = rest
	return ok
}

func (t *translator) run() error {
	for t.rest != "" {
		if err := t.term(); err != nil {
			return err
		}
	}
	return nil
}

// term reads one step of an expression outside classes.
func (t *translator) term() error {
	if t.assertion && strings.IndexByte("*+?{", t.rest[0]) >= 0 {
		return fmt.Errorf("%c has nothing to repeat here", t.rest[0])
	}
	t.assertion = strings.IndexByte("^$", t.rest[0]) >= 0
	switch t.rest[0] {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		return t.group()
	case '{':
		return t.braces()
	case ']', '}':
		return fmt.Errorf(`a single %c must be written \%c`, t.rest[0], t.rest[0])
	case '.':
		t.rest = t.rest[1:]
		t.out.WriteString(anyButLineEnd)
	case '^', '$', ')', '|', '*', '+', '?':
		t.out.WriteByte(t.rest[0])
		t.rest = t.rest[1:]
	default:
		t.literal(t.next())
	}
	return nil
}

func (t *translator) group() error {
	if !strings.HasPrefix(t.rest, "(?") {
		t.accept("(")
		t.out.WriteString("(")
		return nil
	}
	for _, look := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(t.rest, look) {
			return errors.New("look-ahead and look-behind cannot be checked by the server: use minlength and maxlength, or leave it to the system that checks the values")
		}
	}
	switch {
	case t.accept("(?:"):
		t.out.WriteString("(?:")
	case strings.HasPrefix(t.rest, "(?<"):
		return t.groupName()
	default:
		return errors.New("this kind of group is not known everywhere: use (…) or (?:…)")
	}
	return nil
}

func (t *translator) groupName() error {
	end := strings.IndexByte(t.rest, '>')
	if end < 0 || !validName(t.rest[3:end]) || strings.Contains(t.rest[:end], "-") {
		return errors.New("the name of a group is made of letters, digits and _, and > closes it")
	}
	name := t.rest[3:end]
	if slices.Contains(t.names, name) {
		return fmt.Errorf("two groups are named %s", name)
	}
	t.names = append(t.names, name)
	t.out.WriteString("(") // nobody asks for the group by its name
	t.rest = t.rest[end+1:]
	return nil
}

// braces reads {n}, {n,} or {n,m}.
func (t *translator) braces() error {
	end := strings.IndexByte(t.rest, '}')
	if end > 0 {
		from, to, _ := strings.Cut(t.rest[1:end], ",")
		left, n := skipDigits(from)
		right, _ := skipDigits(to)
		if n > 0 && left == "" && right == "" {
			t.out.WriteString(t.rest[:end+1])
			t.rest = t.rest[end+1:]
			return nil
		}
	}
	return errors.New(`a single { must be written \{`)
}

// escape reads a backslash and what belongs to it, outside classes.
func (t *translator) escape() error {
	switch {
	case strings.HasPrefix(t.rest, `\b`), strings.HasPrefix(t.rest, `\B`):
		t.out.WriteString(t.rest[:2])
		t.rest, t.assertion = t.rest[2:], true
		return nil
	case t.accept(`\s`):
		t.out.WriteString("[" + space + "]")
		return nil
	case t.accept(`\S`):
		t.out.WriteString("[^" + space + "]")
		return nil
	}
	if set, err := t.setEscape(); set || err != nil {
		return err
	}
	r, err := t.charEscape(syntaxChars)
	if err == nil {
		t.literal(r)
	}
	return err
}

// setEscape reads an escape that stands for a set of characters and is written
// alike inside and outside classes.
func (t *translator) setEscape() (bool, error) {
	for _, same := range []string{`\d`, `\D`, `\w`, `\W`} {
		if t.accept(same) {
			t.out.WriteString(same)
			return true, nil
		}
	}
	if strings.HasPrefix(t.rest, `\p`) || strings.HasPrefix(t.rest, `\P`) {
		return true, t.property()
	}
	return false, nil
}

// property reads \p{…}: a general category, or a script with its key.
func (t *translator) property() error {
	end := strings.IndexByte(t.rest, '}')
	if end < 0 || t.rest[2] != '{' {
		return errors.New(`\p needs a name in braces, such as \p{L} or \p{Script=Greek}`)
	}
	key, name, keyed := strings.Cut(t.rest[3:end], "=")
	switch {
	case keyed && (key == "Script" || key == "sc"):
		if unicode.Scripts[name] == nil {
			return fmt.Errorf("%s is not a script by its full name", quote(name))
		}
	case keyed && key != "General_Category" && key != "gc":
		return fmt.Errorf("the property %s cannot be checked by the server", quote(key))
	case !keyed && unicode.Scripts[key] != nil:
		return fmt.Errorf(`a script is written \p{Script=%s}`, key)
	case !keyed:
		name = key
		fallthrough
	default:
		if unicode.Categories[name] == nil && unicode.CategoryAliases[name] == "" && (keyed || (name != "Any" && name != "ASCII")) {
			return fmt.Errorf("the property %s cannot be checked by the server", quote(name))
		}
	}
	t.out.WriteString(t.rest[:3] + name + "}")
	t.rest = t.rest[end+1:]
	return nil
}

// charEscape reads an escape that stands for one character. Besides letters
// with a meaning, only the characters in plain may be escaped.
func (t *translator) charEscape(plain string) (rune, error) {
	if len(t.rest) < 2 {
		return 0, errors.New("a backslash at the end escapes nothing")
	}
	c := t.rest[1]
	switch {
	case c == 'x':
		return t.hex(2, 2, 4)
	case c == 'u':
		if end := strings.IndexByte(t.rest, '}'); end > 0 && t.rest[2] == '{' {
			return t.hex(3, end-3, end+1)
		}
		return t.hex(2, 4, 6)
	case isDigit(c) || c == 'k':
		return 0, errors.New("back-references and octal numbers cannot be checked by the server")
	case strings.IndexByte("tnrfv", c) >= 0:
		t.rest = t.rest[2:]
		return rune("\t\n\r\f\v"[strings.IndexByte("tnrfv", c)]), nil
	case strings.IndexByte(plain, c) >= 0:
		t.rest = t.rest[2:]
		return rune(c), nil
	}
	r, _ := utf8.DecodeRuneInString(t.rest[1:])
	return 0, fmt.Errorf("browsers refuse a backslash before %q here: leave the backslash out", r)
}

// hex reads n hexadecimal digits from index start on; the escape ends at end.
func (t *translator) hex(start, n, end int) (rune, error) {
	malformed := errors.New("an escaped character needs its number in hexadecimal digits")
	if n < 1 || n > 8 || end > len(t.rest) {
		return 0, malformed
	}
	code, err := strconv.ParseUint(t.rest[start:start+n], 16, 32)
	if err != nil {
		return 0, malformed
	}
	if !utf8.ValidRune(rune(min(code, unicode.MaxRune+1))) {
		return 0, errors.New(`there is no character of that number; beyond U+FFFF write \u{1F600}`)
	}
	t.rest = t.rest[end:]
	return rune(code), nil
}

// literal writes a character that stands for itself.
func (t *translator) literal(r rune) { t.out.WriteString(literal(r)) }

func literal(r rune) string {
	switch {
	case r < ' ' || r == 0x7f:
		return fmt.Sprintf(`\x%02x`, r)
	case r < utf8.RuneSelf && r != ' ' && !isLetter(byte(r)) && !isDigit(byte(r)):
		return `\` + string(r)
	}
	return string(r)
}
