package e2e

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// conversation is what the real clients get to see, step by step of
// clients/src/scenario.js. Where only v4 is given both say the same. {O} is the
// origin, {E} any time in the form of toISOString.
var conversation = []struct{ step, v4, v5 string }{
	{"providers", `{"credentials": {"id": "credentials", "name": "Acme", "type": "credentials",
		"signinUrl": "{O}/api/auth/signin/credentials", "callbackUrl": "{O}/api/auth/callback/credentials"}}`, ``},
	{"csrf token", `"{H}"`, ``},
	{"session before", `null`, ``},

	{
		"wrong password", `{"error": "CredentialsSignin", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "credentials", "status": 401, "ok": false, "url": null}`,
	},
	{
		"null", `{"error": "CredentialsSignin", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "credentials", "status": 401, "ok": false, "url": null}`,
	},
	{
		"coded refusal", `{"error": "This account is locked. Ask the help desk.", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "account_locked", "status": 401, "ok": false, "url": null}`,
	},
	{"unavailable", `{"error": "Configuration", "status": 503, "ok": false, "url": null}`, ``},
	{
		"missing password", `{"error": "CredentialsSignin", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "credentials", "status": 401, "ok": false, "url": null}`,
	},
	{"session after refusals", `null`, ``},

	{
		"next step", `{"error": "next_step", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "next_step", "status": 401, "ok": false, "url": null}`,
	},
	{"session during step", `null`, ``},
	{
		"wrong code", `{"error": "CredentialsSignin", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "credentials", "status": 401, "ok": false, "url": null}`,
	},
	{
		"next step again", `{"error": "next_step", "status": 401, "ok": false, "url": null}`,
		`{"error": "CredentialsSignin", "code": "next_step", "status": 401, "ok": false, "url": null}`,
	},
	{
		"right code", `{"error": null, "status": 200, "ok": true, "url": "{O}/client"}`,
		`{"status": 200, "ok": true, "url": "{O}/client"}`,
	},
	{"session after step", `{"user": {"name": "Step Taker", "email": "step@example.test"}, "expires": "{E}"}`, ``},
	{"sign out after step", `{"url": "{O}/client"}`, ``},

	{
		"foreign callback", `{"error": null, "status": 200, "ok": true, "url": "{O}"}`,
		`{"status": 200, "ok": true, "url": "{O}"}`,
	},
	{
		"relative callback", `{"error": null, "status": 200, "ok": true, "url": "{O}/dash?x=1"}`,
		`{"status": 200, "ok": true, "url": "{O}/dash?x=1"}`,
	},
	{"session", `{"user": {ADA}, "expires": "{E}"}`, ``},

	{"useSession", `{"status": "authenticated", "data": {"user": {ADA}, "expires": "{E}"}}`, ``},
	{"update", `{"user": {RENAMED}, "expires": "{E}"}`, ``},
	{"session after update", `{"user": {RENAMED}, "expires": "{E}"}`, ``},
	{"empty update", `{"user": {RENAMED}, "expires": "{E}"}`, ``},
	{"useSession after updates", `{"status": "authenticated", "data": {"user": {RENAMED}, "expires": "{E}"}}`, ``},

	{"sign out", `{"url": "{O}/bye"}`, ``},
	{"useSession after", `{"status": "unauthenticated", "data": null}`, ``},
	{"session after", `null`, ``},
	{
		"sign in while mounted", `{"error": null, "status": 200, "ok": true, "url": "{O}/client"}`,
		`{"status": 200, "ok": true, "url": "{O}/client"}`,
	},
	{"sign out at last", `{"url": "{O}/client"}`, ``},
}

type stepResult struct {
	Name   string
	Result json.RawMessage
}

var (
	moment = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
	hex64  = regexp.MustCompile(`"[0-9a-f]{64}"`)
	people = strings.NewReplacer(
		`{ADA}`, `{"name": "Ada Lovelace", "email": "ada@example.test", "image": "https://example.test/ada.png"}`,
		`{RENAMED}`, `{"name": "Renamed", "email": "ada@example.test", "image": "https://example.test/ada.png"}`,
	)
)

// judge compares what a client saw with the conversation.
func judge(t *testing.T, s *site, results []stepResult) {
	t.Helper()
	for i, want := range conversation {
		text := want.v4
		if s.generation() == "v5" && want.v5 != "" {
			text = want.v5
		}
		if i >= len(results) {
			t.Fatalf("the conversation ended before %q", want.step)
		}
		if results[i].Name != want.step {
			t.Fatalf("step %d is %q, want %q", i, results[i].Name, want.step)
		}
		got := strings.ReplaceAll(string(results[i].Result), s.origin, "{O}")
		got = hex64.ReplaceAllString(moment.ReplaceAllString(got, `"{E}"`), `"{H}"`)
		if !sameJSON(t, got, people.Replace(text)) {
			t.Errorf("%s:\n got %s\nwant %s", want.step, got, people.Replace(text))
		}
	}
	if len(results) > len(conversation) {
		t.Errorf("%d steps beyond the conversation", len(results)-len(conversation))
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}

// TestClientsInNode has the real clients talk to the service from jsdom.
func TestClientsInNode(t *testing.T) {
	need(t, "clients")
	for generation, wire := range generations {
		t.Run(generation, func(t *testing.T) {
			s := open(t, wire)
			cmd := exec.CommandContext(t.Context(), need(t, "node"), "clients/jsdom.mjs", bundle(t, generation, "jsdom"), s.origin)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			var report struct {
				Results                         []stepResult
				Navigations, Requests, Problems []string
			}
			if err := json.Unmarshal(out, &report); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			judge(t, s, report.Results)
			for _, text := range report.Problems {
				t.Errorf("the client complains: %s", text)
			}
			failed := "{O}/api/auth/error?error=CredentialsSignin&provider=credentials"
			if generation == "v5" {
				failed = "{O}/api/auth/signin?error=CredentialsSignin&code=credentials"
			}
			page := "{O}/api/auth/signin?callbackUrl=" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(s.origin) + "%2Fclient"
			want := []string{page, page, failed, "{O}/dash", "{O}/bye"}
			for i, to := range report.Navigations {
				report.Navigations[i] = strings.ReplaceAll(to, s.origin, "{O}")
			}
			if !reflect.DeepEqual(report.Navigations, want) {
				t.Errorf("navigations:\n got %q\nwant %q", report.Navigations, want)
			}
		})
	}
}

// TestClientsInChromium is the same in a browser, whose cookie rules are the
// real ones, over http and over https with the secure names.
func TestClientsInChromium(t *testing.T) {
	need(t, "clients")
	for generation, wire := range generations {
		t.Run(generation, func(t *testing.T) { converse(t, open(t, wire)) })
		t.Run(generation+" over TLS", func(t *testing.T) { converse(t, openTLS(t, wire)) })
	}
}

func converse(t *testing.T, s *site) {
	s.client = bundle(t, s.generation(), "page")
	b := openTab(t)
	b.visit(s.origin + "/client")
	judge(t, s, eval[[]stepResult](b, "scenario()"))

	b.leave(chromedp.Evaluate[chromedp.Void](`void auth.signIn("credentials", {username: "ada", password: "correct horse", callbackUrl: "/home?x=1"})`))
	if got, want := b.location(), s.origin+"/home?x=1"; got != want {
		t.Errorf("after sign-in at %s, want %s", got, want)
	}
	if got, want := eval[string](b, `document.querySelector("h1").textContent`), "Hello Ada Lovelace"; got != want {
		t.Errorf("the protected page says %q, want %q", got, want)
	}
	checkCookies(t, s, b)

	b.visit(s.origin + "/client")
	b.leave(chromedp.Evaluate[chromedp.Void](`void auth.signOut({callbackUrl: "/bye"})`))
	if got, want := b.location(), s.origin+"/bye"; got != want {
		t.Errorf("after sign-out at %s, want %s", got, want)
	}
	b.visit(s.origin + "/client")
	b.leave(chromedp.Evaluate[chromedp.Void](`void auth.signIn("credentials", {username: "null", password: "x"})`))
	if got := b.location(); !strings.HasPrefix(got, s.origin+"/api/auth/signin?error=CredentialsSignin") {
		t.Errorf("after a refusal at %s, want the sign-in page with its error", got)
	}
	if got := eval[string](b, `document.querySelector("[role=alert]").textContent`); !strings.Contains(got, "Sign in failed") {
		t.Errorf("the banner says %q", got)
	}
}

// checkCookies holds the cookies of a signed-in browser to COO-1.
func checkCookies(t *testing.T, s *site, b *tab) {
	t.Helper()
	name := map[string]string{"v4": "next-auth", "v5": "authjs"}[s.generation()]
	secure := strings.HasPrefix(s.origin, "https:")
	prefix, host := "", ""
	if secure {
		prefix, host = "__Secure-", "__Host-"
	}
	lasting := map[string]bool{
		prefix + name + ".session-token": true,
		prefix + name + ".callback-url":  false,
		host + name + ".csrf-token":      false,
	}
	for _, c := range b.cookies(s.origin) {
		wantsExpiry, known := lasting[c.Name]
		if !known {
			t.Errorf("COO-1: unexpected cookie %s", c.Name)
			continue
		}
		delete(lasting, c.Name)
		if !c.HTTPOnly || c.Secure != secure || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Session == wantsExpiry {
			t.Errorf("COO-1: %s: HttpOnly %v, Secure %v, SameSite %s, Path %s, without expiry %v", c.Name, c.HTTPOnly, c.Secure, c.SameSite, c.Path, c.Session)
		}
	}
	for missing := range lasting {
		t.Errorf("COO-1: no cookie %s", missing)
	}
}
