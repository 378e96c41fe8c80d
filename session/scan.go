package session

import (
	"strings"
	"unicode/utf8"
)

// scanner reads claims in one pass, and only as issuers write them: one object
// without white space or escapes, no name twice. It has no opinion on
// anything else: scan reports false, and the ordinary decoder decides.
type scanner struct {
	text   string
	at     int
	token  *Token
	seen   uint32       // bits of the known claims that were met
	words  []string     // room for a short list
	extras []extraClaim // room for the first extra claims
}

// scan reports whether the whole text was read. When not, the token is to be
// thrown away.
func (s *scanner) scan() bool {
	if !usual(s.text) || !s.skip('{') {
		return false
	}
	if s.skip('}') {
		return s.at == len(s.text)
	}
	for {
		name, ok := s.name()
		if !ok || !s.claim(name) {
			return false
		}
		if s.skip('}') {
			return s.at == len(s.text)
		}
		if !s.skip(',') {
			return false
		}
	}
}

// usual reports whether text has no control bytes, no escapes and no faults of
// encoding, looking at eight bytes at a time.
func usual(text string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var odd, high uint64
	i := 0
	for ; i+8 <= len(text); i += 8 {
		p := text[i : i+8]
		w := uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
		slash := w ^ ones*'\\'
		odd |= (w-ones*0x20)&^w | (slash-ones)&^slash
		high |= w
	}
	for ; i < len(text); i++ {
		if text[i] < 0x20 || text[i] == '\\' {
			return false
		}
		high |= uint64(text[i])
	}
	return odd&highs == 0 && (high&highs == 0 || utf8.ValidString(text))
}

func (s *scanner) skip(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// name reads a name and its colon.
func (s *scanner) name() (string, bool) {
	name, ok := s.str()
	return name, ok && s.skip(':')
}

// str reads a string. There is no escape in the text, so the next quote ends
// it.
func (s *scanner) str() (string, bool) {
	if !s.skip('"') {
		return "", false
	}
	rest := s.text[s.at:]
	n := strings.IndexByte(rest, '"')
	if n < 0 {
		return "", false
	}
	s.at += n + 1
	return rest[:n], true
}

// literal skips word if it is next.
func (s *scanner) literal(word string) bool {
	if strings.HasPrefix(s.text[s.at:], word) {
		s.at += len(word)
		return true
	}
	return false
}

// once notes a known claim by its bit, and fails when it was there before.
func (s *scanner) once(bit uint) bool {
	mask := uint32(1) << bit
	first := s.seen&mask == 0
	s.seen |= mask
	return first
}

// claim reads the value of the claim name.
func (s *scanner) claim(name string) bool {
	t := s.token
	switch name {
	case "name":
		return s.once(0) && s.readText(&t.Name)
	case "email":
		return s.once(1) && s.readText(&t.Email)
	case "picture":
		return s.once(2) && s.readText(&t.Picture)
	case "sub":
		return s.once(3) && s.readString(&t.Subject)
	case "jti":
		return s.once(4) && s.readString(&t.ID)
	case "sid":
		return s.once(5) && s.readString(&t.SessionID)
	case "realm":
		return s.once(6) && s.readString(&t.Realm)
	case "provider":
		return s.once(7) && s.readString(&t.Provider)
	case "iat":
		return s.once(8) && s.readSeconds(&t.IssuedAt)
	case "exp":
		return s.once(9) && s.readSeconds(&t.Expires)
	case "nbf":
		return s.once(10) && s.readSeconds(&t.NotBefore)
	case "auth_time":
		return s.once(11) && s.readSeconds(&t.AuthTime)
	case "orig_iat":
		return s.once(12) && s.readSeconds(&t.Started)
	case "max_age":
		return s.once(13) && s.readSeconds(&t.MaxAge)
	case "checked_at":
		return s.once(14) && s.readSeconds(&t.CheckedAt)
	case "transient":
		return s.once(15) && s.readBool(&t.Transient)
	case "amr":
		return s.once(16) && s.readList(&t.Methods)
	case "groups":
		return s.once(17) && s.readList(&t.Groups)
	case "factors":
		return s.once(18) && s.readList(&t.Factors)
	case "factor_time":
		return s.once(19) && s.readSeconds(&t.FactorTime)
	case "epoch":
		return s.once(20) && s.readSeconds(&t.Epoch)
	}
	return s.extra(name)
}

func (s *scanner) readString(to *string) (ok bool) {
	*to, ok = s.str()
	return ok
}

func (s *scanner) readText(to *Text) bool {
	if s.literal("null") {
		*to = Null()
		return true
	}
	value, ok := s.str()
	*to = String(value)
	return ok
}

func (s *scanner) readSeconds(to *int64) bool {
	start := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return readSeconds(s.text[start:s.at], to)
}

func (s *scanner) readBool(to *bool) bool {
	*to = s.literal("true")
	return *to || s.literal("false")
}

func (s *scanner) readList(to *[]string) bool {
	if !s.skip('[') {
		return false
	}
	if s.skip(']') {
		return true
	}
	list := s.words
	s.words = nil // it is one list's alone
	for {
		value, ok := s.str()
		if !ok {
			return false
		}
		list = append(list, value)
		if s.skip(']') {
			*to = list
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
}

// extra keeps an unknown claim undecoded.
func (s *scanner) extra(name string) bool {
	start := s.at
	if !s.value(1) {
		return false
	}
	t := s.token
	if t.Extra.list == nil {
		t.Extra.list = s.extras
	}
	return t.Extra.add(name, s.text[start:s.at])
}

// value passes over a value inside depth objects and lists.
func (s *scanner) value(depth int) bool {
	if s.at == len(s.text) {
		return false
	}
	switch s.text[s.at] {
	case '"':
		_, ok := s.str()
		return ok
	case '{':
		return depth < maxDepth && s.object(depth+1)
	case '[':
		return depth < maxDepth && s.list(depth+1)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

// number passes over a number (RFC 8259, section 6).
func (s *scanner) number() bool {
	s.skip('-')
	if !s.skip('0') && !s.digits() {
		return false
	}
	if s.skip('.') && !s.digits() {
		return false
	}
	if s.skip('e') || s.skip('E') {
		if !s.skip('+') {
			s.skip('-')
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > start
}

func (s *scanner) list(depth int) bool {
	s.at++
	if s.skip(']') {
		return true
	}
	for s.value(depth) {
		if s.skip(']') {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
	return false
}

// object passes over an object of at most 16 names; a larger one is left to
// the ordinary decoder, which looks for repeated names in better time.
func (s *scanner) object(depth int) bool {
	s.at++
	if s.skip('}') {
		return true
	}
	var names [16]string
	for n := range names {
		name, ok := s.name()
		if !ok {
			return false
		}
		for _, other := range names[:n] {
			if other == name {
				return false
			}
		}
		names[n] = name
		if !s.value(depth) {
			return false
		}
		if s.skip('}') {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
	return false
}
