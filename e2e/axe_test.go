package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var errorPages = []string{
	"/api/auth/error", "/api/auth/error?error=Configuration", "/api/auth/error?error=AccessDenied",
	"/api/auth/error?error=Verification", "/api/auth/verify-request",
}

// TestAccessibility has axe-core look at every page, in light and in dark.
func TestAccessibility(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			s, b := open(t, generations["v4"]), openTab(t)
			several := open(t, generations["v5"], severalProviders)
			b.scheme(scheme)
			look := func(name string) { t.Run(name, func(t *testing.T) { b.audit(t) }) }

			b.visit(s.origin + signInPage)
			look("sign-in")
			b.signIn("ada", "wrong horse")
			look("sign-in refused")
			b.signIn("code", "x")
			look("sign-in with a sentence")
			b.signIn("step", "x")
			look("next step")
			b.fill("code", "000000")
			b.submit(0)
			look("next step refused")
			for _, page := range errorPages {
				b.visit(s.origin + page)
				look(strings.TrimPrefix(page, "/api/auth/"))
			}
			for _, lang := range []string{"ar", "de", "es", "fr"} {
				b.visit(s.origin + signInPage + "&lang=" + lang)
				look("sign-in in " + lang)
			}
			b.visit(s.origin + "/api/auth/signout?lang=en")
			look("sign-out")
			b.visit(several.origin + signInPage + "&lang=en")
			look("several providers")
			b.do(chromedp.EvaluateAsDevTools[chromedp.Void](`document.querySelectorAll("form")[1].noValidate = true`))
			b.submit(1)
			look("faulty fields")
			b.visit(s.origin + signInPage)
			b.signIn("ada", "correct horse")
			b.visit(s.origin + "/api/auth/signout")
			look("sign-out, signed in")
			b.visit(s.origin + signInPage)
			look("sign-in, signed in")
		})
	}
}

// finding is one rule of axe-core that an element breaks.
type finding struct {
	Rule, Help string
	Elements   []string
}

// audit runs axe-core in the page and reports what it finds.
func (b *tab) audit(t *testing.T) {
	t.Helper()
	need(t, "clients")
	script, err := os.ReadFile(filepath.Join("clients", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](string(script)+";void 0")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]finding](`axe.run().then((r) => r.violations.map((v) => ({
		Rule: v.id, Help: v.help, Elements: v.nodes.map((n) => n.html + "  " + n.failureSummary),
	})))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: %s\n%s", f.Rule, f.Help, strings.Join(f.Elements, "\n"))
	}
}
