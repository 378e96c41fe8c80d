package ostiary_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// TestPace holds that refusals leave at one moment whatever they were for
// (PWD-6, IDN-8): a system that hashes for 80 ms for a name that it knows and
// answers at once for one that it does not know looks like one that always
// takes 80 ms.
func TestPace(t *testing.T) {
	const hashing = 80 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		h := open(t, authorizing(func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
			if c.Get("username") != "jsmith" {
				return nil, nil
			}
			time.Sleep(hashing) // in the bubble's own time
			if c.Get("password") == jsmiths {
				return jsmith(), nil
			}
			return nil, nil
		}))
		b := h.script()
		took := func(fields ...string) time.Duration {
			b.csrf()
			begun := time.Now()
			b.post("callback/credentials", fields...)
			return time.Since(begun)
		}
		took("username", "jsmith", "password", "wrong") // from here on the pace is known
		for _, row := range []struct {
			name   string
			fields []string
		}{
			{"known name", []string{"username", "jsmith", "password", "wrong"}},
			{"unknown name", []string{"username", "nobody", "password", "wrong"}},
			{"PWD-2 password far too long", []string{"username", "jsmith", "password", strings.Repeat("x", 2000)}},
			{"PWD-8 empty password", []string{"username", "jsmith", "password", ""}},
		} {
			got := took(row.fields...)
			if got != hashing {
				t.Errorf("%s: answered after %v, want %v", row.name, got, hashing)
			}
		}
		if got := took("username", "jsmith", "password", jsmiths); got != hashing {
			t.Errorf("a yes is held back to %v", got)
		}
	})
}

// TestPaceKeeps holds that guessing names does not wear the pace off, and that a
// slow spell of the user system does not slow refusals for ever, nor ever by more
// than a second.
func TestPaceKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := 9 * time.Second
		h := open(t, authorizing(func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
			if c.Get("username") != "jsmith" {
				return nil, nil
			}
			time.Sleep(slow) // in the bubble's own time
			return jsmith(), nil
		}))
		refusal := func() time.Duration {
			begun := time.Now()
			h.script().post("callback/credentials", "username", "nobody", "password", "x").is(401)
			return time.Since(begun)
		}
		h.script().enter()
		if got := refusal(); got != time.Second {
			t.Errorf("held back for %v", got)
		}
		slow = 50 * time.Millisecond
		for range 16 {
			h.script().enter()
		}
		for range 300 {
			if got := refusal(); got != slow {
				t.Fatalf("held back for %v, want %v", got, slow)
			}
		}
	})
}

// TestOnePublicFailure compares the answers to all kinds of wrong credentials
// byte for byte (IDN-4), aside from the reference.
func TestOnePublicFailure(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := open(t, wire)
		answer := func(password string) string {
			b := meet(h)
			r := b.post("callback/credentials", "username", "jsmith", "password", password)
			for _, line := range h.log.lines("sign-in") {
				r.body = strings.ReplaceAll(r.body, line["reference"].(string), "REF")
			}
			text := r.Status + r.body
			for _, name := range slices.Sorted(maps.Keys(r.Header)) {
				if name != "Set-Cookie" {
					text += name + strings.Join(r.Header[name], ",")
				}
			}
			for _, c := range r.Cookies() {
				c.Value = ""
				text += c.String()
			}
			return text
		}
		want := answer("wrong")
		for name, password := range map[string]string{
			"2 KiB": strings.Repeat("x", 2048), "NUL": "open\x00sesame", "with a space": jsmiths + " ", "upper case": "OPEN SESAME",
		} {
			if got := answer(password); got != want {
				t.Errorf("%s: answers %q, want %q", name, got, want)
			}
		}
	})
}
