package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/pages"
)

// TestScreenshots takes the pictures of docs/images: to the folder that
// OSTIARY_SCREENSHOTS names (make screenshots), or only into memory, so that
// every run shows that they can be taken.
func TestScreenshots(t *testing.T) {
	s := open(t, generations["v4"], func(c *ostiary.Config) { c.Theme = pages.Theme{} })
	several := open(t, generations["v4"], severalProviders)
	desktop := func(b *tab, scheme string) { b.scheme(scheme); b.size(1000, 680, 2) }

	shoot := func(name, scheme string, steps func(b *tab)) {
		t.Run(name, func(t *testing.T) {
			b := openTab(t)
			desktop(b, scheme)
			steps(b)
			b.picture(name)
		})
	}
	shoot("sign-in", "light", func(b *tab) { b.visit(s.origin + signInPage) })
	shoot("sign-in-dark", "dark", func(b *tab) { b.visit(s.origin + signInPage) })
	shoot("sign-in-phone", "light", func(b *tab) {
		b.size(390, 760, 2)
		b.visit(s.origin + signInPage)
	})
	shoot("sign-in-refused", "light", func(b *tab) {
		b.visit(s.origin + signInPage)
		b.signIn("ada", "wrong horse")
	})
	shoot("next-step", "light", func(b *tab) {
		b.visit(s.origin + signInPage)
		b.signIn("step", "x")
	})
	shoot("sign-in-arabic", "light", func(b *tab) { b.visit(s.origin + signInPage + "&lang=ar") })
	shoot("several-providers", "light", func(b *tab) {
		b.size(1000, 1340, 2)
		b.visit(several.origin + signInPage)
	})
	shoot("sign-out", "light", func(b *tab) {
		b.visit(s.origin + signInPage)
		b.signIn("ada", "correct horse")
		b.visit(s.origin + "/api/auth/signout")
	})
	guarded := open(t, generations["v4"], withKeys(t), func(c *ostiary.Config) { c.Name = "Acme" })
	if _, err := guarded.service.FactorAdmin().Import(t.Context(), "credentials:42", "totp", appSecret); err != nil {
		t.Fatal(err)
	}
	shoot("second-factor", "light", func(b *tab) {
		b.visit(guarded.origin + accountPage)
		b.signIn("ada", "correct horse")
	})
	shoot("account", "light", func(b *tab) {
		b.size(1000, 1180, 2)
		b.visit(guarded.origin + accountPage)
		b.signIn("ada", "correct horse")
		b.fill("code", code(t, appSecret))
		b.submit(0)
	})
	shoot("error", "light", func(b *tab) { b.visit(s.origin + "/api/auth/error?error=AccessDenied") })
}

// picture saves what the window shows.
func (b *tab) picture(name string) {
	b.t.Helper()
	eval[bool](b, `document.fonts.ready.then(() => true)`)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if len(png) < 5000 {
		b.t.Errorf("%s is a picture of nothing: %d bytes", name, len(png))
	}
	folder := os.Getenv("OSTIARY_SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
