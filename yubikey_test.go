package ostiary_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/yubikey"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/yubiserver"
)

func withYubiKeys(t testing.TB) func(*ostiary.Config) {
	t.Helper()
	f, err := yubikey.New(yubikey.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *ostiary.Config) { c.Factors.Kinds = append(c.Factors.Kinds, f) }
}

// plug gives an account a key whose secret we know.
func (h *house) plug(account string, k *yubiserver.Key) {
	h.t.Helper()
	text := fmt.Sprintf("%s,%x,%x", k.PublicID, k.Private, k.Secret)
	if _, err := h.FactorAdmin().Import(h.t.Context(), account, "yubikey", text); err != nil {
		h.t.Fatal(err)
	}
}

func TestYubiKey(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := guarded(t, wire, withYubiKeys(t))
		k := yubiserver.NewKey("cccccccccccb")
		h.plug(smithAccount, k)
		b := meet(h)
		b.waits(b.login(), "second_factor")
		b.get("factor").shows(`action="` + h.base + `/callback/yubikey"`)
		otp := k.Touch()
		if r := b.post("callback/yubikey", "code", otp); !r.sets(h) {
			t.Fatalf("refused: %s", r.body)
		}
		if token := b.token(); !slices.Equal(token.Methods, []string{"pwd", "otp", "hwk", "mfa"}) || !slices.Equal(token.Factors, []string{"yubikey"}) {
			t.Errorf("the token says %v", token.Claims())
		}
		again := meet(h)
		again.login()
		if r := again.post("callback/yubikey", "code", otp); r.sets(h) {
			t.Error("YUB-4 used twice")
		}
	})
}

func TestYubiKeyImportOnly(t *testing.T) {
	h := guarded(t, withYubiKeys(t))
	b := h.browser().enter()
	b.get("account").hides(`value="yubikey"`)
	b.follow(b.post("account/enrol", "kind", "yubikey")).hides(`name="code"`)

	must := guarded(t, withYubiKeys(t), required, func(c *ostiary.Config) {
		c.Providers[0].Factors.Kinds = []string{"yubikey"}
	})
	if r := must.script().login().is(401); r.said().Code != "factor_missing" {
		t.Errorf("said %s", r.body)
	}
}

func TestYubiKeyInForm(t *testing.T) {
	h := guarded(t, withYubiKeys(t), func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "key", Type: "yubikey"})
	})
	k := yubiserver.NewKey("cccccccccccb")
	h.plug(smithAccount, k)
	b := h.script()
	if r := b.login("key", k.Touch()); !r.sets(h) {
		t.Errorf("refused: %s", r.body)
	}
	if r := h.script().login("key", yubiserver.NewKey("cccccccccccd").Touch()).is(401); r.sets(h) || r.said().Code != "credentials" {
		t.Errorf("YUB-1 another's key: %s", r.body)
	}
}

func TestYubiKeyOfTwo(t *testing.T) {
	h := guarded(t, withYubiKeys(t))
	k := yubiserver.NewKey("cccccccccccb")
	h.plug(smithAccount, k)
	text := fmt.Sprintf("%s,%x,%x", k.PublicID, k.Private, k.Secret)
	if _, err := h.FactorAdmin().Import(t.Context(), "credentials:7", "yubikey", text); err == nil {
		t.Error("YUB-1 one key belongs to two accounts")
	}
}
