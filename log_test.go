package ostiary_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// TestCanaries sends secrets down every path and looks for them in the log, at
// debug level (LOG-2), and in answers where they have no business.
func TestCanaries(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		mode := ""
		h := open(t, wire, func(c *ostiary.Config) {
			c.LogLoginNames = true
			c.Session.AcceptBearer = true
			c.Providers[0].Form = append(loginForm(), form.Field{Name: "pin", Secret: true})
			c.Providers[0].Authorize = func(_ context.Context, v form.Values, r *http.Request) (*ostiary.User, error) {
				switch mode {
				case "ok":
					u := jsmith()
					u.Claims = map[string]any{"private": "canary-claim"}
					return u, nil
				case "error":
					return nil, fmt.Errorf("asking about %v: %s: %+v %#v", v, v, v, v)
				case "refusal":
					return nil, &ostiary.Refusal{Code: "locked", Cause: fmt.Errorf("values %v", v)}
				case "panic":
					panic(v)
				case "step":
					return nil, &ostiary.NextStep{Form: form.Form{{Name: "code", Type: "password"}}, State: []byte("canary-state")}
				}
				return nil, nil
			}
		})
		var everything strings.Builder
		for _, mode = range []string{"", "ok", "error", "refusal", "panic", "step"} {
			for _, b := range []*browser{h.browser(), h.script()} {
				b.header.Set("Authorization", "Bearer canary-bearer")
				for _, fields := range [][]string{
					{"username", "jsmith", "password", "canary-password", "pin", "canary-pin"},
					{"username", "jsmith", "password", "canary-password" + strings.Repeat("x", 2000), "pin", "canary-pin"},
					{"username", "jsmith", "password", "canary-password", "pin", "canary-pin", "undeclared", "canary-undeclared"},
					{"username", "jsmith", "password", "canary-password", "password", "canary-second", "pin", "canary-pin"},
					{"code", "canary-code"},
				} {
					r := b.post("callback/credentials", fields...)
					everything.WriteString(r.body + r.leads())
				}
				b.send(b.form("callback/credentials", "csrfToken", "canary-token", "username", "jsmith", "password", "canary-password"))
				b.postJSON("callback/credentials", map[string]any{"username": "jsmith", "password": "canary-password", "pin": "canary-pin"})
				b.postJSON("session", map[string]any{"data": "canary-update"})
				raw := httptest.NewRequest(http.MethodPost, h.base+"/callback/credentials", strings.NewReader("password=canary-password&%zz"))
				raw.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				b.send(raw)
				b.get("signin?error=canary-query&callbackUrl=/canary-path")
				for name, c := range b.jar {
					if len(c.Value) > 40 && strings.Contains(h.log.String(), c.Value[:40]) {
						t.Errorf("cookie %s is in the log", name)
					}
				}
				if token := b.csrf(); strings.Contains(h.log.String(), token) {
					t.Error("the CSRF token is in the log")
				}
				b.post("signout")
			}
		}
		for _, text := range []struct{ what, text string }{{"log", h.log.String()}, {"answers", everything.String()}} {
			if found := regexp.MustCompile(`canary-[a-z]+`).FindAllString(text.text, -1); len(found) > 0 {
				t.Errorf("in the %s: %q", text.what, found)
			}
		}
		if strings.Contains(h.log.String(), secretA) {
			t.Error("the service's secret is in the log")
		}
	})
}

// TestLoginNames holds when the log has the name that was typed: only if asked
// to, and never as a line of its own (LOG-1).
func TestLoginNames(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		h := open(t, func(c *ostiary.Config) { c.LogLoginNames = wanted })
		b := h.script()
		b.post("callback/credentials", "username", "JSmith", "password", "wrong")
		if got := strings.Contains(h.log.String(), "jsmith"); got != wanted {
			t.Errorf("wanted %v: %s", wanted, h.log)
		}
		hostile := []string{
			"x\r\n{\"msg\":\"sign-in\",\"outcome\":\"signed_in\"}", "\x1b[31mred\x1b[0m", "a\x00b", "\u202egnp.exe", "\u200b", strings.Repeat("n", 900), "\xff\xfe",
		}
		before := strings.Count(h.log.String(), "\n")
		for _, name := range hostile {
			b.send(b.form("callback/credentials", "csrfToken", b.csrf(), "username", name, "password", "wrong"))
		}
		log := h.log.String()
		if got := strings.Count(log, "\n") - before; got != len(hostile) {
			t.Errorf("LOG-1 %d lines for %d attempts", got, len(hostile))
		}
		for i := range len(log) {
			if c := log[i]; c != '\n' && (c < ' ' || c == 0x7f) {
				t.Fatalf("LOG-1 control byte %#x in the log", c)
			}
		}
		for line := range strings.Lines(log) {
			if len(line) > 1500 || !json.Valid([]byte(line)) {
				t.Errorf("LOG-1 line of %d bytes: %.200s", len(line), line)
			}
		}
		if got := h.log.lines("sign-in"); len(got) != 1+len(hostile) || got[1]["outcome"] == "signed_in" {
			t.Errorf("LOG-1 %d audit lines", len(got))
		}
	}
}

// TestHostileTextFromTheUserSystem holds the same for what the user system says.
func TestHostileTextFromTheUserSystem(t *testing.T) {
	h := open(t, answering(nil, &ostiary.Refusal{Code: "locked", Sentence: "<script>\x1b[31m\r\nX: y", Cause: errors.New("line\r\nbreak\x1b[0m")}))
	b := h.browser()
	r := b.login()
	if strings.ContainsAny(r.leads(), "\r\n\x1b<") {
		t.Errorf("Location %q", r.leads())
	}
	b.follow(r).hides("<script>\x1b", "<script>&#")
	log := h.log.String()
	if strings.Count(log, "\n") != 1 || strings.ContainsAny(strings.TrimSpace(log), "\r\x1b\n") {
		t.Errorf("LOG-1 log %q", log)
	}
}

// TestReferences holds that each attempt has a reference of its own, and that
// log, JSON and page agree on it (LOG-3, LOG-4).
func TestReferences(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		seen := map[string]bool{}
		for n := range 20 {
			b := h.script()
			if n%2 == 0 {
				b = h.browser()
			}
			r := b.post("callback/credentials", "username", "x", "password", "y")
			lines := h.log.lines("sign-in")
			if len(lines) != n+1 {
				t.Fatalf("%d lines after %d attempts", len(lines), n+1)
			}
			ref := lines[n]["reference"].(string)
			if seen[ref] || !regexp.MustCompile(`^[0-9A-Z]{8}$`).MatchString(ref) {
				t.Errorf("reference %q", ref)
			}
			seen[ref] = true
			if b.json {
				if r.said().Reference != ref {
					t.Errorf("JSON says %q, the log %q", r.said().Reference, ref)
				}
				continue
			}
			b.follow(r).shows(ref)
		}
	})
}

// TestAuditLine holds what the one line of an attempt says (LOG-3).
func TestAuditLine(t *testing.T) {
	h, _ := openSMS(t, func(c *ostiary.Config) {
		c.Providers[0].Realm = "acme"
		var err error
		if c.TrustedProxies, err = ostiary.ParseProxies([]string{"192.0.2.0/24"}); err != nil {
			t.Fatal(err)
		}
	})
	b := h.script()
	b.header.Set("X-Forwarded-For", "203.0.113.7")
	b.login()
	b.post("callback/credentials", "code", "111")
	b.post("signout")
	lines := h.log.lines("sign-in")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, want := range []map[string]any{
		{"level": "INFO", "outcome": "next_step", "provider": "credentials", "realm": "acme", "client_ip": "203.0.113.7", "code": "sms"},
		{"level": "INFO", "outcome": "signed_in", "account": (ostiary.Account{Realm: "acme", UserID: "42"}).String(), "factors": "pwd", "client_ip": "203.0.113.7"},
	} {
		for name, value := range want {
			if lines[i][name] != value {
				t.Errorf("line %d: %s is %v, want %v", i, name, lines[i][name], value)
			}
		}
	}
	if out := h.log.lines("signed out"); len(out) != 1 || out[0]["account"] == "" {
		t.Errorf("LOG-3 sign-out %v", out)
	}
}

// TestPublicFaults holds that what went wrong inside stays inside (LOG-4).
func TestPublicFaults(t *testing.T) {
	const inside = "dial tcp 10.1.2.3:5432 SELECT * FROM users cn=admin,dc=acme"
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := open(t, wire, answering(nil, errors.New(inside)))
		b := meet(h)
		r := b.login()
		pages := []*reply{r}
		if !b.json {
			pages = append(pages, b.follow(r))
		}
		for _, r := range pages {
			r.hides("10.1.2.3", "SELECT", "cn=admin", "goroutine", ".go:")
		}
		if strings.Contains(r.leads(), "SELECT") || !strings.Contains(h.log.String(), "SELECT") {
			t.Error("the cause is in the address, or not in the log")
		}
		lines := h.log.lines("sign-in")
		if len(lines) != 1 || lines[0]["level"] != "ERROR" {
			t.Errorf("audit %v", lines)
		}
	})
}
