package session_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/session"
)

// Two tokens sealed once under secretA, the same for every process that fuzzes.
const (
	sealedV4 = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..FNe6qp_rjhkbsvwB.WZ24zTEUlnuk5jUV6X0Wcqu4Kzzw7nvJGqT2gmh1.lKlYE3nJ_kVa5RUpoJTfGw"
	sealedV5 = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiVll0bHFyODZmQ3V2dkw3dDFKNmk4aFBFd2lEVTZud2tiVGhGVENXNmd5YXNvTXBadDJNeXJBWUQ0TURsWFFwel9tenlSMUlVWldZM1E1TmNGV2l6TkEifQ..LWlGnKqUPjgsFvgi7c-DBA.nKEx2QZv--4musRZNDqJOcqRmuU23_poah58zv6UvbA.9Z2PqDWXYVD5pKXjzL3ndDBQ-rlN4ivouZfsmSd70BA"
)

// FuzzOpen opens anything. Without the key nobody can make a token, so nothing
// opens that was not sealed.
func FuzzOpen(f *testing.F) {
	v4, v5 := newCodec(f, session.Config{}), newCodec(f, session.Config{Format: session.AuthJSV5, AcceptA256GCM: true})
	sealed := map[string]bool{sealedV4: true, sealedV5: true}
	for token := range sealed {
		f.Add(token)
		f.Add(token + "=")
		f.Add(token[:len(token)-1])
	}
	var vectors struct{ Tokens []tokenVector }
	for _, file := range []string{"jwt-v4.json", "jwt-v5.json"} {
		load(f, file, &vectors)
		for _, v := range vectors.Tokens {
			f.Add(v.Token)
		}
	}
	f.Add("eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjoyMTQ3NDgzNjQ3fQ.AAAA.AAAA.AAAA.AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		for _, c := range []*session.Codec{v4, v5} {
			got, err := c.Open(token, start)
			if sealed[token] && (err == nil) != strings.HasPrefix(token, map[*session.Codec]string{v4: sealedV4, v5: sealedV5}[c]) {
				t.Fatalf("%s: got %v", c, err)
			}
			if err == nil && !sealed[token] {
				t.Fatalf("JWE-5: opened what was never sealed: %q", token)
			}
			if err != nil && (!errors.Is(err, session.ErrInvalid) || got != nil) {
				t.Fatalf("JWE-11: got %+v, %v", got, err)
			}
		}
	})
}

// FuzzScanner holds the scanner against the ordinary decoder, and wants back
// what was read after another sealing.
func FuzzScanner(f *testing.F) {
	f.Add(fixture)
	f.Add(good)
	f.Add(`{"sub":"x","exp":1,"amr":["a"],"groups":[],"factors":["totp"],"factor_time":7,"transient":true,"name":null,"a":{"b":[1,-0.5e+7,"c"]}}`)
	f.Add(`{"sub":"\ud83e\udd8a","exp":1e3, "sub":1}`)
	f.Add(`{"groups":[1],"groups":["a"],"":{"":{"":0}},"x":-}`)
	f.Fuzz(func(t *testing.T, claims string) {
		sameVerdict(t, claims)
		token, ok := session.ParseClaims(claims)
		if !ok {
			return
		}
		if token.Expires == 0 {
			token.Expires = start.Unix()
		}
		if token.Subject == "" {
			token.Subject = "x"
		}
		codec := fuzzCodec
		sealed, err := codec.Seal(token)
		if err != nil {
			if errors.Is(err, session.ErrTooLarge) {
				return
			}
			t.Fatalf("read but not sealed: %v", err)
		}
		if _, err := codec.Open(sealed, start); err != nil && token.NotBefore <= start.Unix() && token.Expires >= start.Unix() {
			t.Fatalf("sealed but not opened: %v", err)
		}
	})
}

var fuzzCodec, _ = session.New(session.Config{Secrets: []string{secretA}})

// FuzzDecode holds our base64url against the standard library's, which is to
// be strict and must not pass over line breaks.
func FuzzDecode(f *testing.F) {
	f.Add("", 0)
	f.Add("AA", 1)
	f.Add("AB", 1)
	f.Add("AAAA\n", 3)
	f.Add("a-_9", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		want, err := base64.RawURLEncoding.Strict().DecodeString(s)
		valid := err == nil && !strings.ContainsAny(s, "\r\n") && len(want) == n
		got, ok := session.Decode(s, n&0xffff)
		if ok != valid || ok && string(got) != string(want) {
			t.Fatalf("%q: got %x, %v, want %x, %v", s, got, ok, want, valid)
		}
	})
}

// FuzzHeader puts any header before a token that is right otherwise. What we
// open go-jose must open too, and find the same in it.
func FuzzHeader(f *testing.F) {
	for _, format := range formats {
		for _, more := range []string{"", `,"kid":"x"`, `,"typ":"JWT","cty":"x"`, `,"zip":"DEF"`, `,"crit":["a"],"a":1`, `,"x":{"y":[1]}`, `,"alg":"dir"`} {
			f.Add(headerOf(format, more))
		}
	}
	all := rivals(f)
	f.Fuzz(func(t *testing.T, header string) {
		for i, r := range all {
			token := forge(t, formats[i], header, good)
			if got, err := r.codec.Open(token, start); err != nil {
				continue
			} else if got.Subject != "x" {
				t.Fatalf("got %+v", got)
			}
			if plain := joseOpen(t, r, token); string(plain) != good {
				t.Fatalf("JWE-2: header %q: go-jose read %q", header, plain)
			}
		}
	})
}
