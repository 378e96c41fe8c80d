package command

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

const (
	mask = "***"
	// shortest is the length from which a secret can be told from chance.
	shortest = 4
	// withheld stands for all that was written when a secret is shorter.
	withheld  = "(withheld: a secret of this attempt is too short to be found in it)"
	truncated = "(more was written)"
)

// secrets finds what must not be in a log; called only when there is something to
// hide it in. short reports a secret that is too short to be masked.
type secrets func() (long []string, short bool)

// secretsOf are the values of one attempt, whether or not their field is a secret
// one: passwords are typed into the wrong field, too. With them go the texts of
// the step's state and the values of the program's environment.
func secretsOf(ctx context.Context, values form.Values, env map[string]string) secrets {
	return func() (long []string, short bool) {
		shown := values.Keep()
		for _, name := range values.Names() {
			value := values.Get(name)
			_, public := shown[name]
			short = short || !public && value != "" && len(value) < shortest
			long = append(long, value)
		}
		if state, ok := ostiary.StepState(ctx); ok {
			long = append(long, textsOf(state)...)
		}
		for _, value := range env {
			long = append(long, value)
		}
		long = slices.DeleteFunc(long, func(s string) bool { return len(s) < shortest })
		return long, short
	}
}

// textsOf are the texts in a JSON value.
func textsOf(text []byte) (found []string) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return found
		}
		switch token := token.(type) {
		case string:
			found = append(found, token)
		case json.Number:
			found = append(found, token.String())
		}
	}
}

// lines is what was written to the standard error, fit for a log: without secrets
// and control characters, cut.
func (c *chatter) lines(find secrets) []string {
	if len(bytes.TrimSpace(c.text)) == 0 {
		return nil
	}
	long, short := find()
	if short {
		return []string{withheld}
	}
	text, cut := conceal(string(c.text), long, c.cut), c.cut
	if len(text) > maxShown {
		text, cut = text[:maxShown], true
	}
	lines := split(text)
	if cut {
		lines = append(lines, truncated)
	}
	return lines
}

func split(text string) (lines []string) {
	for line := range strings.Lines(strings.ToValidUTF8(text, "�")) {
		line = strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, line))
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// conceal masks every secret in the forms that programs print. Of a text that was
// cut it also takes the beginning of one at the end.
func conceal(text string, long []string, cut bool) string {
	var forms []string
	for _, secret := range long {
		forms = append(forms, formsOf(secret)...)
	}
	// The longest first: one may be part of another.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	for _, form := range slices.Compact(forms) {
		text = strings.ReplaceAll(text, form, mask)
	}
	if cut {
		text = dropBeginning(text, forms)
	}
	return text
}

// formsOf are the ways in which a text is usually written.
func formsOf(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string doesn't fail
	var plain bytes.Buffer
	writeText(&plain, secret)
	forms := []string{
		secret, string(quoted[1 : len(quoted)-1]), string(plain.Bytes()[1 : plain.Len()-1]),
		strings.ReplaceAll(secret, `'`, `'\''`), strings.ReplaceAll(secret, `'`, `'"'"'`),
		url.QueryEscape(secret), url.PathEscape(secret),
		hex.EncodeToString([]byte(secret)),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	return append(forms, longLines(secret)...)
}

// longLines are the lines of a secret that has several: programs that read by the
// line print them so.
func longLines(secret string) (lines []string) {
	if !strings.ContainsAny(secret, "\r\n") {
		return nil
	}
	for line := range strings.FieldsFuncSeq(secret, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if len(line) >= shortest {
			lines = append(lines, line)
		}
	}
	return lines
}

// dropBeginning cuts whatever a secret begins with off the end of text.
func dropBeginning(text string, forms []string) string {
	for {
		longest := 0
		for _, form := range forms {
			for n := min(len(form)-1, len(text)); n > longest; n-- {
				if strings.HasSuffix(text, form[:n]) {
					longest = n
				}
			}
		}
		if longest == 0 {
			return text
		}
		text = text[:len(text)-longest]
	}
}
