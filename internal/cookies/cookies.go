// Package cookies writes Set-Cookie lines exactly as the contract has them
// (section 6), and reads single cookies off a request without parsing them all.
package cookies

import (
	"errors"
	"fmt"
	"net/http"
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

// Check returns what is wrong with the cookie: a name, path or domain that would
// break the line, or attributes that its prefix forbids (RFC 6265bis, sections
// 4.1.1 and 4.1.3). The other methods rely on it and check nothing.
func (c Cookie) Check() error {
	switch name := strings.ToLower(c.Name); { // browsers compare prefixes without case
	case !isToken(c.Name):
		return fmt.Errorf("%q is not a cookie name", c.Name)
	case !isAttribute(c.Path) || c.Path != "" && c.Path[0] != '/':
		return fmt.Errorf("cookie %s: %q is not a path such as \"/\"", c.Name, c.Path)
	case strings.Trim(c.Domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != "":
		return fmt.Errorf("cookie %s: %q is not a domain such as \"example.com\"", c.Name, c.Domain)
	case (strings.HasPrefix(name, "__secure-") || strings.HasPrefix(name, "__host-")) && !c.Secure:
		return fmt.Errorf("cookie %s: its prefix needs https", c.Name)
	case strings.HasPrefix(name, "__host-") && (c.Domain != "" || c.Path != "" && c.Path != "/"):
		return fmt.Errorf("cookie %s: a __Host- name needs Path / and no Domain", c.Name)
	case c.SameSite == http.SameSiteNoneMode:
		return errors.New("SameSite: only Lax and Strict keep foreign sites from using a cookie")
	}
	return nil
}

func isToken(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

func isAttribute(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= 0x7f || c == ';' {
			return false
		}
	}
	return true
}

// String returns the line for a cookie that ends with the browser.
func (c Cookie) String(value string) string { return c.line(value, "", time.Time{}) }

// StringFor returns the line for a cookie that lives that long, in whole seconds.
func (c Cookie) StringFor(value string, life time.Duration) string {
	return c.line(value, strconv.FormatInt(int64(life/time.Second), 10), time.Time{})
}

// StringUntil returns the line for a cookie that lives until then; the zero Time
// means until the browser is closed.
func (c Cookie) StringUntil(value string, end time.Time) string {
	return c.line(value, "", end)
}

// Deletion returns the line that deletes the cookie.
func (c Cookie) Deletion() string { return c.line("", "0", time.Time{}) }

// line writes the whole of a cookie.
func (c Cookie) line(value, maxAge string, expires time.Time) string {
	var room [512]byte // enough for most
	return string(c.appendAttributes(appendEscaped(c.AppendName(room[:0]), value), maxAge, expires))
}

// AppendName appends the beginning of a line. What is appended next is the value,
// and must need no escaping; AppendUntil ends the line.
func (c Cookie) AppendName(dst []byte) []byte { return append(append(dst, c.Name...), '=') }

// AppendUntil appends the attributes of a cookie that lives until then, as
// StringUntil has them.
func (c Cookie) AppendUntil(dst []byte, end time.Time) []byte {
	return c.appendAttributes(dst, "", end)
}

// appendAttributes writes them in the contract's order.
func (c Cookie) appendAttributes(dst []byte, maxAge string, expires time.Time) []byte {
	if maxAge != "" {
		dst = append(append(dst, "; Max-Age="...), maxAge...)
	}
	if c.Domain != "" {
		dst = append(append(dst, "; Domain="...), c.Domain...)
	}
	dst = append(dst, "; Path="...)
	if c.Path == "" {
		dst = append(dst, '/')
	}
	dst = append(dst, c.Path...)
	if !expires.IsZero() {
		dst = expires.UTC().AppendFormat(append(dst, "; Expires="...), http.TimeFormat)
	}
	if c.HTTPOnly {
		dst = append(dst, "; HttpOnly"...)
	}
	if c.Secure {
		dst = append(dst, "; Secure"...)
	}
	if c.SameSite == http.SameSiteStrictMode {
		return append(dst, "; SameSite=Strict"...)
	}
	return append(dst, "; SameSite=Lax"...)
}
