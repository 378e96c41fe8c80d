package session

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxCookieBytes = 64 << 10 // of all Cookie lines of a request (COO-6)
	maxCookies     = 500      // in a request
	maxNames       = 64       // of our own that are remembered for deletion
)

// Piece is one cookie of a session.
type Piece struct{ Name, Value string }

// Found is what a request has of a session.
type Found struct {
	// Token is the token, joined from its pieces; "" when there is none.
	Token string
	// Names are the names of all received pieces in order, for deletion.
	Names []string
	// Conflict tells that the cookies contradict one another: one name twice,
	// a whole token beside pieces, or a gap. Nobody can say then which of them
	// a foreign host has planted, so there is no Token (COO-3).
	Conflict bool
}

// checkName refuses names that are no cookie names (RFC 6265, section 4.1.1).
func checkName(name string) error {
	const odd = "()<>@,;:\\\"/[]?={} \t"
	if len(name) > maxName {
		return fmt.Errorf("the cookie name has %d bytes, at most %d are possible", len(name), maxName)
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(odd, c) >= 0 {
			return fmt.Errorf("%q is no cookie name", name)
		}
	}
	return nil
}

// WholeSize returns the greatest number of characters of a token that goes into one
// cookie.
func (c *Codec) WholeSize() int { return c.format.chunk() }

// Split returns the cookies for a token: one, or numbered pieces when it is
// longer than stock clients put into one cookie (contract, section 6). The
// error is [ErrTooLarge] when there would be too many.
func (c *Codec) Split(token string) ([]Piece, error) {
	size := c.format.chunk()
	if len(token) <= size {
		return []Piece{{c.cookie, token}}, nil
	}
	n := (len(token) + size - 1) / size
	if n > c.maxChunks || len(token) > maxToken {
		return nil, fmt.Errorf("%w: %d characters make %d cookies, at most %d are possible", ErrTooLarge, len(token), n, c.maxChunks)
	}
	pieces := make([]Piece, 0, n)
	for i, start := 0, 0; start < len(token); i, start = i+1, start+size {
		end := min(start+size, len(token))
		pieces = append(pieces, Piece{c.cookie + "." + strconv.Itoa(i), token[start:end]})
	}
	return pieces, nil
}

// FromHeader finds the session cookie, whole or in pieces, among the Cookie
// lines of a request. Cookies with other names are passed over, also those
// that merely begin alike; so are empty ones.
//
// A request with more cookies than any browser sends is not looked into:
// Conflict is set then, and Names is empty.
func (c *Codec) FromHeader(h http.Header) Found {
	lines := h["Cookie"]
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	if total > maxCookieBytes {
		return Found{Conflict: true}
	}
	j := joiner{codec: c}
	count := 0
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			if count++; count > maxCookies {
				return Found{Conflict: true}
			}
			if pair = trim(pair); strings.HasPrefix(pair, c.cookie) {
				j.add(pair)
			}
		}
	}
	return j.found()
}

// trim removes the white space that the grammar of cookies knows, and no other
// (COO-6).
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// joiner collects the pieces of one session.
type joiner struct {
	codec  *Codec
	whole  string
	pieces []string // by number; "" where there is none yet
	have   int
	size   int
	result Found
}

// add takes a cookie that begins like ours, if it is one.
func (j *joiner) add(pair string) {
	name, value, _ := strings.Cut(pair, "=")
	name, value = trim(name), unescapeValue(trim(value))
	rest, ours := strings.CutPrefix(name, j.codec.cookie)
	if !ours || value == "" {
		return
	}
	number, ours := pieceNumber(rest)
	if !ours {
		return
	}
	if len(j.result.Names) < maxNames && !slices.Contains(j.result.Names, name) {
		j.result.Names = append(j.result.Names, name)
	}
	j.size += len(value)
	switch {
	case number < 0 && j.whole == "":
		j.whole = value
	case number < 0 || number >= j.codec.maxChunks:
		j.result.Conflict = true
	default:
		j.piece(number, value)
	}
}

func (j *joiner) piece(number int, value string) {
	for len(j.pieces) <= number {
		j.pieces = append(j.pieces, "")
	}
	if j.pieces[number] != "" {
		j.result.Conflict = true
		return
	}
	j.pieces[number] = value
	j.have++
}

// pieceNumber reads what follows the cookie's name: nothing, which is -1, or a
// dot and a decimal number without leading zero. Numbers beyond use are all
// alike. Any other name isn't ours (COO-4).
func pieceNumber(rest string) (n int, ours bool) {
	if rest == "" {
		return -1, true
	}
	if len(rest) < 2 || rest[0] != '.' || rest[1] == '0' && len(rest) > 2 {
		return 0, false
	}
	for _, c := range []byte(rest[1:]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), 1<<20)
	}
	return n, true
}

// unescapeValue undoes what stock servers do to a cookie's value: quotes and
// percent-encoding, which is left as it is when it is faulty.
func unescapeValue(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	if strings.IndexByte(value, '%') >= 0 {
		if plain, err := url.PathUnescape(value); err == nil {
			return plain
		}
	}
	return value
}

func (j *joiner) found() Found {
	f := j.result
	if j.have != len(j.pieces) || j.have > 0 && j.whole != "" || j.size > maxToken {
		f.Conflict = true
	}
	switch {
	case f.Conflict:
	case j.whole != "":
		f.Token = j.whole
	default:
		f.Token = strings.Join(j.pieces, "")
	}
	return f
}
