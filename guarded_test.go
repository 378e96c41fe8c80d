package ostiary_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/totp"
	"github.com/ostiary/ostiary/store/memory/factors"
)

const (
	smithAccount = "credentials:42"
	appSecret    = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
)

// app is an authenticator app.
func app(t testing.TB, secret string) totp.Key {
	t.Helper()
	parsed, err := totp.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return totp.Key{Secret: parsed}
}

// code is what the app shows now.
func (h *house) code(secret string) string { return app(h.t, secret).At(h.clock.now()) }

// wrong is a code that the app does not show.
func (h *house) wrong(secret string) string {
	for _, code := range []string{"000000", "111111", "222222", "333333", "444444"} {
		key, now := app(h.t, secret), h.clock.now()
		if !slices.Contains([]string{key.At(now), key.At(now.Add(-30 * time.Second)), key.At(now.Add(30 * time.Second))}, code) {
			return code
		}
	}
	h.t.Fatal("five codes are right")
	return ""
}

func codes(t testing.TB) ostiary.Factor {
	t.Helper()
	f, err := totp.New(totp.Config{Issuer: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// guarded opens a house with authenticator apps as second factors.
func guarded(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	return open(t, append([]func(*ostiary.Config){func(c *ostiary.Config) {
		c.Store = factors.New(c.Now)
		c.Factors = ostiary.Factors{Kinds: []ostiary.Factor{codes(t)}}
	}}, changes...)...)
}

func required(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsRequired }

// enrolled is guarded, and jsmith has an app.
func enrolled(t testing.TB, changes ...func(*ostiary.Config)) *house {
	t.Helper()
	h := guarded(t, changes...)
	h.give(smithAccount)
	return h
}

func (h *house) give(account string) {
	h.t.Helper()
	_, err := h.FactorAdmin().Import(context.Background(), account, "totp", appSecret)
	if errors.Is(err, ostiary.ErrEnrolled) { // another one then
		_, err = h.FactorAdmin().Import(context.Background(), account, "totp", totp.NewSecret(totp.SHA1).Text())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// waits reports whether an answer asks for what the code names.
func (b *browser) waits(r *reply, code string) {
	b.h.t.Helper()
	if r.sets(b.h) || b.session() != nil {
		b.h.t.Fatalf("I1 a session before the second factor: %s", r.body)
	}
	if !b.json {
		if r.leads() != b.h.base+"/factor" {
			b.h.t.Fatalf("leads to %q", r.leads())
		}
		return
	}
	if got := r.is(http.StatusUnauthorized).said().Code; got != code {
		b.h.t.Fatalf("code %q, want %q: %s", got, code, r.body)
	}
}

func (b *browser) listed() map[string]struct{ Type string } {
	b.h.t.Helper()
	var list map[string]struct{ Type string }
	if err := json.Unmarshal([]byte(b.get("providers").body), &list); err != nil {
		b.h.t.Fatal(err)
	}
	return list
}

// under is the same browser, its faults told to another test.
func (b *browser) under(t testing.TB) *browser {
	same := b.clone()
	same.h = b.h.under(t)
	return same
}

// secretOn returns the secret that a page shows, "" for none.
func secretOn(r *reply) string {
	shown := regexp.MustCompile(`<code id="secret".*</code>`).FindString(r.body)
	return strings.Join(regexp.MustCompile(`\b[A-Z2-7]{4}\b`).FindAllString(shown, -1), " ")
}

var enrolmentOnPage = regexp.MustCompile(`name="enrolment" value="([A-Z2-7]+)"`)

// enrol goes through the pages and returns the secret of the new app.
func (b *browser) enrol(confirm func(secret string) string) (secret string, last *reply) {
	b.h.t.Helper()
	page := b.follow(b.post("account/enrol", "kind", "totp"))
	secret = secretOn(page)
	id := enrolmentOnPage.FindStringSubmatch(page.body)
	if secret == "" || id == nil {
		b.h.t.Fatalf("nothing to enrol: %.2000s", page.body)
	}
	return secret, b.post("account/confirm", "enrolment", id[1], "code", confirm(secret), "name", "Phone <b>")
}

func (h *house) ids(account string) (ids []string) {
	h.t.Helper()
	list, err := h.FactorAdmin().List(context.Background(), account)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range list {
		if e.Kind[0] != '.' {
			ids = append(ids, e.ID)
		}
		if e.Data != nil {
			h.t.Error("the list holds secrets")
		}
	}
	return ids
}
