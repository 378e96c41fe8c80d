package passhash

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// habit is what the form layer of a system does to a password before it hashes
// it. It says false where the system refuses the password unseen.
type habit func(typed string) (password string, ok bool)

// phpTrim is PHP's trim.
func phpTrim(s string) string { return strings.Trim(s, " \t\n\r\x00\x0b") }

// addSlashes is PHP's addslashes, which WordPress does to all that comes in.
var addSlashes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`)

// htmlEscapes is PHP's htmlspecialchars with ENT_COMPAT, which phpBB does to all
// that comes in, and line ends as it wants them.
var htmlEscapes = strings.NewReplacer("\r\n", "\n", "\r", "\n", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func habitWordPress(typed string) (string, bool) { return phpTrim(addSlashes.Replace(typed)), true }

func habitPHPBB(typed string) (string, bool) {
	return phpTrim(norm.NFC.String(htmlEscapes.Replace(typed))), utf8.ValidString(typed)
}

func habitNFC(typed string) (string, bool) { return norm.NFC.String(typed), true }

func habitNFKC(typed string) (string, bool) { return norm.NFKC.String(typed), true }

// habitDrupal refuses more than 512 bytes, habitDiscourse more than 200
// characters.
func habitDrupal(typed string) (string, bool) { return typed, len(typed) <= 512 }

func habitDiscourse(typed string) (string, bool) { return typed, utf8.RuneCountInString(typed) <= 200 }

// typed returns the hash of what a person types into the system's form. Nothing
// typed, or nothing left of it, is never the password (PWD-8). The work is done
// for what is refused as well.
func (h Hash) typed(form habit) Hash {
	inner := h
	h.longest = MaxPassword
	h.matches = func(typed string) bool {
		password, ok := typed, true
		if form != nil {
			password, ok = form(typed)
		}
		return inner.Match(password) && ok && password != ""
	}
	return h
}
