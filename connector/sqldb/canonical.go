package sqldb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ostiary/ostiary/internal/account"
)

// maxName is how long a typed name may be, in bytes: 64 characters of a mailbox,
// @, 255 of a domain, and room.
const maxName = 512

// login is one way of naming an account: how a system looks for what was typed,
// and what the row that it found must hold.
type login struct {
	// value is the name of the placeholder, column that of the result.
	value, column string
	// ask spells what was typed as the system stores it.
	ask func(string) string
	// same spells both sides where letter case is no difference to the system.
	// A collation of the database may find more than that (SQL-2).
	same func(string) string
}

func (l login) matches(typed, returned string) bool {
	asked := l.ask(typed)
	return asked != "" && returned != "" && l.same(asked) == l.same(returned)
}

// usable reports whether what was typed can be the name of anybody at all. NUL
// and broken UTF-8 are faults to some servers, not names.
func usable(typed string) bool {
	return typed != "" && len(typed) <= maxName && utf8.ValidString(typed) && strings.IndexByte(typed, 0) < 0
}

func exact(s string) string { return s }

func trimmed(s string) string { return strings.TrimSpace(s) }

// lower is for systems that keep names in small letters, or compare so.
func lower(s string) string { return norm.NFC.String(strings.ToLower(strings.TrimSpace(s))) }

// compatible is the form in which Django stores names.
func compatible(s string) string { return norm.NFKC.String(s) }

// upperInvariant is ASP.NET's UpperInvariantLookupNormalizer: normal form C, then
// capitals one to one, of any language.
func upperInvariant(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ı', 'İ', 'ß': // they have no single invariant capital
			return r
		}
		return unicode.ToUpper(r)
	}, norm.NFC.String(s))
}

// wikiName is how MediaWiki spells a name: single spaces for underscores, and a
// capital first.
func wikiName(s string) string {
	s = strings.Join(strings.FieldsFunc(norm.NFC.String(s), func(r rune) bool {
		return r == '_' || unicode.IsSpace(r)
	}), " ")
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// cleanName comes close to phpBB's username_clean: compatibility forms and
// letter case are no difference, blanks are single. phpBB takes some letters that
// look alike for one another as well; such names are not found.
func cleanName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if name, err := account.Name(s); err == nil {
		return name
	}
	return strings.ToLower(s)
}

// counted is our own rule, under which names are counted everywhere (IDN-1). It
// stands where the operator wrote the query.
func counted(s string) string {
	if name, err := account.Name(s); err == nil {
		return name
	}
	return s
}
