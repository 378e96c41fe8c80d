package sqldb

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// statement is a fixed text with places for values. The values never become
// part of the text (SQL-1).
type statement struct {
	// text is what the server gets, with the engine's own placeholders.
	text string
	// values names, for each value in the order in which the driver takes them,
	// which one it is.
	values []string
}

// parseStatement finds the named placeholders (":username") of a statement and
// writes the engine's own in their place. known are the names that there are;
// the first of them is also what an engine's own placeholder stands for. A text
// of several statements is refused.
func parseStatement(text string, e engine, known ...string) (statement, error) {
	s := &scanner{text: text, engine: e, known: known}
	for s.pos < len(s.text) {
		if err := s.step(); err != nil {
			return statement{}, err
		}
	}
	switch {
	case strings.ContainsRune(text, 0):
		return statement{}, errors.New("has a NUL in it")
	case s.native && s.named:
		return statement{}, errors.New("mixes named placeholders with the engine's own")
	case strings.TrimSpace(s.out.String()) == "":
		return statement{}, errors.New("is empty")
	}
	return statement{text: s.out.String(), values: s.values}, nil
}

// scanner goes through a statement, from one piece to the next: a text in
// quotes, a comment, a placeholder, or a single character.
type scanner struct {
	text          string
	engine        engine
	known         []string
	pos           int
	out           strings.Builder
	values        []string
	ended         bool // after a semicolon
	native, named bool
}

// step copies the next piece.
func (s *scanner) step() error {
	rest := s.text[s.pos:]
	c := rest[0]
	switch {
	case isSpace(c):
		return s.copy(1)
	case s.commentLength(rest) > 0:
		return s.comment(rest)
	case s.ended && c != ';':
		return errors.New("is more than one statement")
	case c == ';':
		s.ended = true
		s.pos++ // not copied: some drivers take a trailing one for a second, empty statement
		return nil
	case c == '\'' || c == '"' || c == '`' && s.engine != postgres:
		return s.quoted(rest, c)
	case c == '$' && s.engine == postgres:
		return s.dollar(rest)
	case c == '?' && s.engine != postgres:
		return s.questionMark(rest)
	case (c == '@' || c == '$') && s.engine == sqlite && len(rest) > 1 && isWord(rest[1]):
		return fmt.Errorf("has a placeholder that begins with %c: write :%s", c, s.known[0])
	case strings.HasPrefix(rest, "::"):
		return s.copy(2)
	case c == ':':
		return s.colon(rest)
	case isLetter(c):
		return s.copy(wordLength(rest))
	}
	return s.copy(1)
}

func (s *scanner) copy(n int) error {
	s.out.WriteString(s.text[s.pos : s.pos+n])
	s.pos += n
	return nil
}

// colon replaces a named placeholder. Any other colon, as in a slice of an
// array or an assignment, is left alone.
func (s *scanner) colon(rest string) error {
	if len(rest) < 2 || !isLetter(rest[1]) {
		return s.copy(1)
	}
	name := rest[1 : 1+wordLength(rest[1:])]
	if !slices.Contains(s.known, name) {
		return fmt.Errorf("has the placeholder :%.40s; there is only :%s", name, strings.Join(s.known, " and :"))
	}
	s.named = true
	s.place(name)
	s.pos += 1 + len(name)
	return nil
}

// place writes the engine's own placeholder for a value.
func (s *scanner) place(name string) {
	if s.engine == mysql {
		s.values = append(s.values, name)
		s.out.WriteByte('?')
		return
	}
	i := slices.Index(s.values, name)
	if i < 0 {
		i = len(s.values)
		s.values = append(s.values, name)
	}
	if s.engine == postgres {
		s.out.WriteByte('$')
	} else {
		s.out.WriteByte('?')
	}
	s.out.WriteString(strconv.Itoa(i + 1))
}

// questionMark is the placeholder of MySQL and SQLite.
func (s *scanner) questionMark(rest string) error {
	if len(rest) > 1 && isWord(rest[1]) {
		return fmt.Errorf("has a placeholder with a number: write :%s", s.known[0])
	}
	s.native = true
	s.place(s.known[0])
	s.pos++
	return nil
}

// dollar is PostgreSQL's placeholder $1, or a text between two $tags$.
func (s *scanner) dollar(rest string) error {
	n := 1
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n > 1 {
		if rest[:n] != "$1" {
			return fmt.Errorf("has the placeholder %.10s; there is one value only, $1 or :%s", rest[:n], s.known[0])
		}
		s.native = true
		s.place(s.known[0])
		s.pos += n
		return nil
	}
	n += wordLength(rest[1:])
	if n >= len(rest) || rest[n] != '$' {
		return s.copy(1)
	}
	tag := rest[:n+1]
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return errors.New("has a text without its closing " + tag)
	}
	return s.copy(len(tag) + end + len(tag))
}

// quoted copies a text or name in quotes. A doubled quote is one of its
// characters; a backslash escapes in MySQL and in PostgreSQL's E'…'.
func (s *scanner) quoted(rest string, quote byte) error {
	escapes := quote != '`' && s.engine == mysql || quote == '\'' && s.engine == postgres && s.escapeString()
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && escapes:
			i++
		case rest[i] == quote && i+1 < len(rest) && rest[i+1] == quote:
			i++
		case rest[i] == quote:
			return s.copy(i + 1)
		}
	}
	return fmt.Errorf("has a text without its closing %c", quote)
}

// escapeString reports whether the quote here is that of an E'…'.
func (s *scanner) escapeString() bool {
	before := s.text[:s.pos]
	if before == "" || before[len(before)-1]|0x20 != 'e' {
		return false
	}
	return len(before) == 1 || !isWord(before[len(before)-2])
}

// commentLength is 0 where no comment begins, else the length of its opening.
func (s *scanner) commentLength(rest string) int {
	switch {
	case strings.HasPrefix(rest, "--"):
		if s.engine == mysql && len(rest) > 2 && rest[2] > ' ' {
			return 0 // there it is twice a minus
		}
		return 2
	case strings.HasPrefix(rest, "/*"):
		return 2
	case rest[0] == '#' && s.engine == mysql:
		return 1
	}
	return 0
}

// comment leaves a comment out; one that MySQL would run is refused.
func (s *scanner) comment(rest string) error {
	if !strings.HasPrefix(rest, "/*") {
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		return s.skip(end)
	}
	if strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!") || strings.HasPrefix(rest, "/*+") {
		return errors.New("has a comment that is run or a hint: write it without")
	}
	depth := 0
	for i := 0; i+1 < len(rest); i++ {
		switch {
		case rest[i:i+2] == "/*" && (depth == 0 || s.engine == postgres): // PostgreSQL's nest
			depth++
			i++
		case rest[i:i+2] == "*/":
			depth--
			i++
			if depth == 0 {
				return s.skip(i + 1)
			}
		}
	}
	return errors.New("has a comment without its closing */")
}

// skip leaves out n bytes; a blank keeps the words beside them apart. Behind two
// minuses of MySQL it would begin a comment.
func (s *scanner) skip(n int) error {
	if s.engine == mysql && strings.HasSuffix(s.out.String(), "--") {
		return errors.New("has a comment right behind --")
	}
	s.out.WriteByte(' ')
	s.pos += n
	return nil
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isLetter(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= 0x80
}
func isWord(c byte) bool { return isLetter(c) || isDigit(c) }

// wordLength is how long the name or number at the beginning is.
func wordLength(s string) int {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

// verb is the first word of a statement, in capitals.
func (s statement) verb() string {
	text := strings.TrimLeft(s.text, " \t\r\n\v\f(")
	return strings.ToUpper(text[:wordLength(text)])
}

// fill returns the values in the driver's order.
func (s statement) fill(values map[string]string) []any {
	filled := make([]any, len(s.values))
	for i, name := range s.values {
		filled[i] = values[name]
	}
	return filled
}
