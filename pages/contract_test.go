package pages_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/pages"
)

// seed is the sign-in page of the form that the project began with.
func seed() pages.SignIn {
	return pages.SignIn{
		CSRFToken: "f00d", CallbackURL: "https://app.example.com/home?a=1&b=2",
		Providers: []pages.Provider{{
			ID: "credentials", Name: "Credentials", Action: "http://localhost:3000/api/auth/callback/credentials",
			Fields: []pages.Field{
				{Name: "username", Label: "Username", Type: "text", Attributes: []pages.Attribute{{Name: "placeholder", Value: "jsmith"}}},
				{Name: "password", Label: "Password", Type: "password"},
			},
		}},
	}
}

// The wire contract, section 9.1.
func TestSignInPage(t *testing.T) {
	root := parsePage(t, signIn(t, newRenderer(t, pages.Config{}), "en", seed()))
	if got := root.all("title")[0].text(); got != "Sign In" {
		t.Errorf("title: got %q", got)
	}
	if got := root.all("body")[0].attr("class"); got != "__next-auth-theme-auto" {
		t.Errorf("body class: got %q", got)
	}
	for _, class := range []string{"page", "signin", "card", "provider"} {
		if len(root.class(class)) != 1 {
			t.Errorf("there is not exactly one .%s", class)
		}
	}
	forms := root.class("provider")[0].all("form")
	if len(forms) != 1 {
		t.Fatalf("got %d forms", len(forms))
	}
	form := forms[0]
	if got := form.attr("method"); got != "post" {
		t.Errorf("method: got %q", got)
	}
	if got, want := form.attr("action"), "http://localhost:3000/api/auth/callback/credentials"; got != want {
		t.Errorf("action: got %q, want %q", got, want)
	}
	hidden := map[string]string{}
	for _, input := range form.all("input") {
		if input.attr("type") == "hidden" {
			hidden[input.attr("name")] = input.attr("value")
		}
	}
	if len(hidden) != 2 || hidden["csrfToken"] != "f00d" || hidden["callbackUrl"] != "https://app.example.com/home?a=1&b=2" {
		t.Errorf("hidden inputs: got %v", hidden)
	}
	for field, label := range map[string]string{"username": "Username", "password": "Password"} {
		id := "input-" + field + "-for-credentials-provider"
		if got := root.id(id).attr("name"); got != field {
			t.Errorf("input %s has the name %q", id, got)
		}
		if got := labelOf(root, id); got != label {
			t.Errorf("label of %s: got %q", id, got)
		}
	}
	buttons := form.all("button")
	if len(buttons) != 1 || buttons[0].attr("type") != "submit" || buttons[0].text() != "Sign in with Credentials" {
		t.Errorf("there is not exactly one button that signs in")
	}
	if len(root.class("error")) != 0 {
		t.Error("there is a banner on a first visit")
	}
	if got := root.id("input-username-for-credentials-provider"); !got.has("autofocus") || got.attr("placeholder") != "jsmith" {
		t.Errorf("the first empty field: %v", got.Attr)
	}
}

func labelOf(root node, id string) string {
	for _, label := range root.all("label") {
		if label.attr("for") == id {
			return label.text()
		}
	}
	return ""
}

// The table of the wire contract, section 9.1, and our own codes.
func TestBanners(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	const other = "Try signing in with a different account."
	for _, row := range []struct{ code, want string }{
		{"CredentialsSignin", "Sign in failed. Check the details you provided are correct."},
		{"SessionRequired", "Please sign in to access this page."},
		{"Signin", other},
		{"OAuthSignin", other},
		{"OAuthCallback", other},
		{"OAuthCallbackError", other},
		{"OAuthCreateAccount", other},
		{"EmailCreateAccount", other},
		{"Callback", other},
		{"OAuthAccountNotLinked", "To confirm your identity, sign in with the same account you used originally."},
		{"EmailSignin", "The e-mail could not be sent."},
		{"AccessDenied", "Unable to sign in."},
		{"constructor", "Unable to sign in."},
		{"", "Unable to sign in."},
		{"MissingCSRF", "Unable to sign in. This page had expired; please try again."},
		{"unavailable", "Sign-in is not available right now. Please try again in a moment."},
		{"busy", "Sign-in is not available right now. Please try again in a moment."},
		{"invalid", "Please check what is marked below."},
		{"throttled", "Too many attempts. Please wait a while, then try again."},
	} {
		p := seed()
		p.Problem = &pages.Problem{Code: row.code, Reference: "K7Q2-M4XW"}
		banner := parsePage(t, signIn(t, r, "en", p)).class("error")
		if len(banner) != 1 || banner[0].attr("role") != "alert" || banner[0].attr("tabindex") != "-1" || !banner[0].has("autofocus") {
			t.Fatalf("%s: no banner that takes the focus", row.code)
		}
		if got := banner[0].all("p")[0].text(); got != row.want {
			t.Errorf("%s: got %q, want %q", row.code, got, row.want)
		}
		if got := banner[0].class("reference")[0].text(); got != "Reference K7Q2-M4XW" {
			t.Errorf("%s: reference: got %q", row.code, got)
		}
	}
}

func TestWaits(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		lang string
		wait time.Duration
		want string
	}{
		{"en", time.Nanosecond, "1 second"},
		{"en", time.Second, "1 second"},
		{"en", 1001 * time.Millisecond, "2 seconds"},
		{"en", 59 * time.Second, "59 seconds"},
		{"en", 59*time.Second + 1, "1 minute"},
		{"en", 15 * time.Minute, "15 minutes"},
		{"en", 59*time.Minute + 1, "1 hour"},
		{"en", 26 * time.Hour, "26 hours"},
		{"en", 1<<63 - 1, "2562048 hours"},
		{"de", 90 * time.Second, "2 Minuten"},
		{"fr", time.Hour, "1 heure"},
		{"es", 30 * time.Second, "30 segundos"},
		{"ar", time.Second, "ثانية واحدة"},
		{"ar", 2 * time.Minute, "دقيقتين"},
		{"ar", 7 * time.Minute, "7 دقائق"},
		{"ar", 45 * time.Second, "45 ثانية"},
		{"ar", 100 * time.Hour, "100 ساعة"},
	} {
		p := pages.SignIn{Problem: &pages.Problem{Code: "throttled", RetryAfter: row.wait}}
		got := parsePage(t, signIn(t, r, row.lang, p)).class("error")[0].text()
		if !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(got, "."), " noch einmal"), row.want) {
			t.Errorf("%s %v: got %q, want %q", row.lang, row.wait, got, row.want)
		}
	}
}

func TestWhatBannersSay(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		name string
		p    pages.Problem
		want string
	}{
		{"a chosen sentence wins", pages.Problem{Code: "throttled", Sentence: "Call us.", RetryAfter: time.Hour}, "Call us."},
		{"a refusal with a wait", pages.Problem{Code: "CredentialsSignin", RetryAfter: time.Minute}, "Too many attempts. Please try again in 1 minute."},
		{"unavailable is not the person's doing", pages.Problem{Code: "unavailable", RetryAfter: time.Second}, "Sign-in is not available right now. Please try again in a moment."},
	} {
		got := parsePage(t, signIn(t, r, "en", pages.SignIn{Problem: &row.p})).class("error")[0].text()
		if got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestSeveralProviders(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	p := pages.SignIn{
		Problem: &pages.Problem{Code: "CredentialsSignin", Provider: "two"},
		Providers: []pages.Provider{
			{ID: "one", Name: "One", Fields: []pages.Field{{Name: "name"}}},
			{ID: "two", Name: "Two", Fields: []pages.Field{{Name: "name"}}},
			{ID: "bare", Name: "Bare"},
		},
	}
	providers := parsePage(t, signIn(t, r, "en", p)).class("provider")
	if len(providers) != 3 {
		t.Fatalf("got %d providers", len(providers))
	}
	for i, want := range []struct {
		heading, action string
		rules, banners  int
	}{
		{"One", "/api/auth/callback/one", 1, 0},
		{"Two", "/api/auth/callback/two", 1, 1},
		{"Bare", "/api/auth/callback/bare", 0, 0},
	} {
		got := providers[i]
		if h := got.all("h2"); len(h) != 1 || h[0].text() != want.heading {
			t.Errorf("%s: no heading of its own", want.heading)
		}
		if a := got.all("form")[0].attr("action"); a != want.action {
			t.Errorf("%s: action %q", want.heading, a)
		}
		if n := len(got.all("hr")); n != want.rules {
			t.Errorf("%s: %d rules", want.heading, n)
		}
		if n := len(got.class("error")); n != want.banners {
			t.Errorf("%s: %d banners", want.heading, n)
		}
	}
	p.Problem.Provider = "none of these"
	root := parsePage(t, signIn(t, r, "en", p))
	if len(root.class("error")) != 1 || len(root.class("provider")[0].class("error")) != 0 {
		t.Error("a problem of an unknown provider is not on top")
	}
}

func TestFaultyFields(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		field pages.Field
		want  string
	}{
		{pages.Field{Problem: "required"}, "Please fill this in."},
		{pages.Field{Type: "checkbox", Problem: "required"}, "Please tick this box."},
		{pages.Field{Element: "select", Problem: "required"}, "Please choose one."},
		{pages.Field{Problem: "too_short"}, "This is too short."},
		{pages.Field{Problem: "too_long"}, "This is too long."},
		{pages.Field{Problem: "pattern"}, "This does not have the expected form."},
		{pages.Field{Type: "number", Problem: "too_small"}, "This number is too small."},
		{pages.Field{Type: "number", Problem: "too_large"}, "This number is too large."},
		{pages.Field{Type: "number", Problem: "bad_value"}, "Please enter a number that fits here."},
		{pages.Field{Type: "email", Problem: "bad_value"}, "Please enter a whole email address."},
		{pages.Field{Type: "url", Problem: "bad_value"}, "Please enter a whole web address."},
		{pages.Field{Type: "date", Problem: "bad_value"}, "Please enter a date."},
		{pages.Field{Element: "select", Problem: "bad_value"}, "Please choose one of the offered values."},
		{pages.Field{Problem: "bad_value"}, "Please check this."},
		{pages.Field{Problem: "repeated"}, "Please check this."},
	} {
		row.field.Name = "f"
		p := pages.SignIn{Problem: &pages.Problem{Code: "invalid"}, Providers: []pages.Provider{{ID: "a", Fields: []pages.Field{{Name: "first"}, row.field}}}}
		root := parsePage(t, signIn(t, r, "en", p))
		input := root.id("input-f-for-a-provider")
		if got := root.id(input.attr("aria-describedby")).text(); got != row.want {
			t.Errorf("%s %s: got %q, want %q", row.field.Type+row.field.Element, row.field.Problem, got, row.want)
		}
		if input.attr("aria-invalid") != "true" || !input.has("autofocus") {
			t.Errorf("%s: the faulty field is not marked, or not in focus: %v", row.field.Problem, input.Attr)
		}
	}
}

func TestOneThingHasTheFocus(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	declared := pages.Field{Name: "declared", Value: "x", Attributes: []pages.Attribute{{Name: "autofocus", Bare: true}}}
	for _, row := range []struct {
		name    string
		problem *pages.Problem
		fields  []pages.Field
		want    string
	}{
		{"first empty field", nil, []pages.Field{{Name: "h", Type: "hidden"}, {Name: "c", Type: "checkbox"}, {Name: "filled", Value: "x"}, {Name: "empty"}}, "empty"},
		{"a password is always empty", nil, []pages.Field{{Name: "filled", Value: "x"}, {Name: "password", Type: "password", Value: "x"}}, "password"},
		{"declared, and once", nil, []pages.Field{{Name: "empty"}, declared, declared}, "declared"},
		{"the banner", &pages.Problem{}, []pages.Field{{Name: "empty"}, declared}, ""},
		{"the faulty field", &pages.Problem{}, []pages.Field{{Name: "empty"}, declared, {Name: "faulty", Problem: "pattern"}}, "faulty"},
		{"the other provider", nil, nil, "last"},
	} {
		providers := []pages.Provider{{ID: "a", Fields: row.fields}, {ID: "b", Fields: []pages.Field{{Name: "last"}}}}
		var got []string
		for _, e := range parsePage(t, signIn(t, r, "en", pages.SignIn{Problem: row.problem, Providers: providers})).all("*") {
			if e.has("autofocus") {
				got = append(got, e.attr("name"))
			}
		}
		if len(got) != 1 || got[0] != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestTypedValuesAreKept(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	options := []pages.Option{{Value: "", Label: "Choose"}, {Value: "emea", Label: "Europe", Group: "Old"}, {Value: "us", Group: "New"}}
	root := parsePage(t, signIn(t, r, "en", pages.SignIn{Providers: []pages.Provider{{ID: "a", Fields: []pages.Field{
		{Name: "text", Value: `a "b" <c>`},
		{Name: "area", Element: "textarea", Value: "\n two\nlines"},
		{Name: "choice", Element: "select", Value: "us", Options: options},
		{Name: "box", Type: "checkbox", Value: "yes", Checked: true},
		{Name: "state", Type: "hidden", Value: "sealed"},
	}}}}))
	if got := root.id("input-text-for-a-provider").attr("value"); got != `a "b" <c>` {
		t.Errorf("text: got %q", got)
	}
	if got := root.id("input-area-for-a-provider").FirstChild.Data; got != "\n two\nlines" {
		t.Errorf("textarea: got %q", got)
	}
	choice := root.id("input-choice-for-a-provider")
	for _, o := range choice.all("option") {
		if o.has("selected") != (o.attr("value") == "us") {
			t.Errorf("option %q: selected %v", o.attr("value"), o.has("selected"))
		}
	}
	if groups := choice.all("optgroup"); len(groups) != 2 || groups[1].attr("label") != "New" || groups[1].text() != "us" {
		t.Errorf("groups: got %d", len(choice.all("optgroup")))
	}
	if box := root.id("input-box-for-a-provider"); box.attr("value") != "yes" || !box.has("checked") || box.attr("type") != "checkbox" {
		t.Errorf("checkbox: got %v", box.Attr)
	}
}

func TestNextStepPage(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	provider := pages.Provider{ID: "credentials", Name: "Acme", Fields: []pages.Field{{Name: "code", Label: "Code"}}}
	var b bytes.Buffer
	step := pages.NextStep{CSRFToken: "f00d", CallbackURL: "/home", Provider: provider, Title: "Check your phone", Sentence: "We sent a code."}
	if err := r.NextStep(&b, "en", step); err != nil {
		t.Fatal(err)
	}
	root := parsePage(t, b.Bytes())
	if root.all("h1")[0].text() != "Check your phone" || root.class("lead")[0].text() != "We sent a code." {
		t.Error("title or sentence is missing")
	}
	form := root.all("form")[0]
	if form.attr("action") != "/api/auth/callback/credentials" || form.all("button")[0].text() != "Continue" || len(form.all("button")) != 1 {
		t.Error("the form does not go on with the provider")
	}
	if again := root.class("aside")[0].all("a")[0]; again.attr("href") != "/api/auth/signin" || again.text() != "Start again" {
		t.Errorf("start again: got %v", again.Attr)
	}
	if len(root.all("nav")) != 0 {
		t.Error("there are language links although the address is not known")
	}
	b.Reset()
	if err := r.NextStep(&b, "en", pages.NextStep{}); err != nil {
		t.Fatal(err)
	}
	if got := parsePage(t, b.Bytes()).all("h1")[0].text(); got != "One more step" {
		t.Errorf("standard title: got %q", got)
	}
}

// The wire contract, section 9.2.
func TestSignOutPage(t *testing.T) {
	var b bytes.Buffer
	if err := newRenderer(t, pages.Config{}).SignOut(&b, "en", pages.SignOut{CSRFToken: "f00d", Name: "Ada"}); err != nil {
		t.Fatal(err)
	}
	root := parsePage(t, b.Bytes())
	form := root.all("form")[0]
	if root.all("title")[0].text() != "Sign Out" || form.attr("action") != "/api/auth/signout" || form.attr("method") != "post" {
		t.Errorf("title or form: %v", form.Attr)
	}
	if button := root.id("submitButton"); button.text() != "Sign out" || button.attr("type") != "submit" {
		t.Error("no button to sign out")
	}
	if got := root.class("card")[0].text(); !strings.Contains(got, "You are signed in as Ada. Are you sure you want to sign out?") {
		t.Errorf("text: got %q", got)
	}
}

// The wire contract, section 9.3.
func TestErrorPage(t *testing.T) {
	r := newRenderer(t, pages.Config{})
	for _, row := range []struct {
		kind, heading string
		signIn        bool
	}{
		{"Configuration", "Server error", false},
		{"configuration", "Server error", false},
		{"AccessDenied", "Access Denied", true},
		{"Verification", "Unable to sign in", true},
		{"Unavailable", "Not available right now", true},
		{"Default", "Error", true},
		{"", "Error", true},
		{"toString", "Error", true},
	} {
		var b bytes.Buffer
		if err := r.Error(&b, "en", pages.Error{Kind: row.kind, HomeURL: "http://localhost:3000", Reference: "K7Q2-M4XW"}); err != nil {
			t.Fatal(err)
		}
		root := parsePage(t, b.Bytes())
		if root.all("title")[0].text() != "Error" || root.all("h1")[0].text() != row.heading {
			t.Errorf("%q: heading %q, want %q", row.kind, root.all("h1")[0].text(), row.heading)
		}
		if got := len(root.class("button")) == 1; got != row.signIn {
			t.Errorf("%q: link to sign in: got %v", row.kind, got)
		}
		if root.class("site")[0].attr("href") != "http://localhost:3000" || root.class("reference")[0].text() != "Reference K7Q2-M4XW" {
			t.Errorf("%q: link to the site, or reference", row.kind)
		}
	}
}

func TestVerifyRequestPage(t *testing.T) {
	var b bytes.Buffer
	if err := newRenderer(t, pages.Config{}).VerifyRequest(&b, "en", pages.VerifyRequest{HomeURL: "/"}); err != nil {
		t.Fatal(err)
	}
	root := parsePage(t, b.Bytes())
	if root.all("title")[0].text() != "Verify Request" || len(root.class("verify-request")) != 1 {
		t.Error("title or class")
	}
}
