package ostiary_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
)

func withRecovery(t testing.TB) func(*ostiary.Config) {
	t.Helper()
	f, err := recovery.New(recovery.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *ostiary.Config) { c.Factors.Kinds = append(c.Factors.Kinds, f) }
}

var codeOnPage = regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}`)

// recoverable signs jsmith in with the app, and returns the codes that the page
// showed and the browser.
func recoverable(t *testing.T, changes ...func(*ostiary.Config)) (*house, *browser, []string) {
	t.Helper()
	h := enrolled(t, append([]func(*ostiary.Config){withRecovery(t)}, changes...)...)
	b := h.browser()
	b.login()
	if r := b.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
		t.Fatalf("not in: %s", r.body)
	}
	return h, b, b.newCodes()
}

func (b *browser) newCodes() []string {
	b.h.t.Helper()
	page := b.follow(b.post("account/enrol", "kind", "recovery"))
	codes := codeOnPage.FindAllString(page.body, -1)
	id := enrolmentOnPage.FindStringSubmatch(page.body)
	if len(codes) != 10 || id == nil {
		b.h.t.Fatalf("%d codes: %.300s", len(codes), page.body)
	}
	file := b.post("account/codes", "enrolment", id[1]).is(200)
	if !strings.Contains(file.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(file.body, codes[9]) ||
		file.Header.Get("Cache-Control") != "no-store" && !strings.Contains(file.Header.Get("Cache-Control"), "no-store") {
		b.h.t.Errorf("the file: %v %s", file.Header, file.body)
	}
	if r := b.post("account/confirm", "enrolment", id[1], "stored", "on"); !r.sets(b.h) {
		b.h.t.Fatalf("not confirmed: %s", r.body)
	}
	return codes
}

func TestRecovery(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h, _, codes := recoverable(t, wire)
		b := meet(h)
		b.login("callbackUrl", "/inbox")
		b.get("factor").shows("factor?factor=recovery")
		b.get("factor?factor=recovery").shows(`action="` + h.base + `/callback/recovery"`)
		r := b.post("callback/recovery", "code", strings.ToLower(codes[0]))
		if !r.sets(h) {
			t.Fatalf("refused: %s", r.body)
		}
		if !b.json {
			if want := h.base + "/account?callbackUrl=https%3A%2F%2Fapp.example.com%2Finbox"; r.leads() != want {
				t.Errorf("MFA-9 leads to %q, want %q", r.leads(), want)
			}
			b.follow(r).shows(`href="`+external+`/inbox"`, `role="status"`)
		}
		if token := b.token(); !slices.Equal(token.Factors, []string{"recovery"}) {
			t.Errorf("MFA-10 the token says %v", token.Claims())
		}
		b.get("account").shows("9")
		again := meet(h)
		again.login()
		if r := again.post("callback/recovery", "code", codes[0]); r.sets(h) {
			t.Error("REC-2 a code twice")
		}
		if r := get(h.RequireFactor("totp")(page("vault")), b, "/vault"); strings.Contains(r.body, "vault") && r.StatusCode == 200 {
			t.Error("MFA-10 a recovery code counts as an app")
		}
		lines := h.log.lines("factor")
		if !slices.ContainsFunc(lines, func(l map[string]any) bool { return l["what"] == "recovery_used" && l["left"] == 9.0 }) {
			t.Errorf("REC-3 the use is not told of: %v", lines)
		}
		for _, code := range codes {
			if strings.Contains(h.log.String(), code) {
				t.Error("LOG-2 a code is in the log")
			}
		}
	})
}

func TestRecoveryRegenerated(t *testing.T) {
	h, b, old := recoverable(t)
	h.clock.turn(time.Minute)
	fresh := b.newCodes()
	next := h.script()
	next.login()
	if r := next.post("callback/recovery", "code", old[1]); r.sets(h) {
		t.Error("REC-2 an old code is good after new ones were made")
	}
	if r := next.post("callback/recovery", "code", fresh[1]); !r.sets(h) {
		t.Errorf("a new code is refused: %s", r.body)
	}
}

func TestRecoveryBudget(t *testing.T) {
	h, _, codes := recoverable(t)
	for range 5 {
		b := h.script()
		b.login()
		b.post("callback/recovery", "code", "AAAA-AAAA-AAAA-AAAA").is(401)
	}
	h.clock.turn(20 * time.Minute) // the budget of all factors is back by then
	b := h.script()
	b.login()
	if r := b.post("callback/recovery", "code", codes[0]).is(http.StatusTooManyRequests); r.sets(h) {
		t.Error("REC-3 no budget of its own")
	}
	if r := b.post("callback/totp", "code", h.code(appSecret)); !r.sets(h) {
		t.Errorf("THR-1 the app is locked, too: %s", r.body)
	}
}

func TestRecoveryAlone(t *testing.T) {
	t.Run("is not offered without a factor", func(t *testing.T) {
		h := guarded(t, withRecovery(t))
		b := h.browser().enter()
		b.get("account").hides(`value="recovery"`)
		if strings.Contains(b.follow(b.post("account/enrol", "kind", "recovery")).body, "name=\"stored\"") {
			t.Error("codes without a factor")
		}
	})
	t.Run("MFA-9 goes with the last factor", func(t *testing.T) {
		h, b, _ := recoverable(t)
		for _, id := range h.ids(smithAccount) {
			list, _ := h.FactorAdmin().List(t.Context(), smithAccount)
			if i := slices.IndexFunc(list, func(e ostiary.Enrolment) bool { return e.ID == id && e.Kind == "totp" }); i >= 0 {
				b.post("account/remove", "id", id)
			}
		}
		if left := h.ids(smithAccount); len(left) != 0 {
			t.Errorf("%d factors are left", len(left))
		}
	})
	t.Run("does not satisfy what is required", func(t *testing.T) {
		h := guarded(t, withRecovery(t), required)
		b := h.browser()
		b.waits(b.login(), "enrolment_required")
		b.get("factor").hides(`value="recovery"`)
	})
}

func TestNoDowngrade(t *testing.T) {
	h, _, codes := recoverable(t, func(c *ostiary.Config) {
		c.Factors.Accounts = map[string]ostiary.FactorRule{smithAccount: {Kinds: []string{"totp"}}}
	})
	b := h.script()
	b.login()
	b.get("factor").hides("factor=recovery")
	if r := b.post("callback/recovery", "code", codes[0]).is(401); r.sets(h) {
		t.Error("MFA-12 a factor that is not offered is accepted")
	}
	if _, listed := b.listed()["recovery"]; listed {
		t.Error("MFA-12 a factor that does not count is listed")
	}
}
