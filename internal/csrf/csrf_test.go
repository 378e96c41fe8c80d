package csrf_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/csrf"
)

// vector is one line of testdata/csrf.json, recorded from next-auth 4.24.15 and
// next-auth 5.0.0-beta.32.
type vector struct {
	ID      string
	Secret  any    // a text, or the list of v5
	Cookie  string `json:"cookie_value_decoded"`
	Body    string `json:"body_value"`
	IsPost  bool   `json:"is_post"`
	Genuine bool   `json:"verified"`
	New     bool   `json:"new_cookie_issued"`
}

func (v vector) guard() *csrf.Guard {
	if secret, ok := v.Secret.(string); ok {
		return csrf.New(secret)
	}
	var list []string
	for _, secret := range v.Secret.([]any) {
		list = append(list, secret.(string))
	}
	return csrf.New(strings.Join(list, ","))
}

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/csrf.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d vectors: %v", len(file.Cases), err)
	}
	return file.Cases
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run("CSR-4 "+v.ID, func(t *testing.T) {
			token, ok := v.guard().Verify(v.Cookie)
			if ok == v.New {
				t.Errorf("the cookie verifies: %t; a new one was issued: %t", ok, v.New)
			}
			if got := ok && v.IsPost && csrf.Match(token, v.Body); got != v.Genuine {
				t.Errorf("genuine %t, want %t", got, v.Genuine)
			}
		})
	}
}

func TestIssue(t *testing.T) {
	guard := csrf.New("a secret")
	token, cookie := guard.Issue()
	if got, ok := guard.Verify(cookie); !ok || got != token {
		t.Errorf("Verify(%q) = %q, %t, want %q, true", cookie, got, ok, token)
	}
	if again, _ := guard.Issue(); again == token {
		t.Errorf("token %q came twice", token)
	}
	if _, ok := csrf.New("another secret").Verify(cookie); ok {
		t.Error("CSR-4 the pair of one secret verifies under another")
	}
}

// pair makes the cookie for any token at all, as somebody would who knows the
// secret but not our form of token.
func pair(token, secret string) string {
	sum := sha256.Sum256([]byte(token + secret))
	return token + "|" + hex.EncodeToString(sum[:])
}

func TestVerifyWantsOurForm(t *testing.T) {
	const secret = "b"
	token := strings.Repeat("0f", 32)
	for name, cookie := range map[string]string{
		"nothing":                           "",
		"a bar":                             "|",
		"CSR-4 the empty token":             pair("", secret),
		"a short token":                     pair(token[2:], secret),
		"a token that runs into the secret": pair(token+"a", secret),
		"capital letters":                   pair(strings.ToUpper(token), secret),
		"a letter that is no hex digit":     pair("g"+token[1:], secret),
		"no hash":                           token + "|",
		"half of the hash":                  pair(token, secret)[:tokenAndHalf],
		"more than the hash":                pair(token, secret) + "0",
		"blanks around":                     " " + pair(token, secret),
		"the bar as it is on the wire, undecoded": strings.Replace(pair(token, secret), "|", "%7C", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := csrf.New(secret).Verify(cookie); ok || got != "" {
				t.Errorf("Verify(%q) = %q, %t, want a refusal", cookie, got, ok)
			}
		})
	}
	if _, ok := csrf.New(secret).Verify(pair(token, secret)); !ok {
		t.Error("the token itself does not verify")
	}
}

const tokenAndHalf = 64 + 1 + 32

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		token, submitted string
		want             bool
	}{
		{"abc", "abc", true},
		{"abc", "abd", false},
		{"abc", "ABC", false},
		{"abc", "abc ", false},
		{"abc", "", false},
		{"", "", false},
	} {
		if got := csrf.Match(c.token, c.submitted); got != c.want {
			t.Errorf("Match(%q, %q) = %t, want %t", c.token, c.submitted, got, c.want)
		}
	}
}

func TestGuardHidesItsSecret(t *testing.T) {
	const canary = "canary-secret"
	guard := csrf.New(canary)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		for _, value := range []any{guard, *guard, []any{guard}, struct{ G csrf.Guard }{*guard}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(canary))) {
				t.Errorf("LOG-2 %s prints the secret: %s", verb, text)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	const secret = "test-only-csrf-secret-1"
	for _, v := range vectors(f) {
		f.Add(v.Cookie)
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		token, ok := csrf.New(secret).Verify(cookie)
		if !ok {
			if token != "" {
				t.Errorf("Verify(%q) refuses, yet returns %q", cookie, token)
			}
			return
		}
		want := pair(token, secret)
		if rest, found := strings.CutPrefix(cookie, want); len(token) != 64 || !found || (rest != "" && rest[0] != '|') {
			t.Errorf("Verify(%q) accepts what was never issued", cookie)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	guard := csrf.New(strings.Repeat("s", 43))
	_, cookie := guard.Issue()
	b.ReportAllocs()
	for b.Loop() {
		guard.Verify(cookie)
	}
}
