package ostiary_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

func TestEnrolOnAccountPage(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := guarded(t, wire)
		b := h.browser().enter()
		before := b.token()
		b.get("account").is(200).shows("account/enrol")

		secret, r := b.enrol(h.wrong)
		if r.sets(h) {
			t.Error("MFA-7 a wrong code enrols")
		}
		other := h.script()
		if r := other.login(); !r.sets(h) {
			t.Errorf("MFA-7 an enrolment that is not confirmed counts: %s", r.body)
		}
		page := b.follow(r)
		page.shows(`role="alert"`)
		if secretOn(page) != secret {
			t.Error("after a wrong code the page shows another secret")
		}
		id := enrolmentOnPage.FindStringSubmatch(page.body)[1]
		r = b.post("account/confirm", "enrolment", id, "code", h.code(secret), "name", "Phone <b>")
		if !r.sets(h) {
			t.Fatalf("not enrolled: %d %s", r.StatusCode, r.body)
		}
		b.follow(r).shows("Phone &lt;b&gt;")
		after := b.token()
		if after.SessionID == before.SessionID || !slices.Equal(after.Factors, []string{"totp"}) || after.Started != before.Started {
			t.Errorf("SES-1 the session is %v", after.Claims())
		}
		next := h.script()
		next.waits(next.login(), "second_factor")
		if r := next.post("callback/totp", "code", h.code(secret)); r.sets(h) {
			t.Error("OTP-4 the code that confirmed is accepted again")
		}
		if again := b.clone().post("account/confirm", "enrolment", id, "code", h.code(secret)); again.sets(h) {
			t.Error("MFA-7 confirmed twice")
		}
		if lines := h.log.lines("factor"); len(lines) == 0 || lines[0]["what"] != "enrolled" || lines[0]["account"] != smithAccount {
			t.Errorf("LOG-3 the log says %v", lines)
		}
		if strings.Contains(h.log.String(), strings.ReplaceAll(secret, " ", "")) || strings.Contains(h.log.String(), secret) {
			t.Error("OTP-5 the secret is in the log")
		}
	})
}

func TestEnrolmentIsBound(t *testing.T) {
	h := guarded(t)
	begin := func() (*browser, string, string) {
		b := h.browser().enter()
		page := b.follow(b.post("account/enrol", "kind", "totp"))
		return b, enrolmentOnPage.FindStringSubmatch(page.body)[1], secretOn(page)
	}
	t.Run("MFA-7 to its session", func(t *testing.T) {
		_, id, secret := begin()
		other := h.browser().enter()
		if other.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("another session confirms it")
		}
	})
	t.Run("MFA-7 for ten minutes", func(t *testing.T) {
		b, id, secret := begin()
		h.clock.turn(10 * time.Minute)
		if b.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("confirmed after ten minutes")
		}
	})
	t.Run("MFA-7 replaced by the next", func(t *testing.T) {
		b, id, secret := begin()
		b.post("account/enrol", "kind", "totp")
		if b.post("account/confirm", "enrolment", id, "code", h.code(secret)).sets(h) {
			t.Error("the old one is confirmed")
		}
	})
	t.Run("MFA-7 the secret is not the browser's", func(t *testing.T) {
		b, id, _ := begin()
		r := b.post("account/confirm", "enrolment", id, "code", h.code(appSecret), "secret", appSecret)
		if r.sets(h) {
			t.Error("a secret of the browser's is enrolled")
		}
	})
}

func TestEnrolmentNeedsFreshProof(t *testing.T) {
	t.Run("MFA-6 of the sign-in, for the first factor", func(t *testing.T) {
		h := guarded(t)
		b := h.browser().enter()
		h.clock.turn(6 * time.Minute)
		b.get("account").shows("signin?callbackUrl=")
		b.follow(b.post("account/enrol", "kind", "totp")).hides("JBSW")
		if strings.Contains(b.get("account/enrol").body, "<svg") {
			t.Error("enrolment began")
		}
	})
	t.Run("MFA-6 of a factor, for the next", func(t *testing.T) {
		h := enrolled(t)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		h.clock.turn(6 * time.Minute)
		id := h.ids(smithAccount)[0]
		b.get("account").shows("/factor?callbackUrl=")
		b.post("account/remove", "id", id)
		if len(h.ids(smithAccount)) != 1 {
			t.Fatal("a stolen cookie removes a factor")
		}
		r := b.post("callback/totp", "code", h.code(appSecret), "callbackUrl", h.base+"/account")
		if !r.sets(h) || r.leads() != h.base+"/account" {
			t.Fatalf("step-up: %d, leads to %q", r.StatusCode, r.leads())
		}
		b.post("account/rename", "id", id, "name", "Old phone")
		b.get("account").shows("Old phone")
		b.post("account/remove", "id", id)
		if len(h.ids(smithAccount)) != 0 {
			t.Error("not removed")
		}
	})
}

func TestRequired(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := guarded(t, wire, required)
		b := meet(h)
		b.waits(b.login("callbackUrl", "/inbox"), "enrolment_required")
		page := h.browser()
		page.jar = b.jar
		page.follow(page.get("signin")).shows("account/enrol", `value="totp"`)
		secret, r := page.enrol(func(secret string) string { return h.code(secret) })
		if !r.sets(h) || r.leads() != external+"/inbox" {
			t.Fatalf("not in: %d, leads to %q", r.StatusCode, r.leads())
		}
		if token := page.token(); !slices.Equal(token.Factors, []string{"totp"}) || !slices.Contains(token.Methods, "mfa") {
			t.Errorf("the token says %v", token.Claims())
		}
		next := meet(h)
		next.waits(next.login(), "second_factor")
		if r := next.post("account/enrol", "kind", "totp"); strings.Contains(next.follow(r).body, "<svg") {
			t.Error("MFA-5 enrolled by the password alone beside a factor")
		}
		h.clock.turn(30 * time.Second)
		if r := next.post("callback/totp", "code", h.code(secret)); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
	})
	t.Run("MFA-9 the last one stays", func(t *testing.T) {
		h := enrolled(t, required)
		b := h.browser()
		b.login()
		b.post("callback/totp", "code", h.code(appSecret))
		b.follow(b.post("account/remove", "id", h.ids(smithAccount)[0])).shows(`role="alert"`)
		if len(h.ids(smithAccount)) != 1 {
			t.Error("removed")
		}
	})
}

func TestEnrolmentModes(t *testing.T) {
	mode := func(m ostiary.EnrolmentMode) func(*ostiary.Config) {
		return func(c *ostiary.Config) { c.Factors.Enrolment = m }
	}
	t.Run("MFA-8 closed", func(t *testing.T) {
		h := guarded(t, required, mode(ostiary.EnrolClosed))
		b := h.script()
		if r := b.login().is(401); r.sets(h) || r.said().Code != "factor_missing" {
			t.Errorf("said %s", r.body)
		}
	})
	t.Run("MFA-8 invite", func(t *testing.T) {
		h := guarded(t, required, mode(ostiary.EnrolInvite))
		b := h.browser()
		b.waits(b.login(), "enrolment_required")
		b.get("factor").shows(`name="invite"`)
		code, err := h.FactorAdmin().Invite(context.Background(), smithAccount, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{"", "AAAA-AAAA-AAAA-AAAA"} {
			b.follow(b.post("account/enrol", "kind", "totp", "invite", wrong)).hides("<svg viewBox")
			if secretOn(b.get("account/enrol")) != "" {
				t.Errorf("invited by %q", wrong)
			}
		}
		page := b.follow(b.post("account/enrol", "kind", "totp", "invite", strings.ToLower(code)))
		secret, id := secretOn(page), enrolmentOnPage.FindStringSubmatch(page.body)
		if id == nil {
			t.Fatalf("not invited: %.500s", page.body)
		}
		if r := b.post("account/confirm", "enrolment", id[1], "code", h.code(secret)); !r.sets(h) {
			t.Fatalf("not enrolled: %s", r.body)
		}
		if n, err := h.FactorAdmin().Reset(context.Background(), smithAccount, false); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		again := h.browser()
		again.waits(again.login(), "enrolment_required")
		again.follow(again.post("account/enrol", "kind", "totp", "invite", code))
		if secretOn(again.get("account/enrol")) != "" {
			t.Error("the invitation is good twice")
		}
	})
	t.Run("MFA-9 must enrol again", func(t *testing.T) {
		h := enrolled(t)
		if _, err := h.FactorAdmin().Reset(context.Background(), smithAccount, true); err != nil {
			t.Fatal(err)
		}
		b := h.browser()
		b.waits(b.login(), "enrolment_required")
		if _, r := b.enrol(h.code); !r.sets(h) {
			t.Fatalf("not enrolled: %s", r.body)
		}
		if lines := h.log.lines("factor"); lines[len(lines)-2]["what"] != "reset" {
			t.Errorf("LOG-3 the log says %v", lines)
		}
	})
}

// TestEnrolmentIsNoProof is MFA-6: to enrol something does not make the sign-in, or
// the factor that was proven, any fresher.
func TestEnrolmentIsNoProof(t *testing.T) {
	h := guarded(t, withRecovery(t))
	b := h.browser().enter()
	began := h.clock.now().Unix()
	h.clock.turn(4 * time.Minute)
	b.enrol(h.code)
	enrolled := h.clock.now().Unix()
	if token := b.token(); token.AuthTime != began || token.FactorTime != enrolled {
		t.Errorf("an app: %v", token.Claims())
	}
	h.clock.turn(4 * time.Minute)
	b.newCodes()
	if token := b.token(); token.AuthTime != began || token.FactorTime != enrolled || !slices.Equal(token.Factors, []string{"totp"}) {
		t.Errorf("recovery codes: %v", token.Claims())
	}
}

// TestFactorNames is PAG-6: what a person calls a factor is kept as far as it can be
// seen.
func TestFactorNames(t *testing.T) {
	h := enrolled(t)
	b := h.browser()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	for typed, want := range map[string]string{
		"  Old phone ":             "Old phone",
		"\x1b[2JPhone":             "[2JPhone",
		"\u202egpj.exe\u200b":      "gpj.exe",
		strings.Repeat("é", 40):    strings.Repeat("é", 32),
		"Téléphone d’été – حروف 📱": "Téléphone d’été – حروف 📱",
	} {
		b.post("account/rename", "id", h.ids(smithAccount)[0], "name", typed)
		list, err := h.FactorAdmin().List(context.Background(), smithAccount)
		if err != nil || list[0].Name != want {
			t.Errorf("%q is kept as %q, %v", typed, list[0].Name, err)
		}
	}
}

// TestImportedTwice is OTP-1: a key that is imported once more is not there twice, so
// that a code is not good twice.
func TestImportedTwice(t *testing.T) {
	h := enrolled(t)
	for _, text := range []string{appSecret, "otpauth://totp/x?secret=" + appSecret} {
		if _, err := h.FactorAdmin().Import(context.Background(), smithAccount, "totp", text); !errors.Is(err, ostiary.ErrEnrolled) {
			t.Errorf("%s: %v, want ErrEnrolled", text, err)
		}
	}
	if n := len(h.ids(smithAccount)); n != 1 {
		t.Errorf("%d factors", n)
	}
	h.give("credentials:7") // somebody else may have the same
}

func TestMostFactors(t *testing.T) {
	h := enrolled(t)
	for range 19 {
		h.give(smithAccount)
	}
	b := h.browser()
	b.login()
	b.post("callback/totp", "code", h.code(appSecret))
	b.follow(b.post("account/enrol", "kind", "totp"))
	if secretOn(b.get("account/enrol")) != "" {
		t.Error("a factor beyond the twentieth")
	}
	b.get("account").hides(`value="totp"`)
}
