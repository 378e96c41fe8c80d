package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/totp"
	"github.com/ostiary/ostiary/store/memory/factors"
)

// appSecret is the key of Ada's authenticator app.
const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// withFactors gives a site second factors.
func withFactors(t *testing.T, more ...ostiary.Factor) func(*ostiary.Config) {
	t.Helper()
	app, err := totp.New(totp.Config{Issuer: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *ostiary.Config) {
		c.Store = factors.New(nil)
		c.Factors = ostiary.Factors{Kinds: append([]ostiary.Factor{app}, more...), RememberDevice: 30 * 24 * time.Hour}
	}
}

// code is what the app of a key shows now.
func code(t *testing.T, secret string) string {
	t.Helper()
	parsed, err := totp.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp.Key{Secret: parsed}.At(time.Now())
}

const accountPage = "/api/auth/account"

// TestEnrolApp goes the way of a person with a new authenticator app, and lets
// zbarimg read the picture as the app does.
func TestEnrolApp(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			s, b := open(t, generations["v4"], withFactors(t)), openTab(t)
			if !scripts {
				b.withoutScripts()
			}
			b.visit(s.origin + accountPage)
			b.signIn("ada", "correct horse")
			if !strings.HasSuffix(b.location(), accountPage) {
				t.Fatalf("at %s", b.location())
			}
			b.submit(0)
			var picture []byte
			var err error
			if picture, err = chromedp.Run(b.ctx, chromedp.Screenshot("svg.qr")); err != nil {
				t.Fatal(err)
			}
			address := readQR(t, picture)
			key, err := totp.ParseAddress(address)
			if err != nil || key.Issuer != "Acme" || key.Account != "ada@example.test" {
				t.Fatalf("the QR code says %+v, %v", key, err)
			}
			shown := strings.ReplaceAll(b.text("#secret"), " ", "")
			if want := strings.ReplaceAll(key.Key.Secret.Text(), " ", ""); shown != want {
				t.Errorf("the text says %s, the picture %s", shown, want)
			}
			b.fill("code", key.Key.At(time.Now()))
			b.fill("name", "Old phone")
			b.do(chromedp.Click("main .provider [type=submit]"))
			waitFor(t, func() bool { return strings.Contains(b.text("main"), "Old phone") })

			stranger := openTab(t)
			stranger.visit(s.origin + "/home")
			stranger.signIn("ada", "correct horse")
			if !strings.Contains(stranger.location(), "/api/auth/factor") || !stranger.focuses("[name=code]") {
				t.Fatalf("at %s", stranger.location())
			}
			stranger.fill("code", "000000")
			stranger.submit(0)
			if stranger.text("[role=alert]") == "" {
				t.Error("a wrong code is not told of")
			}
			next := time.Now().Add(30 * time.Second) // the window lets the clock of a phone be ahead
			stranger.fill("code", key.Key.At(next))
			stranger.submit(0)
			if got := stranger.text("h1"); got != "Hello Ada Lovelace" {
				t.Errorf("the page says %q at %s", got, stranger.location())
			}
		})
	}
}

// readQR returns what a QR code says, as zbar sees it.
func readQR(t *testing.T, picture []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "qr.png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), need(t, "zbarimg"), "-q", "--raw", file).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatal("waited ten seconds in vain")
		}
	}
}

// TestFactorClients has the real clients sign in with password and code.
func TestFactorClients(t *testing.T) {
	need(t, "clients")
	for generation, wire := range generations {
		t.Run(generation, func(t *testing.T) {
			s := open(t, wire, withFactors(t))
			if _, err := s.service.FactorAdmin().Import(context.Background(), "credentials:42", "totp", appSecret); err != nil {
				t.Fatal(err)
			}
			s.client = bundle(t, generation, "page")
			b := openTab(t)
			b.visit(s.origin + "/client")
			call := func(expression string) map[string]any {
				t.Helper()
				var result map[string]any
				if err := json.Unmarshal([]byte(eval[string](b, expression+".then(r => JSON.stringify(r ?? {}))")), &result); err != nil {
					t.Fatal(err)
				}
				return result
			}
			first := call(`auth.signIn("credentials", {username: "ada", password: "correct horse", redirect: false})`)
			if generation == "v4" && first["error"] != "second_factor" || generation == "v5" && first["code"] != "second_factor" {
				t.Fatalf("the first step says %v", first)
			}
			if got := call(`auth.getSession()`); len(got) > 0 {
				t.Fatalf("I5 a session before the second factor: %v", got)
			}
			if _, there := call(`auth.getProviders()`)["totp"]; !there {
				t.Fatal("the factor is not listed")
			}
			wrong := call(`auth.signIn("totp", {code: "000000", redirect: false})`)
			if wrong["error"] == nil || wrong["status"] != 401.0 {
				t.Errorf("a wrong code says %v", wrong)
			}
			right := call(fmt.Sprintf(`auth.signIn("totp", {code: %q, redirect: false})`, code(t, appSecret)))
			if right["error"] != nil || right["ok"] != true || right["url"] != s.origin+"/client" {
				t.Fatalf("the code says %v", right)
			}
			user, _ := call(`auth.getSession()`)["user"].(map[string]any)
			if user["name"] != "Ada Lovelace" {
				t.Errorf("signed in as %v", user)
			}
		})
	}
}

// TestFactorAccessibility has axe-core look at the pages of second factors.
func TestFactorAccessibility(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			s, b := open(t, generations["v4"], withFactors(t)), openTab(t)
			b.scheme(scheme)
			look := func(name string) { t.Run(name, func(t *testing.T) { b.audit(t) }) }
			b.visit(s.origin + accountPage)
			b.signIn("ada", "correct horse")
			look("account")
			b.submit(0)
			look("enrol")
			secret := regexp.MustCompile(`\s`).ReplaceAllString(b.text("#secret"), "")
			b.fill("code", "000000")
			b.do(chromedp.Click("main .provider [type=submit]"))
			waitFor(t, func() bool { return b.has("[role=alert]") })
			look("enrol, a wrong code")
			b.fill("code", code(t, secret))
			b.do(chromedp.Click("main .provider [type=submit]"))
			waitFor(t, func() bool { return strings.HasSuffix(b.location(), accountPage) })
			look("account with a factor")
			for _, lang := range []string{"ar", "de", "es", "fr", "en"} {
				b.visit(s.origin + accountPage + "?lang=" + lang)
				look("account in " + lang)
				b.visit(s.origin + "/api/auth/factor?lang=" + lang)
				look("factor in " + lang)
			}
			b.forgetCookies()
			b.visit(s.origin + signInPage + "&lang=en")
			b.signIn("ada", "correct horse")
			look("second step")
			b.fill("code", "000000")
			b.submit(0)
			look("second step, a wrong code")

			keys := open(t, generations["v4"], withKeys(t))
			b.visit(keys.origin + accountPage + "?lang=en")
			b.signIn("ada", "correct horse")
			b.plugIn(securityKey)
			b.leave(chromedp.Click(`form:has(input[value=webauthn]) button`))
			look("enrol a key")
			b.addKey(keys, "Blue key")
			look("account with a key")
			b.leave(chromedp.Click(`form:has(input[value=recovery]) button`))
			look("recovery codes")
			b.do(chromedp.Click("[name=stored]"))
			b.do(chromedp.Click("main .provider [type=submit]"))
			waitFor(t, func() bool { return strings.HasSuffix(b.location(), accountPage) })
			b.visit(keys.origin + "/api/auth/factor?factor=webauthn")
			look("a key is asked for")
			b.visit(keys.origin + "/api/auth/factor?factor=recovery")
			look("a recovery code is asked for")
			b.forgetCookies()
			b.visit(keys.origin + signInPage)
			look("sign-in with a passkey")

			must := open(t, generations["v4"], withFactors(t), func(c *ostiary.Config) {
				c.Factors.Policy, c.Factors.Enrolment = ostiary.FactorsRequired, ostiary.EnrolInvite
			})
			b.visit(must.origin + signInPage + "&lang=en")
			b.signIn("ada", "correct horse")
			look("choice with an invitation")
			b.do(chromedp.Click("[name=kind]"))
			b.fill("invite", "WRONG-CODE")
			b.submit(0)
			look("choice, refused")
		})
	}
}
