package ostiary_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

func sound() ostiary.Config {
	return ostiary.Config{
		URL: external, Secrets: []string{secretA},
		Providers: []ostiary.Provider{{Form: loginForm(), Authorize: directory}},
	}
}

// TestConfigurationFaults is FAL-5: each fault stops the start, names its place,
// and says how to mend it.
func TestConfigurationFaults(t *testing.T) {
	type change = func(*ostiary.Config)
	rows := []struct {
		name   string
		change change
		names  []string // what the error must hold
	}{
		{"no URL", func(c *ostiary.Config) { c.URL = "" }, []string{"URL: missing", "https://app.example.com"}},
		{"URL without scheme", func(c *ostiary.Config) { c.URL = "app.example.com" }, []string{"URL:", "https://"}},
		{"URL with a path", func(c *ostiary.Config) { c.URL = external + "/x" }, []string{"URL:", "BasePath"}},
		{"URL with a query", func(c *ostiary.Config) { c.URL = external + "?x" }, []string{"URL:", "query"}},
		{"URL with userinfo", func(c *ostiary.Config) { c.URL = "https://u:canary@app.example.com" }, []string{"URL:", "leave them out"}},
		{"COO-2 plain http", func(c *ostiary.Config) { c.URL = "http://app.example.com" }, []string{"URL:", "use https"}},
		{"COO-2 plain http on a look-alike of loopback", func(c *ostiary.Config) { c.URL = "http://localhost.example.com" }, []string{"URL:", "use https"}},
		{"base path with a space", func(c *ostiary.Config) { c.BasePath = "/a b" }, []string{"BasePath:", "/api/auth"}},
		{"base path with dots", func(c *ostiary.Config) { c.BasePath = "/../x" }, []string{"BasePath:"}},
		{"no secrets", func(c *ostiary.Config) { c.Secrets = nil }, []string{"secret"}},
		{"JWE-10 short secret", func(c *ostiary.Config) { c.Secrets = []string{"short-canary"} }, []string{"secret 1", "32 random bytes"}},
		{"JWE-10 monotonous secret", func(c *ostiary.Config) { c.Secrets = []string{strings.Repeat("ab", 40)} }, []string{"secret 1"}},
		{"JWE-10 second secret weak", func(c *ostiary.Config) { c.Secrets = []string{secretA, "changeme"} }, []string{"secret 2"}},
		{"secret twice", func(c *ostiary.Config) { c.Secrets = []string{secretA, secretA} }, []string{"secret 2", "secret 1"}},
		{"JWE-4 too many secrets", func(c *ostiary.Config) {
			c.Secrets = nil
			for i := range 5 {
				c.Secrets = append(c.Secrets, fmt.Sprint(i)+secretA)
			}
		}, []string{"at most 4"}},
		{"unknown wire", func(c *ostiary.Config) { c.Wire = "v6" }, []string{"v6", "next-auth-v4", "auth-js-v5"}},
		{"unknown format to accept", func(c *ostiary.Config) { c.Session.AlsoAccept = []session.Format{"v6"} }, []string{"AlsoAccept", "v6"}},
		{"no providers", func(c *ostiary.Config) { c.Providers = nil }, []string{"Providers:", "Authorize"}},
		{"no authorizer", func(c *ostiary.Config) { c.Providers[0].Authorize = nil }, []string{`provider "credentials"`, "Authorize"}},
		{"provider id", func(c *ostiary.Config) { c.Providers[0].ID = "A B" }, []string{`provider "A B"`, "lower-case"}},
		{"provider id undefined", func(c *ostiary.Config) { c.Providers[0].ID = "undefined" }, []string{`provider "undefined"`}},
		{"two of one id", func(c *ostiary.Config) { c.Providers = append(c.Providers, c.Providers[0]) }, []string{`provider "credentials"`, "two providers"}},
		{"realm", func(c *ostiary.Config) { c.Providers[0].Realm = "a\nb" }, []string{`provider "credentials"`, "Realm"}},
		{"PAG-3 field attribute", func(c *ostiary.Config) {
			c.Providers[0].Form[0].Attributes = map[string]any{"onclick": "x"}
		}, []string{`provider "credentials"`, "username", "onclick"}},
		{"PAG-3 reserved field name", func(c *ostiary.Config) { c.Providers[0].Form[0].Name = "csrfToken" }, []string{`provider "credentials"`, "csrfToken"}},
		{"remember names no field", func(c *ostiary.Config) { c.Providers[0].Remember = "stay" }, []string{`provider "credentials"`, "Remember", "stay"}},
		{"remember names no checkbox", func(c *ostiary.Config) { c.Providers[0].Remember = "username" }, []string{"Remember", "checkbox"}},
		{"recheck without lookup", func(c *ostiary.Config) { c.Session.Recheck = time.Hour }, []string{`provider "credentials"`, "Lookup"}},
		{"negative lifetime", func(c *ostiary.Config) { c.Session.Lifetime = -1 }, []string{"Session.Lifetime", "negative"}},
		{"absolute shorter than lifetime", func(c *ostiary.Config) { c.Session.Absolute = time.Hour }, []string{"Session.Absolute", "Session.Lifetime"}},
		{"negative limit", func(c *ostiary.Config) { c.Limits.Body = -1 }, []string{"Limits"}},
		{"cookie name", func(c *ostiary.Config) { c.Session.Cookie.Name = "a b" }, []string{"Session.Cookie.Name"}},
		{"COO-1 __Host- with a domain", func(c *ostiary.Config) {
			c.Session.Cookie = ostiary.Cookie{Name: "__Host-s", Domain: "example.com"}
		}, []string{"Session.Cookie", "__Host-"}},
		{"COO-1 SameSite None", func(c *ostiary.Config) { c.Session.Cookie.SameSite = http.SameSiteNoneMode }, []string{"SameSite"}},
		{"RED-7 CSR-8 wildcard", func(c *ostiary.Config) { c.AllowedRedirects = []string{"https://*.example.com"} }, []string{"AllowedRedirects", "list each"}},
		{"CSR-8 no scheme", func(c *ostiary.Config) { c.AllowedRedirects = []string{"shop.example.com"} }, []string{"AllowedRedirects"}},
		{"CSR-8 with a path", func(c *ostiary.Config) { c.AllowedRedirects = []string{"https://shop.example.com/x"} }, []string{"AllowedRedirects"}},
		{"page", func(c *ostiary.Config) { c.Pages.SignIn = "//evil.example" }, []string{"Pages.SignIn"}},
		{"page, javascript", func(c *ostiary.Config) { c.Pages.Error = "javascript:alert(1)" }, []string{"Pages.Error"}},
		{"theme", func(c *ostiary.Config) { c.Theme.BrandColor = "red;}" }, []string{"red;}"}},
		{"templates", func(c *ostiary.Config) { c.TemplateDir = "testdata/none" }, []string{"testdata/none"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := sound()
			row.change(&c)
			s, err := ostiary.New(c)
			if err == nil || s != nil {
				t.Fatal("the start is not refused")
			}
			for _, name := range row.names {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("the fault does not name %q: %v", name, err)
				}
			}
			if strings.Contains(err.Error(), secretA) || strings.Contains(err.Error(), "canary") {
				t.Errorf("CON-5 a secret in the fault: %v", err)
			}
		})
	}
}

// TestFaultsAreJoined starts once and reads the whole list.
func TestFaultsAreJoined(t *testing.T) {
	c := sound()
	c.URL, c.BasePath, c.Secrets = "", "/a b", []string{"weak"}
	c.Providers[0].Authorize = nil
	c.Providers[0].Form[0].Attributes = map[string]any{"onclick": "x", "style": "y"}
	c.Session.Cookie.Name = "a b"
	c.AllowedRedirects = []string{"https://*"}
	c.Pages = ostiary.Pages{SignIn: "login", Error: "oops"}
	c.Limits.Body = -1
	_, err := ostiary.New(c)
	if err == nil {
		t.Fatal("no fault")
	}
	for _, name := range []string{
		"URL:", "BasePath:", "Authorize", "onclick", "style", "Session.Cookie.Name", "AllowedRedirects", "Pages.SignIn", "Pages.Error", "Limits", "secret 1",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not among the faults:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "url.invalid") {
		t.Errorf("the stand-in for the URL shows: %v", err)
	}
}

func TestSoundConfigurations(t *testing.T) {
	for name, change := range map[string]func(*ostiary.Config){
		"zero":              func(*ostiary.Config) {},
		"loopback":          func(c *ostiary.Config) { c.URL = "http://127.0.0.1:3000" },
		"loopback by name":  func(c *ostiary.Config) { c.URL = "http://localhost:3000/" },
		"IPv6 loopback":     func(c *ostiary.Config) { c.URL = "http://[::1]:3000" },
		"insecure, wanted":  func(c *ostiary.Config) { c.URL, c.InsecureHTTP = "http://intranet", true },
		"base path":         func(c *ostiary.Config) { c.BasePath = "auth/" },
		"root as base path": func(c *ostiary.Config) { c.BasePath = "/" },
		"__Host- session":   func(c *ostiary.Config) { c.Session.Cookie.Name = "__Host-session" },
		"empty form":        func(c *ostiary.Config) { c.Providers[0].Form = nil },
		"four secrets":      func(c *ostiary.Config) { c.Secrets = []string{secretA, secretB, "1" + secretA, "2" + secretA} },
	} {
		c := sound()
		change(&c)
		if _, err := ostiary.New(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBasePaths asks for the sign-in page where it should be.
func TestBasePaths(t *testing.T) {
	for asked, at := range map[string]string{"": "/api/auth", "/": "", "auth": "/auth", "/a/b/": "/a/b"} {
		h := open(t, func(c *ostiary.Config) { c.BasePath = asked })
		h.base = external + at
		b := h.browser()
		b.get(external + at + "/signin").is(200).shows(`action="` + external + at + `/callback/credentials"`)
		if got := b.get(external + at + "x/signin"); at != "" && got.StatusCode != 400 {
			t.Errorf("%q: %d next to the base path", asked, got.StatusCode)
		}
	}
}

// TestFormIsCopied holds that what the caller does to a form afterwards doesn't
// reach the service.
func TestFormIsCopied(t *testing.T) {
	c := sound()
	s, err := ostiary.New(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Providers[0].Form[0] = form.Field{Name: "changed"}
	h := &house{Service: s, t: t, base: external + "/api/auth", clock: &clock{at: dayOne}, log: new(journal)}
	h.browser().get("signin").hides("changed")
}

// TestSecretsAreNotPrinted prints whatever holds a secret in every way (CON-5).
func TestSecretsAreNotPrinted(t *testing.T) {
	c := sound()
	h := open(t)
	var log journal
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for _, v := range []any{c, &c, c.Secrets, h.Service} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb, v)
			if strings.Contains(text, secretA) || strings.Contains(text, fmt.Sprintf("%x", secretA)) {
				t.Errorf("%s of a %T shows the secret", verb, v)
			}
		}
		logger.Info("x", "v", v)
	}
	if text, err := json.Marshal(c.Secrets); err != nil || strings.Contains(string(text), secretA) {
		t.Errorf("JSON shows the secret: %s %v", text, err)
	}
	if strings.Contains(log.String(), secretA) {
		t.Error("slog shows the secret")
	}
}

// TestProofsNeedTheirFactor holds that a form asks for nothing that nobody judges.
func TestProofsNeedTheirFactor(t *testing.T) {
	for name, change := range map[string]func(*ostiary.Provider){
		"a field":            func(p *ostiary.Provider) { p.Form = append(loginForm(), form.Field{Name: "token", Type: "totp"}) },
		"behind a password":  func(p *ostiary.Provider) { p.AppendedTOTP = true },
		"required by a rule": func(p *ostiary.Provider) { p.Factors.Policy = ostiary.FactorsRequired },
	} {
		p := ostiary.Provider{Form: loginForm(), Authorize: directory}
		change(&p)
		_, err := ostiary.New(ostiary.Config{URL: external, Secrets: []string{secretA}, Providers: []ostiary.Provider{p}})
		if err == nil || !strings.HasPrefix(err.Error(), `provider "credentials": `) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
