package session

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep the claims may nest, the outermost object included
// (JWE-8).
const maxDepth = 32

// wellFormed reports whether data is one JSON object in valid UTF-8, nested at
// most maxDepth deep, in which no object has a name twice.
func wellFormed(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	if !utf8.Valid(data) || !bytes.HasPrefix(trimmed, []byte{'{'}) || !json.Valid(data) {
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var names []map[string]bool // of the open objects; nil for an array
	key := false                // whether a name comes next
	for {
		tok, err := dec.Token()
		if err != nil {
			return err == io.EOF
		}
		delim, isDelim := tok.(json.Delim)
		switch {
		case isDelim && (delim == '{' || delim == '['):
			if len(names) == maxDepth {
				return false
			}
			var open map[string]bool
			if delim == '{' {
				open = make(map[string]bool)
			}
			names = append(names, open)
		case isDelim:
			names = names[:len(names)-1]
		case key:
			name, open := tok.(string), names[len(names)-1]
			if open[name] {
				return false
			}
			open[name] = true
			key = false
			continue
		}
		key = len(names) > 0 && names[len(names)-1] != nil
	}
}

// wellFormedValue reports whether text is one JSON value that may stand inside
// an object of claims.
func wellFormedValue(text string) bool {
	s := scanner{text: text}
	if usual(text) && s.value(1) && s.at == len(text) {
		return true
	}
	return wellFormed([]byte(`{"":`+text+`}`)) && json.Valid([]byte(text))
}

// parseClaims reads claims: by the scanner where it can, which is nearly
// always, by the ordinary decoder where not. Both come to the same verdict.
func parseClaims(text string) (*Token, bool) {
	o := new(opened)
	s := scanner{text: text, token: &o.Token, words: o.words[:0:len(o.words)], extras: o.extra[:0]}
	if s.scan() {
		return &o.Token, true
	}
	return decodeClaims([]byte(text))
}

// opened is a token together with room for its first extra claims, and for the
// first of its lists, which is most often that of one method.
type opened struct {
	Token
	extra [2]extraClaim
	words [2]string
}

// decodeClaims is the ordinary decoder: encoding/json after a check for what
// that lets pass.
func decodeClaims(data []byte) (*Token, bool) {
	var fields map[string]json.RawMessage
	if !wellFormed(data) || json.Unmarshal(data, &fields) != nil {
		return nil, false
	}
	t := new(Token)
	for name, raw := range fields {
		if !t.assign(name, raw) {
			return nil, false
		}
	}
	return t, true
}

// assign gives the claim to its field, or keeps it undecoded. It fails when a
// claim that says who this is, since when or how long has not its own type.
func (t *Token) assign(name string, raw json.RawMessage) bool {
	if string(raw) == "null" {
		return t.assignNull(name)
	}
	switch name {
	case "name":
		return t.keepUnless(name, raw, readText(raw, &t.Name))
	case "email":
		return t.keepUnless(name, raw, readText(raw, &t.Email))
	case "picture":
		return t.keepUnless(name, raw, readText(raw, &t.Picture))
	case "groups":
		return t.keepUnless(name, raw, readList(raw, &t.Groups))
	case "transient":
		return json.Unmarshal(raw, &t.Transient) == nil
	case "amr":
		return readList(raw, &t.Methods)
	case "factors":
		return readList(raw, &t.Factors)
	}
	if s := t.stringField(name); s != nil {
		return readString(raw, s)
	}
	if n := t.numberField(name); n != nil {
		return readSeconds(string(raw), n)
	}
	return t.keepUnless(name, raw, false)
}

// assignNull keeps null where clients tell it from absent. Elsewhere it is as
// good as absent, except for the times that every reader checks (JWE-7).
func (t *Token) assignNull(name string) bool {
	switch name {
	case "name":
		t.Name = Null()
	case "email":
		t.Email = Null()
	case "picture":
		t.Picture = Null()
	case "exp", "nbf", "iat":
		return false
	case "groups", "transient", "amr", "factors":
	default:
		known := t.stringField(name) != nil || t.numberField(name) != nil
		return t.keepUnless(name, json.RawMessage("null"), known)
	}
	return true
}

// stringField returns the field of a claim that must be a string, or nil.
func (t *Token) stringField(name string) *string {
	switch name {
	case "sub":
		return &t.Subject
	case "jti":
		return &t.ID
	case "sid":
		return &t.SessionID
	case "realm":
		return &t.Realm
	case "provider":
		return &t.Provider
	}
	return nil
}

// numberField returns the field of a claim that must be a number, or nil.
func (t *Token) numberField(name string) *int64 {
	switch name {
	case "exp":
		return &t.Expires
	case "iat":
		return &t.IssuedAt
	case "nbf":
		return &t.NotBefore
	case "auth_time":
		return &t.AuthTime
	case "orig_iat":
		return &t.Started
	case "max_age":
		return &t.MaxAge
	case "checked_at":
		return &t.CheckedAt
	case "factor_time":
		return &t.FactorTime
	case "epoch":
		return &t.Epoch
	}
	return nil
}

func (t *Token) keepUnless(name string, raw json.RawMessage, done bool) bool {
	if !done {
		t.Extra.add(name, string(raw))
	}
	return true
}

func readText(raw json.RawMessage, t *Text) bool {
	var s string
	if !plainString(raw, &s) {
		return false
	}
	*t = String(s)
	return true
}

// readString reads a string that identifies something. Unpaired surrogates are
// refused: decoded they are all alike, and two names would become one.
func readString(raw json.RawMessage, s *string) bool {
	return plainString(raw, s) && !unpaired(raw)
}

// unpaired reports whether a JSON string has an escape for half a character.
func unpaired(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return false
		}
		first := unescape(raw[i:])
		raw = raw[i+2:]
		if first < 0 {
			continue
		}
		raw = raw[4:]
		if !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, unescape(raw)) == utf8.RuneError {
			return true
		}
		raw = raw[6:]
	}
}

// unescape returns the code unit that raw begins with as \uXXXX, or -1.
func unescape(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// readList reads a list of strings. An empty one is nil.
func readList(raw json.RawMessage, list *[]string) bool {
	var values []json.RawMessage
	if !bytes.HasPrefix(raw, []byte{'['}) || json.Unmarshal(raw, &values) != nil {
		return false
	}
	var out []string
	for _, value := range values {
		var s string
		if !readString(value, &s) {
			return false
		}
		out = append(out, s)
	}
	*list = out
	return true
}

// readSeconds reads a whole number without sign, fraction or exponent, within
// int64 (JWE-7).
func readSeconds(s string, n *int64) bool {
	if s == "" || len(s) > 19 || s[0] == '0' && len(s) > 1 {
		return false
	}
	var sum int64
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return false
		}
		sum = sum*10 + int64(c)
	}
	*n = sum
	return sum >= 0
}
