package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
	keys "github.com/ostiary/ostiary/factor/webauthn"
)

// withKeys gives a site security keys and passkeys.
func withKeys(t *testing.T, changes ...func(*keys.Config)) func(*ostiary.Config) {
	t.Helper()
	paper, err := recovery.New(recovery.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *ostiary.Config) {
		config := keys.Config{RPID: "localhost", RPName: "Acme", Origins: []string{c.URL}}
		for _, change := range changes {
			change(&config)
		}
		f, err := keys.New(config)
		if err != nil {
			t.Fatal(err)
		}
		withFactors(t, f, paper)(c)
		c.Factors.Passkeys = true
		c.Providers[0].Lookup = func(_ context.Context, id string) (*ostiary.User, error) {
			if id != ada.ID {
				return nil, nil
			}
			user := ada
			return &user, nil
		}
	}
}

// key is a virtual authenticator of the browser.
type key struct {
	b  *tab
	id webauthn.AuthenticatorID
}

func (b *tab) plugIn(options webauthn.VirtualAuthenticatorOptions) *key {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
		return err
	})
	options.AutomaticPresenceSimulation = true
	r, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &options})
	if err != nil {
		b.t.Fatal(err)
	}
	return &key{b, r.AuthenticatorID}
}

var (
	platform = webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
	}
	securityKey = webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportUsb,
	}
	u2fKey = webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolU2f, Transport: webauthn.AuthenticatorTransportUsb,
	}
)

// addKey enrols a key on the account page.
func (b *tab) addKey(s *site, name string) {
	b.t.Helper()
	b.visit(s.origin + accountPage)
	b.leave(chromedp.Click(`button[name=kind][value=webauthn], form:has(input[value=webauthn]) button`))
	b.fill("name", name)
	b.do(chromedp.Click("form[data-webauthn] [type=submit]"))
	waitFor(b.t, func() bool {
		return strings.HasSuffix(b.location(), accountPage) && strings.Contains(b.text("main"), name)
	})
}

// useKey answers the page that asks for a key, and waits to be at a page.
func (b *tab) useKey(address string) {
	b.t.Helper()
	b.do(chromedp.Click("form[data-webauthn] [type=submit]"))
	waitFor(b.t, func() bool { return b.location() == address })
}

func TestSecurityKeys(t *testing.T) {
	for name, options := range map[string]webauthn.VirtualAuthenticatorOptions{"ctap2": securityKey, "u2f": u2fKey} {
		t.Run(name, func(t *testing.T) {
			s, b := open(t, generations["v4"], withKeys(t)), openTab(t)
			b.visit(s.origin + accountPage)
			b.signIn("ada", "correct horse")
			b.plugIn(options)
			b.addKey(s, "Blue key")
			for range 2 {
				b.visit(s.origin + "/api/auth/signout")
				b.submit(0)
				b.visit(s.origin + "/home")
				b.signIn("ada", "correct horse")
				if !strings.Contains(b.location(), "/api/auth/factor") {
					t.Fatalf("at %s", b.location())
				}
				b.useKey(s.origin + "/home")
				if got := b.text("h1"); got != "Hello Ada Lovelace" {
					t.Errorf("the page says %q", got)
				}
			}
		})
	}
}

// TestPageForKeys goes to a page that wants a key in this session: first without one,
// then with an app beside it.
func TestPageForKeys(t *testing.T) {
	s, b := open(t, generations["v4"], withKeys(t)), openTab(t)
	b.visit(s.origin + "/payroll")
	b.signIn("ada", "correct horse")
	if !strings.HasSuffix(b.location(), accountPage) || !strings.Contains(b.text("[role=status]"), "needs a second factor") {
		t.Fatalf("at %s: %s", b.location(), b.text("main"))
	}
	b.audit(t)
	b.picture("factor-needed")
	b.plugIn(securityKey)
	b.leave(chromedp.Click(`form:has(input[value=webauthn]) button`))
	b.fill("name", "Blue key")
	b.do(chromedp.Click("form[data-webauthn] [type=submit]"))
	waitFor(t, func() bool { return strings.Contains(b.text("main"), "Blue key") })
	b.leave(chromedp.Click(fmt.Sprintf(`a[href=%q]`, s.origin+"/payroll")))
	if got := b.text("h1"); got != "Hello Ada Lovelace" {
		t.Fatalf("the page says %q at %s", got, b.location())
	}

	if _, err := s.service.FactorAdmin().Import(context.Background(), "credentials:42", "totp", appSecret); err != nil {
		t.Fatal(err)
	}
	b.forgetCookies()
	b.visit(s.origin + "/payroll")
	b.signIn("ada", "correct horse")
	b.fill("code", code(t, appSecret))
	b.submit(0)
	if !strings.Contains(b.location(), "only=webauthn") || b.has("[name=code]") || b.has("a[href*='factor=totp']") {
		t.Fatalf("at %s: %s", b.location(), b.text("main"))
	}
	b.picture("factor-of-a-kind")
	b.useKey(s.origin + "/payroll")
	if got := b.text("h1"); got != "Hello Ada Lovelace" {
		t.Errorf("the page says %q at %s", got, b.location())
	}
}

func TestPasskey(t *testing.T) {
	s, b := open(t, generations["v5"], withKeys(t)), openTab(t)
	b.visit(s.origin + accountPage)
	b.signIn("ada", "correct horse")
	k := b.plugIn(platform)
	b.addKey(s, "This laptop")
	leave := func() {
		b.visit(s.origin + "/api/auth/signout")
		b.submit(0)
		b.visit(s.origin + "/home")
	}
	t.Run("offered where the name is typed", func(t *testing.T) {
		leave() // the virtual key takes the offer at once, but on a busy machine it may come too late for the first
		asked := time.Now()
		waitFor(t, func() bool {
			if time.Since(asked) > 3*time.Second {
				b.visit(s.origin + "/home")
				asked = time.Now()
			}
			return b.text("h1") == "Hello Ada Lovelace"
		})
	})
	b.call(func() error { // from here on, only the button asks
		_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "PublicKeyCredential.isConditionalMediationAvailable = async () => false",
		})
		return err
	})
	t.Run("without a name", func(t *testing.T) {
		leave()
		b.do(chromedp.Click("form[action$='/callback/passkey'] [type=submit]"))
		waitFor(t, func() bool { return b.text("h1") == "Hello Ada Lovelace" })
	})
	t.Run("WAN-3 the owner is not verified", func(t *testing.T) {
		leave()
		k.verified(false)
		b.do(chromedp.Click("form[action$='/callback/passkey'] [type=submit]"))
		waitFor(t, func() bool {
			return strings.Contains(b.text("form[action$='/callback/passkey'] ~ [role=alert], [role=alert]"), "key")
		})
		if strings.HasSuffix(b.location(), "/home") {
			t.Error("signed in")
		}
		k.verified(true)
	})
	t.Run("WAN-6 a copy", func(t *testing.T) {
		leave()
		k.copyWithCounter(0)
		b.do(chromedp.Click("form[action$='/callback/passkey'] [type=submit]"))
		waitFor(t, func() bool { return b.text("[role=alert]") != "" && !strings.HasSuffix(b.location(), "/home") })
	})
}

func (k *key) verified(yes bool) {
	k.b.t.Helper()
	k.b.call(func() error {
		_, err := chromedp.Call(k.b.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: k.id, IsUserVerified: yes})
		return err
	})
}

// addCredential is the command without a field that Chromium refuses.
var addCredential = cdp.Command[addCredentialParams, cdp.Empty]{Method: "WebAuthn.addCredential"}

type addCredentialParams struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      map[string]any           `json:"credential"`
}

// copyWithCounter takes the key out and puts a copy of it in that has counted less.
func (k *key) copyWithCounter(counter int) {
	t := k.b.t
	t.Helper()
	found, err := chromedp.Call(k.b.ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: k.id})
	if err != nil || len(found.Credentials) != 1 {
		t.Fatal(found, err)
	}
	raw, err := json.Marshal(found.Credentials[0])
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	kept := map[string]any{"signCount": counter}
	for _, name := range []string{"credentialId", "isResidentCredential", "rpId", "privateKey", "userHandle"} {
		kept[name] = all[name]
	}
	k.b.call(func() error {
		_, err := chromedp.Call(k.b.ctx, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: k.id})
		return err
	})
	k.b.call(func() error {
		_, err := chromedp.Call(k.b.ctx, addCredential, addCredentialParams{k.id, kept})
		return err
	})
}

// TestWrongOrigin has a page of another address than the configured one use a key.
func TestWrongOrigin(t *testing.T) {
	s, b := open(t, generations["v4"], withKeys(t, func(c *keys.Config) { c.Origins = []string{"http://localhost:1"} })), openTab(t)
	b.visit(s.origin + accountPage)
	b.signIn("ada", "correct horse")
	b.plugIn(securityKey)
	b.leave(chromedp.Click(`form:has(input[value=webauthn]) button`))
	b.do(chromedp.Click("form[data-webauthn] [type=submit]"))
	waitFor(t, func() bool { return b.text("[role=alert]") != "" })
	if list, err := s.service.FactorAdmin().List(t.Context(), "credentials:42"); err != nil || len(list) != 0 {
		t.Errorf("WAN-2 registered: %v, %v", list, err)
	}
}

// TestOldU2F imports a key that was registered with the U2F interface for an
// AppID, and signs in with it (WAN-9). Browsers look at the AppID over https only.
func TestOldU2F(t *testing.T) {
	var appID string
	s := openTLS(t, generations["v4"], func(c *ostiary.Config) {
		appID = c.URL + "/app-id.json"
		withKeys(t, func(k *keys.Config) { k.AppID = appID })(c)
	})
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	handle := make([]byte, 64)
	rand.Read(handle)
	text := fmt.Sprintf(`{"type":"u2f","key_handle":%q,"public_key":%q,"name":"Old key"}`,
		base64.RawURLEncoding.EncodeToString(handle), base64.RawURLEncoding.EncodeToString(point.Bytes()))
	if _, err := s.service.FactorAdmin().Import(t.Context(), "credentials:42", "webauthn", text); err != nil {
		t.Fatal(err)
	}
	b := openTab(t)
	b.visit(s.origin + "/home")
	k := b.plugIn(u2fKey)
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, addCredential, addCredentialParams{k.id, map[string]any{
			"credentialId": base64.StdEncoding.EncodeToString(handle), "isResidentCredential": false, "rpId": appID,
			"privateKey": base64.StdEncoding.EncodeToString(pkcs8), "signCount": 1,
		}})
		return err
	})
	b.signIn("ada", "correct horse")
	b.do(chromedp.Click("form[data-webauthn] [type=submit]"))
	waitFor(t, func() bool { return b.text("h1") == "Hello Ada Lovelace" || b.text("[role=alert]") != "" })
	if got := b.text("h1"); got != "Hello Ada Lovelace" {
		t.Errorf("WAN-9 the page says %q: %q", got, b.text("[role=alert]"))
	}
}

// TestWebAuthnClient has the unmodified client of v5 register a passkey and sign in
// with it.
func TestWebAuthnClient(t *testing.T) {
	need(t, "clients")
	s, b := open(t, generations["v5"], withKeys(t)), openTab(t)
	s.client = bundle(t, "v5", "page")
	b.visit(s.origin + "/client")
	b.plugIn(platform)
	call := func(expression string) map[string]any {
		t.Helper()
		var result map[string]any
		text := eval[string](b, expression+".then(r => JSON.stringify(r ?? {undefined: true}), e => JSON.stringify({thrown: String(e)}))")
		if err := json.Unmarshal([]byte(text), &result); err != nil {
			t.Fatal(err)
		}
		return result
	}
	if got := call(`auth.getProviders()`)["passkey"]; fmt.Sprint(got.(map[string]any)["type"]) != "webauthn" {
		t.Fatalf("the passkey is listed as %v", got)
	}
	call(`auth.signIn("credentials", {username: "ada", password: "correct horse", redirect: false})`)
	if got := call(`keys.signIn("passkey", {action: "register", redirect: false})`); got["error"] != nil || got["ok"] != true {
		t.Fatalf("registering says %v", got)
	}
	call(`auth.signOut({redirect: false})`)
	if got := call(`keys.signIn("passkey", {redirect: false})`); got["error"] != nil || got["ok"] != true || got["url"] != s.origin+"/client" {
		t.Fatalf("signing in says %v", got)
	}
	user, _ := call(`auth.getSession()`)["user"].(map[string]any)
	if user["name"] != "Ada Lovelace" {
		t.Errorf("signed in as %v", user)
	}
	call(`auth.signOut({redirect: false})`)
	first := call(`auth.signIn("credentials", {username: "ada", password: "correct horse", redirect: false})`)
	if first["code"] != "second_factor" {
		t.Fatalf("the password alone says %v", first)
	}
	if got := call(`keys.signIn("webauthn", {redirect: false})`); got["error"] != nil || got["ok"] != true {
		t.Errorf("as a second factor: %v", got)
	}
	call(`auth.signOut({redirect: false})`)
	b.complaintsOf(func() {
		if got := call(`keys.signIn("passkey", {action: "register", redirect: false, email: "eve@example.test"})`); got["ok"] == true {
			t.Errorf("a stranger registers: %v", got)
		}
	})
}

// complaintsOf runs something of which the browser may complain.
func (b *tab) complaintsOf(run func()) {
	b.t.Helper()
	run()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = nil
}
