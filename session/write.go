package session

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// appendClaims appends the claims as one JSON object, in the order in which
// next-auth writes them, with ours in between.
func (t *Token) appendClaims(dst []byte) ([]byte, error) {
	w := writer{buf: append(dst, '{')}
	w.text("name", t.Name)
	w.text("email", t.Email)
	w.text("picture", t.Picture)
	w.string("sub", t.Subject)
	w.string("sid", t.SessionID)
	w.string("realm", t.Realm)
	w.string("provider", t.Provider)
	w.seconds("auth_time", t.AuthTime)
	w.seconds("orig_iat", t.Started)
	w.seconds("max_age", t.MaxAge)
	w.seconds("checked_at", t.CheckedAt)
	if t.Transient {
		w.name("transient")
		w.buf = append(w.buf, "true"...)
	}
	w.list("amr", t.Methods)
	w.list("factors", t.Factors)
	w.seconds("factor_time", t.FactorTime)
	w.seconds("epoch", t.Epoch)
	w.list("groups", t.Groups)
	for _, c := range t.Extra.list {
		if !t.carried(c.name) {
			return nil, fmt.Errorf("%w: %q", ErrReserved, c.name)
		}
		w.extra(c.name, c.value)
	}
	w.seconds("nbf", t.NotBefore)
	w.seconds("iat", t.IssuedAt)
	w.seconds("exp", t.Expires)
	w.string("jti", t.ID)
	return append(w.buf, '}'), w.err
}

// writer appends JSON members; err is the first thing that can't be written.
type writer struct {
	buf   []byte
	comma bool
	err   error
}

// next begins a member.
func (w *writer) next() {
	if w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
}

// name begins a member whose name needs no escaping.
func (w *writer) name(name string) {
	w.next()
	w.buf = append(append(append(w.buf, '"'), name...), '"', ':')
}

func (w *writer) text(name string, t Text) {
	switch {
	case t.IsNull():
		w.name(name)
		w.buf = append(w.buf, "null"...)
	case t.Present():
		w.name(name)
		w.quote(name, t.Value())
	}
}

func (w *writer) string(name, value string) {
	if value != "" {
		w.name(name)
		w.quote(name, value)
	}
}

func (w *writer) seconds(name string, n int64) {
	switch {
	case n < 0:
		w.fail(name, "is negative")
	case n > 0:
		w.name(name)
		w.buf = strconv.AppendInt(w.buf, n, 10)
	}
}

func (w *writer) list(name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.name(name)
	for i, s := range list {
		w.buf = append(w.buf, "[,"[min(i, 1)])
		w.quote(name, s)
	}
	w.buf = append(w.buf, ']')
}

func (w *writer) extra(name, value string) {
	w.next()
	w.quote(name, name)
	w.buf = append(w.buf, ':')
	if !wellFormedValue(value) {
		w.fail(name, "is not a plain JSON value")
		return
	}
	w.buf = append(w.buf, value...)
}

// quote appends a JSON string as JSON.stringify writes it.
func (w *writer) quote(name, s string) {
	if !utf8.ValidString(s) {
		w.fail(name, "is not valid UTF-8")
		return
	}
	w.buf = append(w.buf, '"')
	start := 0
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			w.buf = append(w.buf, s[start:i]...)
			w.buf = appendEscape(w.buf, c)
			start = i + 1
		}
	}
	w.buf = append(append(w.buf, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, `\u00`+string([]byte{hex[c>>4], hex[c&15]})...)
}

func (w *writer) fail(name, what string) {
	if w.err == nil {
		w.err = fmt.Errorf("claim %q %s", name, what)
	}
}
