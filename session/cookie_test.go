package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/session"
)

func cookies(lines ...string) http.Header { return http.Header{"Cookie": lines} }

func TestFromHeader(t *testing.T) {
	const n = "next-auth.session-token"
	codec := newCodec(t, session.Config{})
	for _, row := range []struct {
		name  string
		lines []string
		token string
		names string // separated by blanks
		clash bool
	}{
		{"none", nil, "", "", false},
		{"others only", []string{"a=b; c"}, "", "", false},
		{"whole", []string{"a=b; " + n + "=tok; c=d"}, "tok", n, false},
		{"several lines", []string{"a=b", n + "=tok"}, "tok", n, false},
		{"white space", []string{"\t" + n + " =\ttok "}, "tok", n, false},
		{"no space", []string{"a=b;" + n + "=tok;c=d"}, "tok", n, false},
		{"percent-encoded", []string{n + "=t%6Fk%2E"}, "tok.", n, false},
		{"faulty percent-encoding stays", []string{n + "=t%6k"}, "t%6k", n, false},
		{"plus stays", []string{n + "=a+b"}, "a+b", n, false},
		{"quoted", []string{n + `="tok"`}, "tok", n, false},
		{"equals signs", []string{n + "=a=b="}, "a=b=", n, false},
		{"empty", []string{n + "="}, "", "", false},
		{"empty beside whole", []string{n + "=; " + n + "=tok"}, "tok", n, false},
		{"pieces", []string{n + ".0=a; " + n + ".1=b"}, "ab", n + ".0 " + n + ".1", false},
		{"pieces in any order", []string{n + ".2=c; x=y; " + n + ".0=a", n + ".1=b"}, "abc", n + ".2 " + n + ".0 " + n + ".1", false},
		{"one piece", []string{n + ".0=a"}, "a", n + ".0", false},
		{"COO-3 whole twice", []string{n + "=a; " + n + "=b"}, "", n, true},
		{"COO-3 whole twice alike", []string{n + "=a; " + n + "=a"}, "", n, true},
		{"COO-3 piece twice", []string{n + ".0=a; " + n + ".1=b; " + n + ".0=c"}, "", n + ".0 " + n + ".1", true},
		{"COO-3 whole and piece", []string{n + ".0=a; " + n + "=b"}, "", n + ".0 " + n, true},
		{"COO-4 first piece missing", []string{n + ".1=b"}, "", n + ".1", true},
		{"COO-4 gap", []string{n + ".0=a; " + n + ".2=c"}, "", n + ".0 " + n + ".2", true},
		{"COO-4 ninth piece", []string{chunks(n, 9)}, "", strings.Join(names(n, 9), " "), true},
		{"COO-4 eight pieces", []string{chunks(n, 8)}, "01234567", strings.Join(names(n, 8), " "), false},
		{"COO-4 huge number", []string{n + ".99999999999999999999999=a"}, "", n + ".99999999999999999999999", true},
		{"COO-4 leading zero isn't ours", []string{n + "=a; " + n + ".00=b; " + n + ".01=c"}, "a", n, false},
		{"COO-4 other suffixes aren't ours", []string{n + "=a; " + n + "-x=b; " + n + ".=c; " + n + ".x=d; " + n + ".+1=e; " + n + ".1.0=f; " + n + "0=g; " + n + ".-1=h"}, "a", n, false},
		{"COO-2 secure name isn't ours", []string{"__Secure-" + n + "=a; __Host-" + n + "=b"}, "", "", false},
		{"COO-6 other case isn't ours", []string{strings.ToUpper(n) + "=a"}, "", "", false},
		{"COO-6 Unicode space isn't trimmed", []string{"\u00a0" + n + "=a; \u2028" + n + "=b;\v" + n + "=c"}, "", "", false},
		{"COO-6 500 cookies", []string{strings.Repeat("a=b;", 499) + n + "=tok"}, "tok", n, false},
		{"COO-6 5000 cookies", []string{n + "=tok;" + strings.Repeat("a=b;", 5000)}, "", "", true},
		{"COO-6 64 KiB", []string{n + "=tok", "a=" + strings.Repeat("b", 64<<10)}, "", "", true},
		{"COO-4 32 KiB", []string{n + "=" + strings.Repeat("b", 32<<10+1)}, "", n, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := codec.FromHeader(cookies(row.lines...))
			if got.Token != row.token || strings.Join(got.Names, " ") != row.names || got.Conflict != row.clash {
				t.Errorf("got %+v, want %q, names %q, conflict %v", got, row.token, row.names, row.clash)
			}
		})
	}
}

func names(name string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s.%d", name, i))
	}
	return all
}

func chunks(name string, n int) string {
	var all []string
	for i, piece := range names(name, n) {
		all = append(all, fmt.Sprintf("%s=%d", piece, i))
	}
	return strings.Join(all, "; ")
}

func TestSecureReadsSecureNames(t *testing.T) {
	for _, format := range formats {
		plain, secure := newCodec(t, session.Config{Format: format}), newCodec(t, session.Config{Format: format, Secure: true})
		if want := "__Secure-" + plain.CookieName(); secure.CookieName() != want {
			t.Errorf("COO-1: got %s, want %s", secure.CookieName(), want)
		}
		got := secure.FromHeader(cookies(plain.CookieName() + "=a; " + plain.CookieName() + ".0=b"))
		if got.Token != "" || len(got.Names) != 0 || got.Conflict {
			t.Errorf("COO-2: got %+v", got)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, row := range []struct {
		format session.Format
		size   int
		want   []int
	}{
		{session.NextAuthV4, 1, []int{1}},
		{session.NextAuthV4, 3933, []int{3933}},
		{session.NextAuthV4, 3934, []int{3933, 1}},
		{session.NextAuthV4, 2 * 3933, []int{3933, 3933}},
		{session.NextAuthV4, 8 * 3933, []int{3933, 3933, 3933, 3933, 3933, 3933, 3933, 3933}},
		{session.NextAuthV4, 8*3933 + 1, nil},
		{session.AuthJSV5, 3936, []int{3936}},
		{session.AuthJSV5, 3937, []int{3936, 1}},
		{session.AuthJSV5, 8*3936 + 1, nil},
	} {
		codec := newCodec(t, session.Config{Format: row.format})
		token := strings.Repeat("abcdefghijk", row.size)[:row.size]
		pieces, err := codec.Split(token)
		if row.want == nil {
			if !errors.Is(err, session.ErrTooLarge) {
				t.Errorf("COO-5: %s of %d: got %v", row.format, row.size, err)
			}
			continue
		}
		var sizes []int
		var line []string
		for i, p := range pieces {
			name := codec.CookieName()
			if len(row.want) > 1 {
				name = fmt.Sprintf("%s.%d", name, i)
			}
			if p.Name != name || len(p.Name)+len(p.Value) > 4096 {
				t.Errorf("COO-5: %s of %d: piece %d is %s of %d", row.format, row.size, i, p.Name, len(p.Value))
			}
			sizes, line = append(sizes, len(p.Value)), append(line, p.Name+"="+p.Value)
		}
		if err != nil || !slices.Equal(sizes, row.want) {
			t.Errorf("%s of %d: got %v, %v, want %v", row.format, row.size, sizes, err, row.want)
		}
		if got := codec.FromHeader(cookies(strings.Join(line, "; "))); got.Token != token {
			t.Errorf("%s of %d: read back %d characters, conflict %v", row.format, row.size, len(got.Token), got.Conflict)
		}
	}
}

func TestFewerChunks(t *testing.T) {
	codec := newCodec(t, session.Config{MaxChunks: 2})
	if _, err := codec.Split(strings.Repeat("a", 3*3933)); !errors.Is(err, session.ErrTooLarge) {
		t.Errorf("COO-4: got %v", err)
	}
	if got := codec.FromHeader(cookies(chunks(codec.CookieName(), 3))); !got.Conflict || len(got.Names) != 3 {
		t.Errorf("COO-4: got %+v", got)
	}
}

// FuzzCookieJoin splits a token, sends it among hostile cookies, and wants
// back either that very token or nothing.
func FuzzCookieJoin(f *testing.F) {
	f.Add("tok", "a=b; c=d")
	f.Add(strings.Repeat("ab.-_", 2000), "next-auth.session-token=x")
	f.Add("a", "next-auth.session-token.1=x; next-auth.session-token.00=y")
	f.Add("a", "next-auth.session-token-x=x;;;=; next-auth.session-token=\"")
	codec := newCodec(f, session.Config{})
	f.Fuzz(func(t *testing.T, token, hostile string) {
		token = strings.Map(func(r rune) rune {
			if r < 0x80 && url.QueryEscape(string(r)) == string(r) {
				return r
			}
			return -1
		}, token)
		pieces, err := codec.Split(token)
		if err != nil || token == "" {
			return
		}
		var own []string
		for _, p := range pieces {
			own = append(own, p.Name+"="+p.Value)
		}
		line := strings.Join(own, "; ")
		if got := codec.FromHeader(cookies(line)); got.Token != token || got.Conflict || len(got.Names) != len(pieces) {
			t.Fatalf("got %d characters, %v, conflict %v; sent %d", len(got.Token), got.Names, got.Conflict, len(token))
		}
		for _, h := range []http.Header{cookies(hostile, line), cookies(line, hostile), cookies(line + ";" + hostile)} {
			got := codec.FromHeader(h)
			if got.Conflict && got.Token != "" || !got.Conflict && got.Token != token && !strings.HasPrefix(got.Token, token) {
				t.Fatalf("COO-3: got %q, conflict %v; sent %q beside %q", got.Token, got.Conflict, token, hostile)
			}
			if got.Token != token && !strings.Contains(hostile, codec.CookieName()) && len(hostile) < 60<<10 && strings.Count(hostile, ";") < 400 {
				t.Fatalf("%q spoilt the session", hostile)
			}
		}
	})
}
