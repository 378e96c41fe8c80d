package pages_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

// drawn parses what a method of the renderer wrote.
func drawn[P any](t testing.TB, render func(*bytes.Buffer, string, P) error, lang string, p P) node {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, lang, p); err != nil {
		t.Fatal(err)
	}
	return parsePage(t, b.Bytes())
}

func drawStep(t testing.TB, r *pages.Renderer, lang string, p pages.FactorStep) node {
	t.Helper()
	return drawn(t, func(b *bytes.Buffer, lang string, p pages.FactorStep) error { return r.FactorStep(b, lang, p) }, lang, p)
}

func drawEnrol(t testing.TB, r *pages.Renderer, lang string, p pages.Enrol) node {
	t.Helper()
	return drawn(t, func(b *bytes.Buffer, lang string, p pages.Enrol) error { return r.Enrol(b, lang, p) }, lang, p)
}

func drawChoice(t testing.TB, r *pages.Renderer, p pages.FactorChoice) node {
	t.Helper()
	return drawn(t, func(b *bytes.Buffer, lang string, p pages.FactorChoice) error { return r.FactorChoice(b, lang, p) }, "en", p)
}

// sent returns what a form sends as it stands.
func sent(form node) map[string]string {
	out := map[string]string{}
	for _, input := range form.all("input") {
		if kind := input.attr("type"); (kind != "checkbox" && kind != "radio") || input.has("checked") {
			out[input.attr("name")] = input.attr("value")
		}
	}
	return out
}

// button returns the text of the button of a form.
func button(form node) string { return form.all("button")[0].text() }

func TestFactorStepAsksForACode(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct{ kind, heading, label, autocomplete, inputmode string }{
		{"totp", "Enter your code", "Code from the app", "one-time-code", "numeric"},
		{"hotp", "Enter your code", "Code from the token", "one-time-code", "numeric"},
		{"recovery", "Enter a recovery code", "Recovery code", "off", ""},
		{"yubikey", "Touch your YubiKey", "Code from the key", "off", ""},
		{"pigeon", "Carrier pigeon", "What the pigeon says", "", ""},
		{"", "Carrier pigeon", "What the pigeon says", "", ""},
	} {
		p := pages.FactorStep{CSRFToken: "f00d", CallbackURL: "/home", Shown: pages.FactorForm{
			Kind: row.kind, Label: "Carrier pigeon", Action: "/callback/x",
			Fields: []pages.Field{{Name: "code", Label: "What the pigeon says", Type: "text", Required: true, Secret: true, Value: "123456"}},
		}}
		root := drawStep(t, r, "en", p)
		form := root.all("form")[0]
		if form.attr("action") != "/callback/x" || form.attr("method") != "post" || button(form) != "Continue" {
			t.Errorf("%s: the form is %v with %q", row.kind, form.Attr, button(form))
		}
		if got := sent(form); got["csrfToken"] != "f00d" || got["callbackUrl"] != "/home" || got["code"] != "" {
			t.Errorf("PAG-5 %s: sends %v", row.kind, got)
		}
		input := root.id("input-code-for-" + row.kind + "-provider")
		if got := root.all("h1")[0].text(); got != row.heading {
			t.Errorf("%s: heading %q", row.kind, got)
		}
		if got := labelOf(root, input.attr("id")); got != row.label {
			t.Errorf("%s: label %q", row.kind, got)
		}
		if input.attr("autocomplete") != row.autocomplete || input.attr("inputmode") != row.inputmode || !input.has("autofocus") || !input.has("required") {
			t.Errorf("PAG-7 %s: the field is %v", row.kind, input.Attr)
		}
		if n := len(root.all("script")); n != 1 {
			t.Errorf("%s: %d scripts, want the one of every page", row.kind, n)
		}
	}
}

func TestWhatTheFactorDeclaresStays(t *testing.T) {
	field := pages.Field{Name: "pin", Type: "password", Attributes: []pages.Attribute{
		{Name: "autocomplete", Value: "off"}, {Name: "inputmode", Value: "text"}, {Name: "pattern", Value: "[0-9]{6}"}, {Name: "maxlength", Value: "7"},
	}}
	p := pages.FactorStep{Shown: pages.FactorForm{Kind: "totp", Fields: []pages.Field{{Name: "state", Type: "hidden", Value: "x"}, field, {Name: "more", Label: "More"}}}}
	root := drawStep(t, newRenderer(t, pages.Config{}), "en", p)
	for name, want := range map[string]string{"autocomplete": "off", "inputmode": "text", "pattern": "[0-9]{6}", "maxlength": "7", "type": "password"} {
		if got := root.id("input-pin-for-totp-provider").attr(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := labelOf(root, "input-pin-for-totp-provider"); got != "Code from the app" {
		t.Errorf("the first field that is seen has the label %q", got)
	}
	if got := labelOf(root, "input-more-for-totp-provider"); got != "More" {
		t.Errorf("a further field has the label %q", got)
	}
}

func TestFactorStepWays(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	others := append(links("/x?a=1&b=2"), pages.FactorLink{Kind: "pigeon", Label: "Carrier pigeon", URL: "/pigeon"})
	root := drawStep(t, r, "en", pages.FactorStep{Shown: pages.FactorForm{Kind: "totp"}, Others: others, Name: "Ada"})
	var got []string
	for _, a := range root.class("ways")[0].all("a") {
		got = append(got, a.text())
	}
	want := "Use an authenticator app|Use a code token|Use a recovery code|Use a YubiKey|Use a security key|Use: /x?a=1&b=2|Use: Carrier pigeon"
	if strings.Join(got, "|") != want {
		t.Errorf("other ways: got %q", got)
	}
	if href := root.class("ways")[0].all("a")[0].attr("href"); href != "/x?a=1&b=2" {
		t.Errorf("a way leads to %q", href)
	}
	if aside := root.class("aside"); len(aside) != 2 || aside[0].text() != "You are signing in as Ada." || aside[1].all("a")[0].attr("href") != "/api/auth/signin" {
		t.Error("who signs in, or where to start again")
	}
	if len(root.all("nav")) != 1 {
		t.Error("there are language links although the address is not known")
	}
}

func TestConfirming(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	p := pages.FactorStep{Confirm: true, Name: "Ada", Shown: pages.FactorForm{Kind: "totp"}}
	root := drawStep(t, r, "en", p)
	if got := root.all("h1")[0].text() + "|" + root.all("title")[0].text(); got != "Confirm it’s you|Confirm It’s You" {
		t.Errorf("got %q", got)
	}
	if aside := root.class("aside"); len(aside) != 1 || aside[0].text() != "You are signed in as Ada." {
		t.Error("who is signed in is missing, or there is a way to cancel that leads nowhere")
	}
	p.StartURL = "/account"
	if a := drawStep(t, r, "en", p).class("aside")[1].all("a")[0]; a.text() != "Cancel" || a.attr("href") != "/account" {
		t.Errorf("cancel: %q %v", a.text(), a.Attr)
	}
}

func TestRememberingADevice(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		lang string
		days int
		want string
	}{
		{"en", 1, "Don’t ask again on this device for 1 day"},
		{"en", 30, "Don’t ask again on this device for 30 days"},
		{"de", 1, "Auf diesem Gerät 1 Tag lang nicht mehr fragen"},
		{"ar", 1, "عدم السؤال مجددًا على هذا الجهاز ليوم واحد"},
		{"ar", 2, "عدم السؤال مجددًا على هذا الجهاز ليومين"},
		{"ar", 7, "عدم السؤال مجددًا على هذا الجهاز لمدة 7 أيام"},
		{"ar", 30, "عدم السؤال مجددًا على هذا الجهاز لمدة 30 يومًا"},
		{"en", 0, ""},
		{"en", -1, ""},
	} {
		root := drawStep(t, r, row.lang, pages.FactorStep{Shown: pages.FactorForm{Kind: "totp", RememberDays: row.days}})
		box := root.id("input-remember_device-for-totp-provider")
		if got := labelOf(root, box.attr("id")); row.want != "" && (got != row.want || box.attr("type") != "checkbox" || box.has("checked") || box.attr("value") != "on") {
			t.Errorf("%s, %d days: got %q, %v", row.lang, row.days, got, box.Attr)
		}
		if row.want == "" && box.has("name") {
			t.Errorf("%d days: the box is there", row.days)
		}
	}
}

func TestStepWithAKey(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	const options = `{"publicKey":{"challenge":"A-_","rpId":"x","allowCredentials":[{"id":"</script>"}]}}`
	p := pages.FactorStep{Shown: pages.FactorForm{
		Kind: "webauthn", Options: options, RememberDays: 30, Fields: []pages.Field{{Name: "data", Type: "hidden"}},
	}}
	root := drawStep(t, r, "en", p)
	form := root.all("form")[0]
	if form.attr("data-webauthn") != "get" || form.attr("data-options") != options || !form.has("hidden") || button(form) != "Use your key" {
		t.Errorf("the form is %v with %q", form.Attr, button(form))
	}
	if _, ok := sent(form)["data"]; !ok {
		t.Error("there is no place for the answer")
	}
	for _, name := range []string{"data-failed", "data-known", "data-unsupported", "data-insecure"} {
		if !strings.HasSuffix(form.attr(name), ".") {
			t.Errorf("%s: got %q", name, form.attr(name))
		}
	}
	if report := root.class("report"); len(report) != 1 || report[0].attr("role") != "alert" || !report[0].has("hidden") {
		t.Error("there is no place for what goes wrong")
	}
	if scripts := root.all("script"); len(scripts) != 2 || !strings.Contains(scripts[1].attr("src"), "/assets/webauthn-") || !scripts[1].has("defer") {
		t.Error("the script for keys is not there")
	}
	if got := root.all("noscript")[0].text(); !strings.Contains(got, "need JavaScript") || strings.Contains(got, "other ways") {
		t.Errorf("without JavaScript, alone: %q", got)
	}
	p.Others = links("/x")
	if got := drawStep(t, r, "en", p).all("noscript")[0].text(); !strings.Contains(got, "other ways below") {
		t.Errorf("without JavaScript, with other ways: %q", got)
	}
}

func TestSignInWithAPasskey(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	field := func(kind, autocomplete string) pages.Field {
		return pages.Field{Name: "f" + kind, Type: kind, Attributes: []pages.Attribute{{Name: "autocomplete", Value: autocomplete}}}
	}
	for _, row := range []struct {
		name   string
		fields []pages.Field
		want   string
	}{
		{"the user name", []pages.Field{field("password", "username"), field("text", "username"), field("email", "username")}, "username|username webauthn|username"},
		{"a section before it", []pages.Field{field("text", "section-a username")}, "section-a username webauthn"},
		{"declared already", []pages.Field{field("text", "username webauthn")}, "username webauthn"},
		{"no user name", []pages.Field{field("text", "email"), field("hidden", "username")}, "email"},
	} {
		p := pages.SignIn{CSRFToken: "f00d", CallbackURL: "/home", Passkey: &pages.Passkey{ID: "passkey", Options: "{}"}, Providers: []pages.Provider{{ID: "a", Fields: row.fields}}}
		root := parsePage(t, signIn(t, r, "en", p))
		var got []string
		for _, input := range root.class("provider")[0].all("input") {
			if input.has("autocomplete") {
				got = append(got, input.attr("autocomplete"))
			}
		}
		if strings.Join(got, "|") != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
		box := root.class("passkey")[0]
		form := box.all("form")[0]
		if !box.has("hidden") || form.attr("action") != "/api/auth/callback/passkey" || form.attr("data-webauthn") != "get" || form.attr("data-options") != "{}" {
			t.Errorf("%s: the form is %v", row.name, form.Attr)
		}
		if got := sent(form); got["csrfToken"] != "f00d" || got["callbackUrl"] != "/home" || got["action"] != "authenticate" || len(got) != 4 || button(form) != "Sign in with a passkey" {
			t.Errorf("%s: sends %v", row.name, got)
		}
		p.Passkey = nil
		if page := signIn(t, r, "en", p); bytes.Contains(page, []byte("assets/webauthn")) || bytes.Contains(page, []byte("passkey")) {
			t.Errorf("%s: something of passkeys is there without them", row.name)
		}
	}
}

func TestFactorChoice(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	p := pages.FactorChoice{CSRFToken: "f00d", CallbackURL: "/home", Action: "/enrol", Required: true, Offers: append(links(""), pages.FactorLink{Kind: "pigeon", Label: "Carrier pigeon"})}
	root := drawChoice(t, r, p)
	forms := root.all("form")
	if root.all("h1")[0].text() != "Your account needs a second factor" || len(forms) != len(p.Offers) {
		t.Fatalf("heading, or %d forms", len(forms))
	}
	for i, form := range forms {
		if got := sent(form); form.attr("action") != "/enrol" || got["kind"] != p.Offers[i].Kind || got["csrfToken"] != "f00d" || got["callbackUrl"] != "/home" || len(got) != 3 {
			t.Errorf("form %d sends %v to %q", i, got, form.attr("action"))
		}
	}
	if got := button(forms[0]); got != "Authenticator app An app on your phone shows a new code every half minute. Any app for TOTP codes will do." {
		t.Errorf("the first offer: %q", got)
	}
	if got := button(forms[len(forms)-1]); got != "Carrier pigeon" {
		t.Errorf("a kind without texts: %q", got)
	}
	if a := root.class("aside")[0].all("a")[0]; a.text() != "Start again" || a.attr("href") != "/api/auth/signin" {
		t.Errorf("start again: %v", a.Attr)
	}
	p.Required = false
	if root = drawChoice(t, r, p); root.all("h1")[0].text() != "Add a second factor" || len(root.class("aside")) != 0 {
		t.Error("a choice that is free")
	}
}

func TestFactorChoiceWithAnInvitation(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	p := pages.FactorChoice{CSRFToken: "f00d", Action: "/enrol", Invite: true, Offers: links("")}
	root := drawChoice(t, r, p)
	form, invite := root.all("form")[0], root.id("input-invite")
	if got := sent(form); len(root.all("form")) != 1 || got["kind"] != "totp" || len(got) != 3 || form.attr("action") != "/enrol" {
		t.Errorf("sends %v", got)
	}
	if labelOf(root, "input-invite") != "Invitation code" || !invite.has("required") || invite.attr("autocomplete") != "off" || invite.has("autofocus") {
		t.Errorf("the field is %v", invite.Attr)
	}
	p.Problem = &pages.Problem{Code: "invite_wrong"}
	root = drawChoice(t, r, p)
	if invite = root.id("input-invite"); invite.attr("aria-invalid") != "true" || !invite.has("autofocus") || invite.has("value") {
		t.Errorf("a wrong code: %v", invite.Attr)
	}
	p.Problem, p.Offers = nil, nil
	if root = drawChoice(t, r, p); len(root.all("form")) != 0 {
		t.Error("a form without a choice")
	}
}

// The sentences of second factors, where one signs in and where one changes
// something.
func TestFactorProblems(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct{ code, signing, changing string }{
		{"second_factor_wrong", "That did not work. Check the code and try again.", ""},
		{"second_factor_spent", "This code was used already. Please wait for the next one.", ""},
		{"key_not_known", "This key is not known here. Please use one that you have set up for your account.", ""},
		{"key_failed", "The key did not answer, or it was cancelled. Please try again.", ""},
		{"key_taken", "This key is set up already. Please use another one.", ""},
		{"invite_wrong", "The invitation code is not right, or it was used already. Please ask the people who run this service for a new one.", ""},
		{"fresh_proof", "Please confirm first that it’s you.", ""},
		{"last_factor", "Your account needs a second factor, so the last one can’t be removed. Add another one first.", ""},
		{"factor_missing", "Your account needs a second factor, and it has none. Please ask the people who run this service.", ""},
		{"enrolment_expired", "Setting it up took too long, and nothing was changed. Please start again.", ""},
		{"conflict", "This was changed in another window meanwhile. Please look at it again.", ""},
		{"MissingCSRF", "Unable to sign in. This page had expired; please try again.", "This page had expired, and nothing was changed. Please try again."},
		{"unavailable", "Sign-in is not available right now. Please try again in a moment.", "That is not possible right now, and nothing was changed. Please try again in a moment."},
		{"canary", "Unable to sign in.", "That did not work, and nothing was changed. Please try again."},
	} {
		p := &pages.Problem{Code: row.code}
		changing := row.changing
		if changing == "" {
			changing = row.signing
		}
		for page, root := range map[string]node{
			"step":    drawStep(t, r, "en", pages.FactorStep{Problem: p}),
			"confirm": drawStep(t, r, "en", pages.FactorStep{Problem: p, Confirm: true}),
			"choice":  drawChoice(t, r, pages.FactorChoice{Problem: p}),
			"enrol":   drawEnrol(t, r, "en", pages.Enrol{Problem: p}),
			"account": drawAccount(t, r, "en", pages.Account{Problem: p}),
		} {
			want := changing
			if page == "step" {
				want = row.signing
			}
			banner := root.class("error")[0]
			if got := banner.text(); got != want || banner.attr("role") != "alert" || !banner.has("autofocus") {
				t.Errorf("%s, %s: got %q, want %q", page, row.code, got, want)
			}
		}
	}
}
