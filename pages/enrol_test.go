package pages_test

import (
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

func TestEnrolAnApp(t *testing.T) {
	p := pages.Enrol{
		CSRFToken: "f00d", CallbackURL: "/home", Action: "/confirm", ID: "e1", Kind: "totp", QRSide: 33, QRPath: "M4 4h7v7h-7z", Text: "JBSWY3DPEHPK3PXP",
		Fields: []pages.Field{{Name: "code", Label: "Code", Type: "text", Secret: true, Required: true, Value: "123456"}}, AskName: true, CancelURL: "/account",
	}
	r := newRenderer(t, pages.Config{})
	root := drawEnrol(t, r, "en", p)
	qr := root.class("qr")[0]
	if qr.attr("viewBox") != "0 0 33 33" || qr.attr("role") != "img" || qr.attr("aria-label") != "QR code for your authenticator app" {
		t.Errorf("the QR code is %v", qr.Attr)
	}
	if ground, ink := qr.all("rect")[0], qr.all("path")[0]; ground.attr("fill") != "#fff" || ink.attr("fill") != "#000" || ink.attr("d") != p.QRPath {
		t.Error("the QR code is not black on white")
	}
	if got := root.id("secret").text(); got != p.Text {
		t.Errorf("a copied secret is %q", got)
	}
	if spans := root.id("secret").all("span"); len(spans) != 4 || spans[1].text() != "Y3DP" {
		t.Errorf("the secret is in %d groups", len(spans))
	}
	form := root.all("form")[0]
	if got := sent(form); form.attr("action") != "/confirm" || got["enrolment"] != "e1" || got["csrfToken"] != "f00d" || got["callbackUrl"] != "/home" || got["code"] != "" {
		t.Errorf("PAG-5 sends %v", got)
	}
	if code := root.id("input-code-for-totp-provider"); code.attr("autocomplete") != "one-time-code" || code.has("autofocus") {
		t.Errorf("the code: %v; the focus would scroll the picture away", code.Attr)
	}
	if name := root.id("input-name"); name.attr("maxlength") != "64" || name.has("required") || name.attr("name") != "name" {
		t.Errorf("the name: %v", name.Attr)
	}
	if a := root.class("aside")[0].all("a")[0]; a.text() != "Cancel" || a.attr("href") != "/account" {
		t.Errorf("cancel: %v", a.Attr)
	}
}

func TestSecretsInGroups(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for text, want := range map[string]string{"": "", "ABCD": "ABCD", "ABCDE": "ABCD E", "AB CD": "AB CD", " ABCDEF ": "ABCD EF", "ÄÖÜßÄ": "ÄÖÜß Ä"} {
		var got []string
		for _, span := range drawEnrol(t, r, "en", pages.Enrol{Text: text}).id("secret").all("span") {
			got = append(got, span.text())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestEnrolRecoveryCodes(t *testing.T) {
	p := pages.Enrol{
		CSRFToken: "f00d", Action: "/confirm", ID: "e1", Kind: "recovery", Codes: []string{"aaaa-bbbb", "cccc-dddd"}, DownloadAction: "/codes",
		Fields: []pages.Field{{Name: "stored", Label: "Stored", Element: "checkbox", Required: true}},
	}
	r := newRenderer(t, pages.Config{})
	root := drawEnrol(t, r, "en", p)
	codes := root.class("codes")[0].all("code")
	if len(codes) != 2 || codes[1].text() != "cccc-dddd" {
		t.Errorf("got %d codes", len(codes))
	}
	forms := root.all("form")
	if got := sent(forms[0]); forms[0].attr("action") != "/codes" || forms[0].attr("method") != "post" || len(got) != 2 || got["csrfToken"] != "f00d" || got["enrolment"] != "e1" {
		t.Errorf("the download sends %v", got)
	}
	if box := root.id("input-stored-for-recovery-provider"); !box.has("required") || labelOf(root, box.attr("id")) != "I have stored these codes in a safe place." {
		t.Errorf("the box: %v, %q", box.Attr, labelOf(root, box.attr("id")))
	}
	if got := root.class("keep")[0].attr("data-print"); got != "Print" {
		t.Errorf("the script would print %q", got)
	}
	p.DownloadAction = ""
	if root = drawEnrol(t, r, "en", p); len(root.all("form")) != 1 {
		t.Error("a download that leads nowhere")
	}
}

func TestEnrolAKey(t *testing.T) {
	const options = `{"challenge":"x","user":{"id":"text"}}`
	p := pages.Enrol{Kind: "webauthn", Action: "/confirm", ID: "e1", Options: options, Fields: []pages.Field{{Name: "data", Type: "hidden"}}, AskName: true}
	root := drawEnrol(t, newRenderer(t, pages.Config{}), "de", p)
	form := root.all("form")[0]
	if form.attr("data-webauthn") != "create" || form.attr("data-options") != options || !form.has("hidden") || button(form) != "Schlüssel hinzufügen" {
		t.Errorf("the form is %v with %q", form.Attr, button(form))
	}
	if form.attr("data-known") != "Dieser Schlüssel ist schon eingerichtet. Bitte verwenden Sie einen anderen." {
		t.Errorf("a known key: %q", form.attr("data-known"))
	}
	if len(root.class("report")) != 1 || len(root.all("script")) != 2 || len(root.all("noscript")) != 1 || root.class("symbol")[0].attr("aria-hidden") != "true" {
		t.Error("the report, the script, the sentence without it, or the picture")
	}
}

func TestEnrolAnyKind(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	root := drawEnrol(t, r, "en", pages.Enrol{Kind: "pigeon", Label: "Carrier pigeon", Fields: []pages.Field{{Name: "code", Label: "What it says", Problem: "pattern"}}})
	if root.all("h1")[0].text() != "Carrier pigeon" || labelOf(root, "input-code-for-pigeon-provider") != "What it says" {
		t.Error("heading or label")
	}
	if input := root.id("input-code-for-pigeon-provider"); !input.has("autofocus") || input.attr("aria-invalid") != "true" {
		t.Errorf("what is wrong has not the focus: %v", input.Attr)
	}
	if got := drawEnrol(t, r, "en", pages.Enrol{}).all("h1")[0].text(); got != "Set up a second factor" {
		t.Errorf("without a name: %q", got)
	}
}
