// Package cookies writes Set-Cookie lines exactly as the contract has them
// (section 6), and reads single cookies off a request without parsing them all.
package cookies

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Cookie says how a cookie is written, everything but its value and life.
type Cookie struct {
	Name string
	// Domain is empty for this host only.
	Domain string
	// Path is empty for "/".
	Path             string
	Secure, HTTPOnly bool
	// SameSite is Lax unless it is http.SameSiteStrictMode.
	SameSite http.SameSite
}

// String returns the line for a cookie that ends with the browser.
func (c Cookie) String(value string) string { return c.line(Escape(value), "", time.Time{}) }

// StringFor returns the line for a cookie that lives that long, in whole seconds.
func (c Cookie) StringFor(value string, life time.Duration) string {
	return c.line(Escape(value), strconv.FormatInt(int64(life/time.Second), 10), time.Time{})
}

// StringUntil returns the line for a cookie that lives until then; the zero Time
// means until the browser is closed.
func (c Cookie) StringUntil(value string, end time.Time) string {
	return c.line(Escape(value), "", end)
}

// Deletion returns the line that deletes the cookie.
func (c Cookie) Deletion() string { return c.line("", "0", time.Time{}) }

// line writes the attributes in the contract's order.
func (c Cookie) line(value, maxAge string, expires time.Time) string {
	var b strings.Builder
	b.Grow(len(c.Name) + len(value) + 128)
	b.WriteString(c.Name)
	b.WriteByte('=')
	b.WriteString(value)
	if maxAge != "" {
		b.WriteString("; Max-Age=")
		b.WriteString(maxAge)
	}
	if c.Domain != "" {
		b.WriteString("; Domain=")
		b.WriteString(c.Domain)
	}
	b.WriteString("; Path=")
	if c.Path == "" {
		b.WriteByte('/')
	}
	b.WriteString(c.Path)
	if !expires.IsZero() {
		b.WriteString("; Expires=")
		b.WriteString(expires.UTC().Format(http.TimeFormat))
	}
	if c.HTTPOnly {
		b.WriteString("; HttpOnly")
	}
	if c.Secure {
		b.WriteString("; Secure")
	}
	if c.SameSite == http.SameSiteStrictMode {
		b.WriteString("; SameSite=Strict")
	} else {
		b.WriteString("; SameSite=Lax")
	}
	return b.String()
}

// Escape percent-encodes a value as JavaScript's encodeURIComponent does.
func Escape(s string) string {
	const hex = "0123456789ABCDEF"
	done := 0
	for done < len(s) && plain[s[done]] {
		done++
	}
	if done == len(s) {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		if c := s[i]; plain[c] {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

// plain are the bytes that encodeURIComponent leaves alone.
var plain = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()") {
		set[c] = true
	}
	return set
}()

// maxHeader bounds the Cookie header that is looked at, in bytes (COO-6).
const maxHeader = 64 << 10

// Read returns the value of the first cookie with exactly this name, and how
// many there are. The value is percent-decoded, or left as it is where that
// fails. A Cookie header beyond 64 KiB counts as none.
func Read(h http.Header, name string) (value string, n int) {
	size := 0
	for _, line := range h["Cookie"] {
		if size += len(line); size > maxHeader {
			return "", 0
		}
		for rest := line; rest != ""; {
			var pair string
			pair, rest, _ = strings.Cut(rest, ";")
			pair = strings.Trim(pair, " \t")
			if len(pair) <= len(name) || pair[len(name)] != '=' || pair[:len(name)] != name {
				continue
			}
			if n++; n == 1 {
				value = unescape(pair[len(name)+1:])
			}
		}
	}
	return value, n
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
