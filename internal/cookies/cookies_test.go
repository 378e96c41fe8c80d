package cookies_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/cookies"
)

func TestLines(t *testing.T) {
	plain := cookies.Cookie{Name: "next-auth.csrf-token", Path: "/", HTTPOnly: true}
	secure := cookies.Cookie{Name: "__Secure-next-auth.session-token", HTTPOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	custom := cookies.Cookie{Name: "my.session", Domain: "example.test", Path: "/app", HTTPOnly: true, SameSite: http.SameSiteStrictMode}
	end := time.Date(2026, 2, 14, 13, 0, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct{ name, got, want string }{
		{
			"contract 6: the bar of the CSRF pair", plain.String("abc|def"),
			"next-auth.csrf-token=abc%7Cdef; Path=/; HttpOnly; SameSite=Lax",
		},
		{
			"contract 6: a callback URL", cookies.Cookie{Name: "authjs.callback-url", HTTPOnly: true}.String("http://localhost:3000"),
			"authjs.callback-url=http%3A%2F%2Flocalhost%3A3000; Path=/; HttpOnly; SameSite=Lax",
		},
		{
			"COO-1 a session over https", secure.StringUntil("eyJ.a-b_c", end),
			"__Secure-next-auth.session-token=eyJ.a-b_c; Path=/; Expires=Sat, 14 Feb 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
		},
		{
			"a session until the browser is closed", secure.StringUntil("v", time.Time{}),
			"__Secure-next-auth.session-token=v; Path=/; HttpOnly; Secure; SameSite=Lax",
		},
		{
			"a life in seconds", plain.StringFor("v", 90*time.Second+999*time.Millisecond),
			"next-auth.csrf-token=v; Max-Age=90; Path=/; HttpOnly; SameSite=Lax",
		},
		{
			"COO-5 deletion keeps the attributes", custom.Deletion(),
			"my.session=; Max-Age=0; Domain=example.test; Path=/app; HttpOnly; SameSite=Strict",
		},
		{
			"every attribute in order", cookies.Cookie{Name: "n", Domain: "d", Path: "/p", Secure: true, HTTPOnly: true}.StringUntil("v", end),
			"n=v; Domain=d; Path=/p; Expires=Sat, 14 Feb 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
		},
		{
			"a value cannot add attributes", plain.String("v; Domain=evil.example\r\nX: y"),
			"next-auth.csrf-token=v%3B%20Domain%3Devil.example%0D%0AX%3A%20y; Path=/; HttpOnly; SameSite=Lax",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got  %s\nwant %s", c.got, c.want)
			}
		})
	}
}

func TestEscape(t *testing.T) {
	for value, want := range map[string]string{
		"":                         "",
		"AZaz09-_.!~*'()":          "AZaz09-_.!~*'()",
		" !\"#$%&'()*+,-./":        "%20!%22%23%24%25%26'()*%2B%2C-.%2F",
		":;<=>?@[\\]^_`{|}~\x7f":   "%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~%7F",
		"ü🦊":                       "%C3%BC%F0%9F%A6%8A",
		"already%20encoded":        "already%2520encoded",
		"\x00\r\n\xff (any bytes)": "%00%0D%0A%FF%20(any%20bytes)",
	} {
		if got := cookies.Escape(value); got != want {
			t.Errorf("Escape(%q) = %s, want %s", value, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	host := cookies.Cookie{Name: "__Host-x", Secure: true}
	with := func(change func(*cookies.Cookie)) cookies.Cookie { c := host; change(&c); return c }
	for _, c := range []struct {
		name   string
		cookie cookies.Cookie
		fault  string // "" is none
	}{
		{"COO-1 __Host-", host, ""},
		{"COO-1 __Host- with its path spelled out", with(func(c *cookies.Cookie) { c.Path = "/" }), ""},
		{"COO-1 __Host- on another path", with(func(c *cookies.Cookie) { c.Path = "/app" }), "Path /"},
		{"COO-1 __Host- with a domain", with(func(c *cookies.Cookie) { c.Domain = "example.com" }), "no Domain"},
		{"COO-1 __Host- over http", with(func(c *cookies.Cookie) { c.Secure = false }), "https"},
		{"COO-1 __Secure- over http", cookies.Cookie{Name: "__Secure-x"}, "https"},
		{"COO-1 the prefix in other letters", cookies.Cookie{Name: "__secure-x"}, "https"},
		{"COO-1 SameSite None", cookies.Cookie{Name: "x", SameSite: http.SameSiteNoneMode}, "SameSite"},
		{"a name, a path and a domain", cookies.Cookie{Name: "my.session", Path: "/app", Domain: "example.test"}, ""},
		{"no name", cookies.Cookie{}, "not a cookie name"},
		{"a name with a blank", cookies.Cookie{Name: "a b"}, "not a cookie name"},
		{"a name with an equals sign", cookies.Cookie{Name: "a=b"}, "not a cookie name"},
		{"COO-6 a name beyond ASCII", cookies.Cookie{Name: "café"}, "not a cookie name"},
		{"a path that breaks out", cookies.Cookie{Name: "x", Path: "/; Domain=evil.example"}, "not a path"},
		{"a path with a line end", cookies.Cookie{Name: "x", Path: "/\r\n"}, "not a path"},
		{"a relative path", cookies.Cookie{Name: "x", Path: "app"}, "not a path"},
		{"a domain that breaks out", cookies.Cookie{Name: "x", Domain: "example.com; Secure"}, "not a domain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.cookie.Check()
			if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
				t.Errorf("got %v, want a fault with %q", err, c.fault)
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	c := cookies.Cookie{Name: "__Secure-next-auth.session-token", HTTPOnly: true, Secure: true}
	value, end := strings.Repeat("eyJhbGciOi", 41), time.Date(2026, 2, 14, 12, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		_ = c.StringUntil(value, end)
	}
}
