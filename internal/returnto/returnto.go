// Package returnto decides where a person may be sent after signing in or out:
// the rule of callback URLs (contract, section 7; RED-1, RED-2).
package returnto

import (
	"strings"
	"unicode/utf8"
)

// Policy knows our origin and those that are allowed beside it. Make one with
// New. It is safe for concurrent use.
type Policy struct {
	origin string
	// allowed has every spelling of scheme, host and port that is accepted, in
	// lower case, and what it is an origin of. Looking up beats parsing: what no
	// configuration spells out can't be misread.
	allowed map[string]string
}

const maxLength = 4096 // bytes, of what comes in and of what goes out

// Origin returns our own origin, as browsers serialise it.
func (p *Policy) Origin() string { return p.origin }

// Default returns the default page: our origin, without a slash.
func (p *Policy) Default() string { return p.origin }

// Resolve returns the absolute address for what a request asked for: a path of
// ours, or an http or https address whose origin is ours or allowed. It is put
// together anew from its parts, with every byte in it visible ASCII. When ok is
// false, go to the default page.
//
// A path may not begin with two slashes, not even once its dot segments are
// resolved: front ends strip our origin off again and go to the rest, and then
// browsers take "//host" for another site. Control bytes, back-slashes and user
// names are refused since browsers read them in ways of their own (WHATWG URL,
// section 4.4).
func (p *Policy) Resolve(raw string) (address string, ok bool) {
	raw = strings.TrimRight(raw, " ") // as browsers do
	if raw == "" || len(raw) > maxLength || !plain(raw) {
		return "", false
	}
	origin, tail := p.origin, raw
	if raw[0] != '/' {
		if origin, tail, ok = p.split(raw); !ok {
			return "", false
		}
	}
	rest, ok := rebuild(tail)
	if !ok || len(origin)+len(rest) > maxLength {
		return "", false
	}
	return origin + rest, true
}

// split parts an absolute address into the origin it stands for and the rest.
func (p *Policy) split(raw string) (origin, tail string, ok bool) {
	_, rest, found := strings.Cut(raw, "://")
	if !found {
		return "", "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	end += len(raw) - len(rest)
	origin, ok = p.allowed[lower(raw[:end])]
	return origin, raw[end:], ok
}

// plain reports whether s has nothing in it that browsers strip or bend.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || s[i] == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// lower leaves everything but A to Z alone: in Unicode other letters, too, have
// a small form in ASCII.
func lower(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c - 'A' + 'a'
		}
		return c
	}, s)
}
