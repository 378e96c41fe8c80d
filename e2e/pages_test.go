package e2e

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

const signInPage = "/api/auth/signin?callbackUrl=%2Fhome"

var reference = regexp.MustCompile(`\b[0-9A-Za-z]{8}\b`)

// both runs a test against a site of each generation.
func both(t *testing.T, test func(t *testing.T, s *site, b *tab)) {
	for generation, wire := range generations {
		t.Run(generation, func(t *testing.T) { test(t, open(t, wire), openTab(t)) })
	}
}

// arrived checks that the person is signed in, where they wanted to go.
func arrived(t *testing.T, s *site, b *tab, name string) {
	t.Helper()
	if got, want := b.location(), s.origin+"/home"; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
	if got, want := b.text("h1"), "Hello "+name; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
}

func TestKeyboardOnly(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + signInPage)
		b.tabTo("[name=username]")
		b.do(chromedp.KeyEvent("ada"))
		b.tabTo("[name=password]")
		b.do(chromedp.KeyEvent("correct horse"))
		b.tabTo(".eye") // show the password, and hide it again
		for _, want := range []string{"text", "password"} {
			b.do(chromedp.KeyEvent(" "))
			if got := eval[string](b, `document.querySelector("[name=password]").type`); got != want {
				t.Errorf("after Space on the show button the field has type %q, want %q", got, want)
			}
		}
		b.tabTo("[type=submit]")
		if !eval[bool](b, `(() => { const s = getComputedStyle(document.activeElement)
			return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none" })()`) {
			t.Error("the focused button shows no focus")
		}
		b.leave(chromedp.KeyEvent(kb.Enter))
		arrived(t, s, b, "Ada Lovelace")

		b.visit(s.origin + "/api/auth/signout?callbackUrl=%2Fbye")
		b.tabTo("[type=submit]")
		b.leave(chromedp.KeyEvent(kb.Enter))
		if got, want := b.location(), s.origin+"/bye"; got != want {
			t.Errorf("after sign-out at %s, want %s", got, want)
		}
	})
}

func TestEnterInPassword(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + "/home") // Require leads to the form and back
		b.fill("username", "ada")
		b.fill("password", "correct horse")
		b.leave(chromedp.KeyEvent(kb.Enter))
		arrived(t, s, b, "Ada Lovelace")
	})
}

func TestJavaScriptOff(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.withoutScripts()
		b.visit(s.origin + signInPage)
		if b.has(".eye") {
			t.Fatal("scripts run")
		}
		b.signIn("ada", "wrong horse")
		if got := b.text("[role=alert]"); got == "" {
			t.Error("no word about the wrong password")
		}
		b.signIn("step", "x")
		b.fill("code", "123456")
		b.submit(0)
		arrived(t, s, b, "Step Taker")
		b.visit(s.origin + "/api/auth/signout")
		b.submit(0)
		b.visit(s.origin + "/home")
		if !b.has("[name=password]") {
			t.Error("still signed in after sign-out")
		}
	})
}

func TestWrongPassword(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + signInPage)
		b.signIn("ada", "wrong horse")
		if got := b.text("[role=alert] p"); !strings.Contains(got, "Sign in failed") {
			t.Errorf("the banner says %q", got)
		}
		if !b.focuses("[role=alert]") {
			t.Errorf("the focus is on %s, want the banner", eval[string](b, "document.activeElement.outerHTML.slice(0, 100)"))
		}
		if got := b.value("username"); got != "ada" {
			t.Errorf("username was %q after the refusal, want what was typed", got)
		}
		if got := b.value("password"); got != "" {
			t.Errorf("PAG-5: password was refilled with %q", got)
		}
		if !reference.MatchString(b.text(".reference")) {
			t.Errorf("no reference of eight characters in %q", b.text(".reference"))
		}
		if strings.Contains(b.location(), "horse") {
			t.Errorf("RED-6: the address holds the password: %s", b.location())
		}
		b.signIn("ada", "correct horse")
		arrived(t, s, b, "Ada Lovelace")
	})
}

func TestRefusalsSayWhatTheyMay(t *testing.T) {
	for _, row := range []struct{ username, says, never string }{
		{"code", "This account is locked. Ask the help desk.", "account_locked"},
		{"throw", "try again", "10.0.0.7"}, // LOG-4: nothing of the cause
	} {
		t.Run(row.username, func(t *testing.T) {
			both(t, func(t *testing.T, s *site, b *tab) {
				b.visit(s.origin + signInPage)
				b.signIn(row.username, "x")
				page := b.text("body")
				if !strings.Contains(page, row.says) {
					t.Errorf("the page does not say %q:\n%s", row.says, page)
				}
				if strings.Contains(page, row.never) {
					t.Errorf("the page says %q", row.never)
				}
				if !reference.MatchString(b.text(".reference")) {
					t.Errorf("no reference of eight characters in %q", b.text(".reference"))
				}
				if got := b.value("username"); got != row.username {
					t.Errorf("username is %q, want what was typed", got)
				}
			})
		})
	}
}

func TestNextStep(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + signInPage)
		b.signIn("step", "x")
		if got, want := b.text("h1"), "Check your phone"; got != want {
			t.Errorf("heading %q, want %q", got, want)
		}
		if got := b.text(".lead"); !strings.Contains(got, "ending in 42") {
			t.Errorf("sentence %q", got)
		}
		if b.has("[name=password]") {
			t.Error("the step still asks for the password")
		}
		if got := eval[string](b, `document.querySelector("[name=code]").autocomplete`); got != "one-time-code" {
			t.Errorf("autocomplete of the code is %q", got)
		}
		b.fill("code", "123456")
		b.leave(chromedp.KeyEvent(kb.Enter))
		arrived(t, s, b, "Step Taker")
	})
}

func TestExpiredPageKeepsWhatWasTyped(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.visit(s.origin + signInPage)
		b.fill("username", "ada")
		b.fill("password", "correct horse")
		b.forgetCookies()
		b.submit(0)
		if b.has("h1") && b.text("h1") == "Hello Ada Lovelace" {
			t.Fatal("CSR-5: signed in without a CSRF pair")
		}
		if !b.has("[role=alert]") {
			t.Error("no word about what happened")
		}
		if got := b.value("username"); got != "ada" {
			t.Errorf("username is %q, want what was typed", got)
		}
		b.fill("password", "correct horse")
		b.submit(0)
		arrived(t, s, b, "Ada Lovelace")
	})
}

func severalProviders(c *ostiary.Config) {
	c.Providers = append(c.Providers, ostiary.Provider{
		ID: "members", Name: "Members",
		Form: form.Form{
			{Name: "number", Label: "Member number", Type: "number", Required: true, Attributes: map[string]any{"min": 100}},
			{Name: "house", Label: "House", Type: "select", Options: []form.Option{{Value: "", Label: "Choose"}, {Value: "n", Label: "North"}, {Value: "s", Label: "South"}}},
			{Name: "pin", Label: "PIN", Type: "password", Attributes: map[string]any{"inputmode": "numeric"}},
			{Name: "remember", Label: "Keep me signed in", Type: "checkbox"},
		},
		Remember: "remember",
		Authorize: func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
			if c.Get("number") == "1234" && c.Get("pin") == "77" && c.Get("house") == "s" {
				return &ostiary.User{ID: "1234", Name: "Member South"}, nil
			}
			return nil, nil
		},
	}, ostiary.Provider{
		ID: "guest", Name: "Guest",
		Authorize: func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
			return &ostiary.User{ID: "guest", Name: "Guest"}, nil
		},
	})
}

func TestSeveralProviders(t *testing.T) {
	for generation, wire := range generations {
		t.Run(generation, func(t *testing.T) {
			s, b := open(t, wire, severalProviders), openTab(t)
			b.visit(s.origin + signInPage)
			if got := eval[int](b, `document.querySelectorAll("form [type=submit]").length`); got != 3 {
				t.Fatalf("%d buttons, want 3", got)
			}
			b.fill("username", "untouched")
			b.fill("number", "1234")
			b.fill("pin", "78")
			b.do(chromedp.SetValue(chromedp.CSS("[name=house]"), "s"))
			b.submit(1)
			if got := eval[string](b, `document.querySelector("[role=alert]").closest(".provider")?.querySelector("[type=submit]").textContent ?? "the whole page"`); !strings.Contains(got, "Members") {
				t.Errorf("the banner belongs to %q, want the form of Members", got)
			}
			if got := b.value("number") + b.value("house") + b.value("pin") + b.value("username"); got != "1234s" {
				t.Errorf("the forms hold %q, want the number and the house alone", got)
			}
			b.fill("pin", "77")
			b.submit(1)
			arrived(t, s, b, "Member South")

			b.visit(s.origin + signInPage)
			b.submit(2)
			arrived(t, s, b, "Guest")
		})
	}
}

func TestRightToLeft(t *testing.T) {
	both(t, func(t *testing.T, s *site, b *tab) {
		b.language("ar-EG,ar;q=0.9")
		b.visit(s.origin + signInPage)
		if got := eval[string](b, `document.documentElement.lang + " " + document.documentElement.dir`); got != "ar rtl" {
			t.Errorf("language and direction are %q, want \"ar rtl\"", got)
		}
		if got := eval[string](b, `getComputedStyle(document.querySelector("form")).direction`); got != "rtl" {
			t.Errorf("the form runs %q", got)
		}
		english := b.text("[type=submit]")
		b.signIn("ada", "wrong horse")
		if got := b.text("[role=alert]"); got == "" || strings.Contains(got, "failed") {
			t.Errorf("the banner says %q, want Arabic", got)
		}
		b.visit(s.origin + signInPage + "&lang=en")
		if got := eval[string](b, `document.documentElement.lang + " " + document.documentElement.dir`); got != "en ltr" {
			t.Errorf("with lang=en language and direction are %q", got)
		}
		if b.text("[type=submit]") == english {
			t.Errorf("the button says %q in both languages", english)
		}
		b.signIn("ada", "correct horse")
		arrived(t, s, b, "Ada Lovelace")
	})
}

func TestPhoneWidth(t *testing.T) {
	s, b := open(t, generations["v4"], severalProviders), openTab(t)
	b.size(320, 640, 2)
	pages := append([]string{signInPage, signInPage + "&lang=ar", signInPage + "&lang=de", "/api/auth/signout"}, errorPages...)
	for _, page := range pages {
		b.visit(s.origin + page)
		if got := eval[int](b, "document.documentElement.scrollWidth"); got > 320 {
			t.Errorf("%s is %d pixels wide on a phone of 320", page, got)
		}
	}
	small := eval[[]string](b.at(s.origin+signInPage), `[...document.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select, [type=submit]")]
		.filter((e) => e.getBoundingClientRect().height < 40 || parseFloat(getComputedStyle(e).fontSize) < 16)
		.map((e) => e.outerHTML.slice(0, 80))`)
	for _, element := range small {
		t.Errorf("too small for a finger, or small enough for a phone to zoom in: %s", element)
	}
}

// TestPasswordManagers holds the form to what managers and phones look for (PAG-7).
func TestPasswordManagers(t *testing.T) {
	s, b := open(t, generations["v4"]), openTab(t)
	b.visit(s.origin + signInPage)
	got := eval[map[string]string](b, `(() => {
		const u = document.querySelector("[name=username]"), p = document.querySelector("[name=password]")
		return {
			"username autocomplete": u.autocomplete, "username capitals": u.autocapitalize, "username spelling": String(u.spellcheck),
			"password autocomplete": p.autocomplete, "password type": p.type,
			"labels": String(u.labels.length + p.labels.length), "one form": String(u.form === p.form), "method": u.form.method,
		}
	})()`)
	for name, want := range map[string]string{
		"username autocomplete": "username", "username capitals": "none", "username spelling": "false",
		"password autocomplete": "current-password", "password type": "password",
		"labels": "2", "one form": "true", "method": "post",
	} {
		if got[name] != want {
			t.Errorf("PAG-7 %s: %q, want %q", name, got[name], want)
		}
	}
	eval[bool](b, `(() => {
		const field = document.querySelector("[name=password]")
		field.focus()
		return document.execCommand("insertText", false, "pasted")
	})()`)
	if got := b.value("password"); got != "pasted" {
		t.Errorf("PAG-7: the password field takes no pasted text: %q", got)
	}
	foreign := eval[[]string](b, `performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !n.startsWith(location.origin))`)
	if len(foreign) > 0 {
		t.Errorf("PAG-7: files from elsewhere: %q", foreign)
	}
}

// TestPolicyHolds checks that the browser enforces the policy of the pages: what
// an attacker might get into one does not run (PAG-1).
func TestPolicyHolds(t *testing.T) {
	s := open(t, generations["v4"])
	b := openTab(t)
	b.visit(s.origin + signInPage)
	violated := eval[[]string](b, `new Promise((resolve) => {
		const seen = []
		document.addEventListener("securitypolicyviolation", (e) => {
			seen.push(e.effectiveDirective)
			if (seen.length === 4) resolve(seen.sort())
		})
		const script = document.createElement("script")
		script.textContent = "window.attacked = true"
		document.body.append(script)
		document.body.setAttribute("style", "display: none")
		const image = document.createElement("img")
		image.src = "https://evil.example/pixel.png"
		document.body.append(image)
		fetch("/home").catch(() => {})
		setTimeout(() => resolve(seen.sort()), 3000)
	})`)
	if got, want := strings.Join(violated, " "), "connect-src img-src script-src-elem style-src-attr"; got != want {
		t.Errorf("PAG-1: violations %q, want %q", got, want)
	}
	if eval[bool](b, "window.attacked === true") {
		t.Error("PAG-1: an inline script ran")
	}
	b.expectComplaints("Content Security Policy")
}
