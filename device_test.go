package ostiary_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

func TestRememberedDevice(t *testing.T) {
	remember := func(c *ostiary.Config) { c.Factors.RememberDevice = 30 * 24 * time.Hour }
	trust := func(t *testing.T, changes ...func(*ostiary.Config)) (*house, *browser) {
		h := enrolled(t, append([]func(*ostiary.Config){remember}, changes...)...)
		b := h.browser()
		b.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		b.login()
		b.get("factor").shows(`name="remember_device"`)
		if r := b.post("callback/totp", "code", h.code(appSecret), "remember_device", "on"); !r.sets(h) {
			t.Fatalf("not in: %s", r.body)
		}
		return h, b
	}
	t.Run("is not asked again", func(t *testing.T) {
		h, b := trust(t)
		b.get("account").shows("Firefox – Linux")
		b.post("signout")
		if r := b.login(); !r.sets(h) {
			t.Fatalf("asked again: %s", r.leads())
		}
		if token := b.token(); token.Factors != nil || slices.Contains(token.Methods, "mfa") {
			t.Errorf("MFA-11 the device counts as a proof: %v", token.Claims())
		}
		stranger := h.script()
		stranger.waits(stranger.login(), "second_factor")
	})
	t.Run("MFA-11 no step-up", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		b.login()
		r := get(h.RequireFactor()(page("vault")), b, "/vault", "Accept", "text/html")
		if strings.Contains(r.body, "vault") || !strings.Contains(r.leads(), "/factor?callbackUrl=") {
			t.Errorf("leads to %q", r.leads())
		}
	})
	t.Run("MFA-11 ends by itself", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		cookie := b.jar[h.cookieName("device")]
		h.clock.turn(30 * 24 * time.Hour)
		cookie.Expires = time.Time{}
		b.jar[h.cookieName("device")] = cookie
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 ends with a change of factors", func(t *testing.T) {
		h, b := trust(t)
		b.post("signout")
		h.give(smithAccount)
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 can be ended", func(t *testing.T) {
		h, b := trust(t)
		list, _ := h.FactorAdmin().List(context.Background(), smithAccount)
		for _, e := range list {
			if e.Kind == ".device" {
				b.post("account/forget", "id", e.ID)
			}
		}
		b.post("signout")
		b.waits(b.login(), "second_factor")
	})
	t.Run("MFA-11 not before full success", func(t *testing.T) {
		h := enrolled(t, remember)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.wrong(appSecret), "remember_device", "on")
		if _, there := b.jar[h.cookieName("device")]; there {
			t.Error("remembered by a wrong code")
		}
	})
	t.Run("MFA-11 of one account", func(t *testing.T) {
		_, b := trust(t)
		other := enrolled(t, remember)
		alien := other.browser()
		alien.jar[other.cookieName("device")] = b.jar[other.cookieName("device")]
		alien.waits(alien.login(), "second_factor")
	})
}
