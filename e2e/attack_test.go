package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// attacker serves a page on another site whose form goes to the target with a
// CSRF pair that anybody can get, and sends itself.
func attacker(t *testing.T, target string, fields map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<!doctype html><title>prize</title><form method=post action=%q>", target)
		for name, value := range fields {
			fmt.Fprintf(w, "<input name=%q value=%q>", name, value)
		}
		fmt.Fprint(w, "<button>you won</button></form>")
	}))
	t.Cleanup(server.Close)
	return server.URL // 127.0.0.1, which is another site than localhost
}

// TestCrossSiteForms has a hostile page post to the service in the browser of a
// victim who holds a CSRF pair that the attacker knows: planted, or leaked.
func TestCrossSiteForms(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + signInPage)
		token := b.value("csrfToken")

		t.Run("CSR-5 sign-in as the attacker", func(t *testing.T) {
			page := attacker(t, s.origin+"/api/auth/callback/credentials",
				map[string]string{"username": "ada", "password": "correct horse", "csrfToken": token})
			b.visit(page)
			b.leave(chromedp.Click(chromedp.CSS("button")))
			b.visit(s.origin + "/home")
			if !b.has("[name=password]") {
				t.Error("a foreign form signed the victim in")
			}
		})

		b.visit(s.origin + signInPage)
		b.signIn("ada", "correct horse")
		arrived(t, s, b, "Ada Lovelace")
		t.Run("CSR-5 sign-out", func(t *testing.T) {
			b.visit(attacker(t, s.origin+"/api/auth/signout", map[string]string{"csrfToken": token}))
			b.leave(chromedp.Click(chromedp.CSS("button")))
			b.visit(s.origin + "/home")
			arrived(t, s, b, "Ada Lovelace")
		})
	})
}

// TestForeignDestinations signs in by links that name where to go afterwards:
// the person always stays on our origin (RED-1, RED-3).
func TestForeignDestinations(t *testing.T) {
	s, b := open(t, generations["v4"]), openTab(t)
	for _, target := range []string{
		"https://evil.example/", "//evil.example/", "/\\evil.example/", "/%09/evil.example/", "javascript:alert(1)",
		"http://localhost@evil.example/", "data:text/html,hi", "http:evil.example", "\\\\evil.example",
	} {
		t.Run("RED-1 "+target, func(t *testing.T) {
			b.forgetCookies()
			b.visit(s.origin + "/api/auth/signin?callbackUrl=" + strings.NewReplacer("%", "%25", "\\", "%5C", "/", "%2F").Replace(target))
			b.signIn("ada", "correct horse")
			if got := b.location(); !strings.HasPrefix(got, s.origin) {
				t.Errorf("the person ends up at %s", got)
			}
		})
	}
}
