package pages_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/ostiary/ostiary/pages"
)

// kinds are those with texts of their own.
var kinds = []string{"totp", "hotp", "recovery", "yubikey", "webauthn"}

// everyFactorPage draws each page of second factors, as every does.
func everyFactorPage(t testing.TB, r *pages.Renderer, lang, s string, check func(name string, page []byte)) {
	t.Helper()
	draw := drawer(t, s, check)
	problem := &pages.Problem{Code: s, Sentence: s, Reference: s}
	for _, kind := range append(kinds, s) {
		name := kind
		if kind == s {
			name = "any kind"
		}
		draw("factor step, "+name, func(b *bytes.Buffer) error { return r.FactorStep(b, lang, factorStep(kind, s)) })
		draw("confirm, "+name, func(b *bytes.Buffer) error {
			p := factorStep(kind, s)
			p.Confirm, p.Problem = true, nil
			return r.FactorStep(b, lang, p)
		})
		draw("enrol, "+name, func(b *bytes.Buffer) error { return r.Enrol(b, lang, enrol(kind, s)) })
	}
	for name, invite := range map[string]bool{"": false, ", invited": true} {
		draw("choice"+name, func(b *bytes.Buffer) error {
			return r.FactorChoice(b, lang, pages.FactorChoice{
				CSRFToken: s, CallbackURL: s, Action: s, Required: invite, Invite: invite, Offers: links(s), Problem: problem, StartURL: s, Here: s,
			})
		})
		draw("account"+name, func(b *bytes.Buffer) error {
			p := account(s)
			p.Invite = invite
			return r.Account(b, lang, p)
		})
	}
	draw("account, proof needed", func(b *bytes.Buffer) error {
		p := account(s)
		p.ProofURL, p.Notice, p.Problem = s, "enrolled", &pages.Problem{Code: s}
		return r.Account(b, lang, p)
	})
}

func links(s string) []pages.FactorLink {
	var out []pages.FactorLink
	for _, kind := range append(kinds, "other"+s) {
		out = append(out, pages.FactorLink{Kind: kind, Label: s, URL: s})
	}
	return out
}

// factorFields are what a factor of a kind asks for.
func factorFields(kind, s string) []pages.Field {
	if kind == "webauthn" {
		return []pages.Field{{Name: "data", Type: "hidden", Secret: true}}
	}
	return []pages.Field{{Name: "code", Label: s, Type: "text", Required: true, Secret: true}, {Name: "more", Label: s, Value: s}}
}

func factorStep(kind, s string) pages.FactorStep {
	form := pages.FactorForm{Kind: kind, Label: s, Action: s, Fields: factorFields(kind, s), RememberDays: 30}
	if kind == "webauthn" {
		form.Options = s
	}
	return pages.FactorStep{
		CSRFToken: s, CallbackURL: s, Name: s, Shown: form, Others: links(s), StartURL: s, Here: s,
		Problem: &pages.Problem{Code: s, Sentence: s, Reference: s},
	}
}

func enrol(kind, s string) pages.Enrol {
	p := pages.Enrol{
		CSRFToken: s, CallbackURL: s, Action: s, ID: s, Kind: kind, Label: s, Fields: factorFields(kind, s), AskName: true,
		Problem: &pages.Problem{Code: s, Reference: s}, CancelURL: s, Here: s,
	}
	switch kind {
	case "webauthn":
		p.Options = s
	case "recovery":
		p.Codes, p.DownloadAction, p.AskName = []string{s, s, s, s}, s, false
		p.Fields = []pages.Field{{Name: "stored", Label: s, Element: "checkbox", Required: true}}
	default:
		p.QRSide, p.QRPath, p.Text = 33, s, s+" x"
	}
	return p
}

// at is some moment.
var at = time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("", -3600))

func account(s string) pages.Account {
	p := pages.Account{
		CSRFToken: s, Name: s, Action: s, Offers: links(s), Notice: s, HomeURL: s, SignOutURL: s, Here: s,
		Problem: &pages.Problem{Code: s, Sentence: s, Reference: s},
	}
	for i, kind := range append(kinds, s) {
		f := pages.AccountFactor{ID: s + string(rune('a'+i)), Kind: kind, Label: s, Name: s, Created: at, Left: -1, Removable: i%2 == 0}
		if kind == "recovery" {
			f.Left, f.Used = 3, at
		}
		p.Factors = append(p.Factors, f)
	}
	for i := range 2 {
		p.Devices = append(p.Devices, pages.AccountDevice{ID: s + string(rune('a'+i)), Name: s, Created: at, Used: at, Expires: at, Current: i == 0})
	}
	return p
}
