package pages_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

func drawAccount(t testing.TB, r *pages.Renderer, lang string, p pages.Account) node {
	t.Helper()
	return drawn(t, func(b *bytes.Buffer, lang string, p pages.Account) error { return r.Account(b, lang, p) }, lang, p)
}

// owned is an account with one of each.
func owned() pages.Account {
	return pages.Account{
		CSRFToken: "f00d", Name: "Ada", Action: "/account", HomeURL: "/home",
		Factors: []pages.AccountFactor{
			{ID: "1", Kind: "totp", Name: "Phone", Created: at, Used: at, Left: -1, Removable: true},
			{ID: "2", Kind: "recovery", Created: at, Left: 3},
			{ID: "3", Kind: "pigeon", Label: "Carrier pigeon", Left: -1},
		},
		Offers:  []pages.FactorLink{{Kind: "totp"}, {Kind: "recovery"}},
		Devices: []pages.AccountDevice{{ID: "d", Name: "Firefox on Linux", Created: at, Used: at, Expires: at, Current: true}, {ID: "e", Created: at}},
	}
}

func TestAccountForms(t *testing.T) {
	root := drawAccount(t, newRenderer(t, pages.Config{}), "en", owned())
	type form struct{ action, id, more, button string }
	var got []form
	for _, f := range root.all("form") {
		s := sent(f)
		if s["csrfToken"] != "f00d" || f.attr("method") != "post" {
			t.Errorf("%s: sends %v", f.attr("action"), s)
		}
		got = append(got, form{f.attr("action"), s["id"], s["name"] + s["kind"], button(f)})
	}
	want := []form{
		{"/account/rename", "1", "Phone", "Rename"},
		{"/account/remove", "1", "", "Remove"},
		{"/account/rename", "3", "", "Rename"},
		{"/account/enrol", "", "totp", "Authenticator app An app on your phone shows a new code every half minute. Any app for TOTP codes will do."},
		{"/account/enrol", "", "recovery", "New recovery codes They take the place of the old ones, which then no longer work."},
		{"/account/forget", "d", "", "Forget this device"},
		{"/account/forget", "e", "", "Forget this device"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d forms: %v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	for _, summary := range root.all("summary") {
		if root.id(summary.attr("aria-describedby")).Data != "h3" {
			t.Errorf("%q does not say of what", summary.text())
		}
	}
	if leave := root.class("leave")[0].all("a"); len(leave) != 2 || leave[0].attr("href") != "/home" || leave[1].attr("href") != "/api/auth/signout" {
		t.Error("the ways out")
	}
}

func TestAccountFacts(t *testing.T) {
	root := drawAccount(t, newRenderer(t, pages.Config{}), "en", owned())
	things := root.class("things")
	var got []string
	for _, item := range append(things[0].all("li"), things[1].all("li")...) {
		got = append(got, item.all("h3")[0].text()+": "+item.class("facts")[0].text())
	}
	want := []string{
		"Phone: Authenticator app Since 2026-11-24 Last used 2026-11-24",
		"Recovery codes: Since 2026-11-24 Never used",
		"Carrier pigeon: Never used",
		"Firefox on Linux: This device Since 2026-11-24 Last used 2026-11-24 Until 2026-11-24",
		"Unknown device: Since 2026-11-24",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if day := root.all("time")[0]; day.attr("datetime") != "2026-11-24T00:30:00Z" || day.attr("dir") != "ltr" {
		t.Errorf("a date: %v", day.Attr)
	}
}

func TestCodesLeft(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		lang string
		left int
		want string
	}{
		{"en", -1, ""},
		{"en", 0, "No codes left. Make new ones soon."},
		{"en", 1, "1 code left. Make new ones soon."},
		{"en", 3, "3 codes left. Make new ones soon."},
		{"en", 4, "4 codes left."},
		{"ar", 2, "بقي رمزان. أنشئ رموزًا جديدة قريبًا."},
		{"ar", 10, "بقيت 10 رموز."},
		{"fr", 10, "Il reste 10 codes."},
	} {
		root := drawAccount(t, r, row.lang, pages.Account{Factors: []pages.AccountFactor{{ID: "1", Kind: "recovery", Left: row.left}}})
		got := ""
		for _, left := range root.class("left") {
			got += left.text()
			if left.has("data-few") != (row.left <= 3) {
				t.Errorf("%d: warned: %v", row.left, left.has("data-few"))
			}
		}
		if got != row.want {
			t.Errorf("%s, %d: got %q, want %q", row.lang, row.left, got, row.want)
		}
	}
}

func TestChangesNeedAFreshProof(t *testing.T) {
	p := owned()
	p.ProofURL, p.Invite = "/factor?callbackUrl=%2Faccount", true
	root := drawAccount(t, newRenderer(t, pages.Config{}), "en", p)
	if n := len(root.all("form")) + len(root.all("input")) + len(root.all("details")); n != 0 {
		t.Errorf("MFA-6 there are %d ways to change something", n)
	}
	if a := root.class("proof")[0].all("a")[0]; a.text() != "Confirm it’s you" || a.attr("href") != p.ProofURL {
		t.Errorf("the way to confirm: %v", a.Attr)
	}
	if things := root.class("things"); len(things) != 2 || len(things[0].all("li")) != 3 {
		t.Error("what there is does not show")
	}
}

func TestAccountNotices(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for code, want := range map[string]string{
		"enrolled":      "Done: the new factor is set up.",
		"removed":       "The factor is removed.",
		"renamed":       "The new name is saved.",
		"forgotten":     "The device is forgotten. It will be asked for a second factor again.",
		"recovery_used": "You used a recovery code. If your other factor is lost, remove it here and set up a new one.",
		"factor_needed": "The page you wanted needs a second factor that you don’t have yet. Set it up here, then go back.",
		"codes_few":     "You have few recovery codes left. Please make new ones.",
		"":              "",
		"canary":        "",
	} {
		got := ""
		for _, e := range drawAccount(t, r, "en", pages.Account{Notice: code}).all("*") {
			if e.attr("role") == "status" {
				got += e.text()
			}
		}
		if got != want {
			t.Errorf("PAG-5 %q: got %q, want %q", code, got, want)
		}
	}
}

func TestAnEmptyAccount(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	root := drawAccount(t, r, "en", pages.Account{Action: "/account", Offers: links(""), Invite: true})
	sections := root.all("section")
	if len(sections) != 2 || !strings.Contains(sections[0].text(), "There is none yet.") || root.id("offers").text() != "Add a second factor" {
		t.Errorf("got %d sections", len(sections))
	}
	if form := root.all("form")[0]; form.attr("action") != "/account/enrol" || sent(form)["kind"] != "totp" || !root.id("input-invite").has("required") {
		t.Errorf("with an invitation: %v", sent(form))
	}
	if len(root.class("lead")) != 1 {
		t.Error("somebody without a name is named")
	}
}
