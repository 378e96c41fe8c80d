package session

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"strings"
)

const (
	maxToken  = 32 << 10 // characters: what the cookies may carry (COO-4)
	maxHeader = 1 << 10  // bytes of a protected header (JWE-1)
)

// parts are the encoded parts of a compact JWE with an empty encrypted key.
type parts struct{ header, iv, ciphertext, tag string }

// split takes a token apart (RFC 7516, section 7.1). The alphabet of the parts
// is checked where they are decoded.
func split(token string) (p parts, ok bool) {
	if len(token) > maxToken {
		return p, false
	}
	var key, rest string
	p.header, rest, _ = strings.Cut(token, ".")
	key, rest, _ = strings.Cut(rest, ".")
	p.iv, rest, _ = strings.Cut(rest, ".")
	p.ciphertext, p.tag, ok = strings.Cut(rest, ".")
	return p, ok && key == "" && strings.IndexByte(p.tag, '.') < 0
}

// decrypt finds the key for a token and returns the claims as text.
//
// The header is compared with those that our boxes write before anything of it
// is parsed.
func (c *Codec) decrypt(token string) (string, bool) {
	p, ok := split(token)
	if !ok {
		return "", false
	}
	known := false
	for _, b := range c.boxes {
		if b.wrote(p.header) {
			known = true
			if plain, ok := b.open(p.header, p.iv, p.ciphertext, p.tag); ok {
				return plain, true
			}
		}
	}
	if known {
		return "", false
	}
	h, ok := parseHeader(p.header)
	if !ok {
		return "", false
	}
	for _, b := range c.candidates(h) {
		if plain, ok := b.open(p.header, p.iv, p.ciphertext, p.tag); ok {
			return plain, true
		}
	}
	return "", false
}

// candidates returns the boxes that a header asks for: those of its algorithm,
// and in v5, where tokens name their key, that one alone.
func (c *Codec) candidates(h protected) []box {
	boxes := c.boxes
	switch {
	case h.enc == "A256GCM" && c.format == AuthJSV5:
		boxes = c.gcm // none unless asked for
	case h.enc != c.enc():
		return nil
	}
	if h.kid == nil || c.format == NextAuthV4 { // v4 knows no kid (contract, section 8)
		return boxes
	}
	var chosen []box
	for _, b := range boxes {
		if subtle.ConstantTimeCompare([]byte(*h.kid), []byte(b.kid())) == 1 {
			chosen = append(chosen, b)
		}
	}
	return chosen
}

func (c *Codec) enc() string {
	if c.format == AuthJSV5 {
		return "A256CBC-HS512"
	}
	return "A256GCM"
}

// protected is what a header says.
type protected struct {
	enc string
	kid *string // nil: not there
}

// parseHeader reads a header other than those that our boxes write. Anything
// that would change how the token is to be processed is refused unread
// (JWE-2, JWE-3); parameters unknown to the RFCs are passed over.
func parseHeader(encoded string) (h protected, ok bool) {
	n, ok := decodedLen(len(encoded))
	raw := make([]byte, min(n, maxHeader))
	if !ok || n > maxHeader || !decode(raw, encoded) || !wellFormed(raw) {
		return h, false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return h, false
	}
	var alg string
	for name, value := range fields {
		switch name {
		case "alg":
			ok = plainString(value, &alg)
		case "enc":
			ok = plainString(value, &h.enc)
		case "kid":
			h.kid = new(string)
			ok = plainString(value, h.kid)
		case "typ", "cty":
			ok = plainString(value, new(string))
		case "zip", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256",
			"epk", "apu", "apv", "iv", "tag", "p2s", "p2c":
			ok = false
		}
		if !ok {
			return h, false
		}
	}
	return h, alg == "dir"
}

func plainString(raw json.RawMessage, s *string) bool {
	return bytes.HasPrefix(raw, []byte{'"'}) && json.Unmarshal(raw, s) == nil
}
