package session_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/ostiary/ostiary/session"
)

var raw64 = base64.RawURLEncoding

// forge seals payload under a codec's own key with a header of our choosing,
// so that only what is being tested is wrong with the token.
func forge(t testing.TB, format session.Format, header, payload string) string {
	t.Helper()
	salt := ""
	if format == session.AuthJSV5 {
		salt = format.CookieName(false)
	}
	key, err := format.Derive(secretA, salt)
	if err != nil {
		t.Fatal(err)
	}
	head := raw64.EncodeToString([]byte(header))
	iv, text, tag := sealRaw(t, format, key, head, []byte(payload))
	return strings.Join([]string{head, "", raw64.EncodeToString(iv), raw64.EncodeToString(text), raw64.EncodeToString(tag)}, ".")
}

const good = `{"sub":"x","exp":4922078400}`

func headerOf(format session.Format, more string) string {
	if format == session.AuthJSV5 {
		return `{"alg":"dir","enc":"A256CBC-HS512"` + more + `}`
	}
	return `{"alg":"dir","enc":"A256GCM"` + more + `}`
}

func kidOf(t testing.TB) string {
	sealed, err := newCodec(t, session.Config{Format: session.AuthJSV5}).Seal(full())
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(sealed, ".")
	raw, _ := raw64.DecodeString(head)
	_, kid, _ := strings.Cut(string(raw), `"kid":"`)
	return strings.TrimSuffix(kid, `"}`)
}

func TestHeaders(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		kid := kidOf(t)
		for _, row := range []struct {
			name, header string
			want         bool
		}{
			{"JWE-4 without kid", headerOf(format, ""), true},
			{"JWE-4 own kid", headerOf(format, `,"kid":"`+kid+`"`), true},
			{"JWE-4 foreign kid", headerOf(format, `,"kid":"someone-else"`), format == session.NextAuthV4},
			{"JWE-4 kid that begins alike", headerOf(format, `,"kid":"`+kid[:80]+`"`), format == session.NextAuthV4},
			{"JWE-4 empty kid", headerOf(format, `,"kid":""`), format == session.NextAuthV4},
			{"JWE-4 kid as path", headerOf(format, `,"kid":"../../dev/null"`), format == session.NextAuthV4},
			{"JWE-4 kid null", headerOf(format, `,"kid":null`), false},
			{"JWE-4 kid number", headerOf(format, `,"kid":1`), false},
			{"typ", headerOf(format, `,"typ":"JWT"`), true},
			{"unknown parameter", headerOf(format, `,"iss":"somebody","x":{"y":[1]}`), true},
			{"other order and white space", strings.NewReplacer(`"alg":"dir",`, "", "}", ",\n \"alg\": \"dir\" }").Replace(headerOf(format, "")), true},
			{"JWE-2 name in another case", strings.Replace(headerOf(format, ""), "alg", "ALG", 1), false},
			{"JWE-2 no alg", strings.Replace(headerOf(format, ""), `"alg":"dir",`, "", 1), false},
			{"JWE-2 no enc", `{"alg":"dir"}`, false},
			{"JWE-8 alg twice", headerOf(format, `,"alg":"dir"`), false},
			{"JWE-8 alg twice, once escaped", headerOf(format, `,"\u0061lg":"dir"`), false},
			{"JWE-8 something after", headerOf(format, "") + "{}", false},
			{"JWE-8 no object", `"dir"`, false},
			{"JWE-8 bytes that aren't text", headerOf(format, ",\"x\":\"\xff\""), false},
			{"JWE-8 too deep", headerOf(format, `,"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)), false},
			{"JWE-1 1 KiB", headerOf(format, `,"x":"`+strings.Repeat("x", 1024-len(headerOf(format, `,"x":""`)))+`"`), true},
			{"JWE-1 more than 1 KiB", headerOf(format, `,"x":"`+strings.Repeat("x", 1025-len(headerOf(format, `,"x":""`)))+`"`), false},
			{"JWE-1 empty", "", false},
			{"JWE-3 zip is refused", headerOf(format, `,"zip":"DEF"`), false},
			{"JWE-3 zip null is refused", headerOf(format, `,"zip":null`), false},
			{"JWE-3 crit is refused", headerOf(format, `,"crit":["exp"],"exp":1`), false},
			{"JWE-3 empty crit is refused", headerOf(format, `,"crit":[]`), false},
			{"JWE-3 jku is refused", headerOf(format, `,"jku":"https://evil.example/keys"`), false},
			{"JWE-3 jwk is refused", headerOf(format, `,"jwk":{"kty":"oct","k":"AAAA"}`), false},
			{"JWE-3 x5u is refused", headerOf(format, `,"x5u":"https://evil.example/cert"`), false},
			{"JWE-3 x5c is refused", headerOf(format, `,"x5c":["AAAA"]`), false},
			{"JWE-3 p2c is refused", headerOf(format, `,"p2c":2147483647,"p2s":"AAAA"`), false},
			{"JWE-3 epk is refused", headerOf(format, `,"epk":{}`), false},
		} {
			t.Run(string(format)+" "+row.name, func(t *testing.T) {
				_, err := codec.Open(forge(t, format, row.header, good), start)
				if (err == nil) != row.want {
					t.Errorf("got error %v, want ok %v", err, row.want)
				}
				if err != nil && err != session.ErrInvalid {
					t.Errorf("JWE-5: got %v, want %v", err, session.ErrInvalid)
				}
			})
		}
	}
}

func TestOtherAlgorithms(t *testing.T) {
	algs := []string{
		"none", "DIR", "Dir", "dir ", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW", "RSA1_5", "RSA-OAEP", "RSA-OAEP-256",
		"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW",
		"HS256", "HS512", "RS256", "ES256", "EdDSA", "",
	}
	encs := []string{"A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "a256gcm", "none", ""}
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		try := func(alg, enc string) {
			header := fmt.Sprintf(`{"alg":%q,"enc":%q}`, alg, enc)
			if headerOf(format, "") == header {
				return
			}
			if _, err := codec.Open(forge(t, format, header, good), start); err != session.ErrInvalid {
				t.Errorf("JWE-2: %s %s: got %v", format, header, err)
			}
		}
		for _, alg := range algs {
			try(alg, codecEnc(format))
		}
		for _, enc := range encs {
			try("dir", enc)
		}
	}
}

func codecEnc(format session.Format) string {
	if format == session.AuthJSV5 {
		return string(jose.A256CBC_HS512)
	}
	return string(jose.A256GCM)
}

func TestCompactForm(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		token, err := codec.Seal(full())
		if err != nil {
			t.Fatal(err)
		}
		p := strings.Split(token, ".")
		with := func(i int, part string) string {
			q := append([]string(nil), p...)
			q[i] = part
			return strings.Join(q, ".")
		}
		tag, _ := raw64.DecodeString(p[4])
		text, _ := raw64.DecodeString(p[3])
		for name, token := range map[string]string{
			"JWE-1 empty":                 "",
			"JWE-1 dots":                  "....",
			"JWE-1 four parts":            strings.Join(p[:4], "."),
			"JWE-1 six parts":             token + ".",
			"JWE-1 leading dot":           "." + token,
			"JWE-1 encrypted key":         with(1, "AAAA"),
			"JWE-1 padding":               token + "=",
			"JWE-1 line break at the end": token + "\n",
			"JWE-1 line break inside":     with(3, p[3][:8]+"\r\n"+p[3][8:]),
			"JWE-1 space":                 " " + token,
			"JWE-1 standard alphabet":     with(3, "+/"+p[3][2:]),
			"JWE-1 beyond ASCII":          with(3, "\u00e9"+p[3][2:]),
			"JWE-1 longer than cookies":   with(3, strings.Repeat("A", 33<<10)),
			"JWE-5 short iv":              with(2, p[2][:len(p[2])-4]),
			"JWE-5 long iv":               with(2, p[2]+"AAAA"),
			"JWE-5 no iv":                 with(2, ""),
			"JWE-5 short tag":             with(4, raw64.EncodeToString(tag[:len(tag)-1])),
			"JWE-5 very short tag":        with(4, raw64.EncodeToString(tag[:4])),
			"JWE-5 long tag":              with(4, raw64.EncodeToString(append(tag, 0))),
			"JWE-5 no tag":                with(4, ""),
			"JWE-5 text less a block":     with(3, raw64.EncodeToString(text[:len(text)-16])),
			"JWE-5 no text":               with(3, ""),
		} {
			t.Run(string(format)+" "+name, func(t *testing.T) {
				if _, err := codec.Open(token, start); err != session.ErrInvalid {
					t.Errorf("got %v, want %v", err, session.ErrInvalid)
				}
			})
		}
	}
}

func TestEveryCharacterCounts(t *testing.T) {
	for _, format := range formats {
		codec := newCodec(t, session.Config{Format: format})
		token, err := codec.Seal(&session.Token{Subject: "1", Expires: start.Unix() + 60})
		if err != nil {
			t.Fatal(err)
		}
		for i := range token {
			for _, c := range []byte("AQgwx_-.\n") {
				if token[i] == c {
					continue
				}
				changed := token[:i] + string(c) + token[i+1:]
				if _, err := codec.Open(changed, start); !errors.Is(err, session.ErrInvalid) {
					t.Fatalf("JWE-5: %s with %q at %d opens: %v", format, c, i, err)
				}
			}
		}
	}
}

func TestKeysAreApart(t *testing.T) {
	configs := map[string]session.Config{
		"v4":           {},
		"v4 salted":    {Salt: "pending"},
		"v5":           {Format: session.AuthJSV5},
		"v5 secure":    {Format: session.AuthJSV5, Secure: true},
		"v5 pending":   {Format: session.AuthJSV5, CookieName: "authjs.pending"},
		"v5 challenge": {Format: session.AuthJSV5, Salt: "authjs.challenge", AcceptA256GCM: true},
	}
	for from, config := range configs {
		sealed, err := newCodec(t, config).Seal(full())
		if err != nil {
			t.Fatal(err)
		}
		for to, config := range configs {
			_, err := newCodec(t, config).Open(sealed, start)
			if (err == nil) != (from == to) {
				t.Errorf("JWE-6: %s opened by %s: %v", from, to, err)
			}
		}
	}
}

func TestA256GCMInV5(t *testing.T) {
	key, err := session.AuthJSV5.Derive(secretA, "authjs.session-token")
	if err != nil {
		t.Fatal(err)
	}
	head := raw64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM"}`))
	iv, text, tag := sealRaw(t, session.NextAuthV4, key[:32], head, []byte(good)) // the first half is the 32-byte key
	token := strings.Join([]string{head, "", raw64.EncodeToString(iv), raw64.EncodeToString(text), raw64.EncodeToString(tag)}, ".")
	for _, accept := range []bool{false, true} {
		_, err := newCodec(t, session.Config{Format: session.AuthJSV5, AcceptA256GCM: accept}).Open(token, start)
		if (err == nil) != accept {
			t.Errorf("JWE-2: accepted %v: got %v", accept, err)
		}
	}
}

// sealRaw encrypts by the book, with crypto alone.
func sealRaw(t testing.TB, format session.Format, key []byte, head string, plain []byte) (iv, text, tag []byte) {
	t.Helper()
	if format == session.AuthJSV5 {
		iv = make([]byte, 16)
		rand.Read(iv)
		text, tag = cbcSeal(t, key, head, iv, plain)
		return iv, text, tag
	}
	iv = make([]byte, 12)
	rand.Read(iv)
	text, tag = gcmSeal(t, key, head, iv, plain)
	return iv, text, tag
}
