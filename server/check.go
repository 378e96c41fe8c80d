package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

// check holds what was read against what can only be judged as a whole or by
// the packages that use it. Faults that New finds later are translated by
// located; here stands what has a better place than that.
func (c *Config) check() {
	c.checkSecrets()
	c.checkAddresses()
	c.checkProxies()
	c.checkSession()
	c.checkStore()
	c.checkPasskeys()
	c.checkProviders()
	c.checkService()
}

// checkSecrets names every weak secret (JWE-10).
func (c *Config) checkSecrets() {
	r := c.reader
	if line, there := r.lines["secrets"]; there && len(c.secrets) == 0 {
		r.fault("secrets", line, "is empty; make a secret with `ostiary secret`")
	}
	first := make(map[string]string)
	before := len(r.faults)
	for _, s := range c.secrets {
		if s.path == "" {
			continue // could not be read, and is a fault already
		}
		if other, twice := first[s.text]; twice {
			r.fault(s.path, r.lineFor(s.path), "is the same secret as %s; keep one", other)
			continue
		}
		first[s.text] = s.path
		if _, err := session.New(session.Config{Secrets: []string{s.text}}); err != nil {
			text := strings.TrimPrefix(err.Error(), "secret 1 ")
			r.fault(s.path, r.lineFor(s.path), "%s with `ostiary secret`", text)
		}
	}
	if len(r.faults) > before || len(first) == 0 {
		return
	}
	if _, err := session.New(session.Config{Secrets: c.Service.Secrets}); err != nil { // too many
		r.fault("secrets", r.lineFor("secrets"), "%v", err)
	}
}

func (c *Config) checkAddresses() {
	for _, a := range []struct{ path, address string }{{"listen", c.Listen}, {"admin.listen", c.AdminListen}} {
		if a.address == "" {
			continue
		}
		if err := checkAddress(a.address); err != nil {
			c.reader.fault(a.path, c.reader.lineFor(a.path), "%v", err)
		}
	}
	if c.AdminListen != "" && c.AdminListen == c.Listen {
		c.reader.fault("admin.listen", c.reader.lineFor("admin.listen"), "is the public address, too; health detail is for yourselves, choose another port")
	}
}

// checkAddress reports what is wrong with an address to listen at.
func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("is not an address and a port, such as 127.0.0.1:3000 or :3000")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("the port must be a number from 0 to 65535")
	}
	return nil
}

func (c *Config) checkProxies() {
	for i, proxy := range c.proxies {
		path := fmt.Sprintf("trusted_proxies[%d]", i)
		nets, err := ostiary.ParseProxies([]string{proxy})
		if err != nil {
			c.reader.fault(path, c.reader.lineFor(path), "%v", errNetwork)
			continue
		}
		c.Service.TrustedProxies = append(c.Service.TrustedProxies, nets...)
	}
}

var errNetwork = errors.New("is not an address or a network such as 10.0.0.0/8")

func (c *Config) checkSession() {
	s, r := &c.Service.Session, c.reader
	lifetime, absolute := s.Lifetime, s.Absolute
	if lifetime == 0 {
		lifetime = 30 * day
	}
	if absolute == 0 {
		absolute = 90 * day
	}
	if absolute < lifetime {
		path := "session.absolute"
		if s.Absolute == 0 {
			path = "session.lifetime"
		}
		r.fault(path, r.lineFor(path), "session.absolute is %s and session.lifetime %s; the absolute end can't come before the other",
			formatDuration(absolute), formatDuration(lifetime))
	}
}

func (c *Config) checkProviders() {
	r := c.reader
	if line, there := r.lines["providers"]; there && len(c.providers) == 0 {
		r.fault("providers", line, "is empty; declare at least one")
	}
	first := make(map[string]string)
	for i := range c.providers {
		p := &c.providers[i]
		id := p.id()
		if other, twice := first[id]; twice {
			path := p.at
			if _, there := r.lines[p.at+".id"]; there {
				path += ".id"
			}
			r.fault(path, r.lineFor(path), "the id %q is that of %s, too; give each provider an id of its own", id, other)
		}
		first[id] = p.at
		c.checkRemember(p)
		c.checkConnector(p.at+".connector", p.connector, p.service.Form, p.at+".fields")
		d, ok := p.connector.one()
		if s := c.Service.Session.Recheck; s > 0 && ok && !d.system.looksUp() {
			r.fault("session.recheck", r.lineFor("session.recheck"), "%s can't look people up without their password; give its connector a way, or take recheck out", p.at)
		}
	}
}

func (c *Config) checkRemember(p *providerSettings) {
	if p.service.Remember == "" {
		return
	}
	for _, f := range p.service.Form {
		if f.Name == p.service.Remember && f.Type == "checkbox" {
			return
		}
	}
	path := p.at + ".remember"
	c.reader.fault(path, c.reader.lineFor(path), "names no checkbox of the fields; add one, such as %s: {type: checkbox, label: Remember me}", "remember")
}

// checkService has New look at everything that is not judged above, with
// stand-ins for what is faulty already, so that all faults come out at once.
func (c *Config) checkService() {
	probe := c.Service
	probe.Secrets = []string{rand.Text() + rand.Text()}
	probe.Providers = c.standIns()
	probe.Session.Lifetime, probe.Session.Absolute, probe.Session.Recheck = 0, 0, 0
	probe.Factors.Store = nobody{}
	known := len(c.reader.faults)
	for range 3 { // New looks at the address first, and at the rest if that is right
		if probe.URL == "" {
			probe.URL = "https://id.example.com"
		}
		_, err := ostiary.New(probe)
		if err == nil {
			return
		}
		wrong := c.addService(err, known)
		if !wrong["url"] && !wrong["base_path"] {
			return
		}
		if wrong["url"] {
			probe.URL = ""
		}
		if wrong["base_path"] {
			probe.BasePath = ""
		}
	}
}

// standIns are the providers as far as New alone can judge them.
func (c *Config) standIns() []ostiary.Provider {
	refuse := func(context.Context, form.Values, *http.Request) (*ostiary.User, error) { return nil, nil }
	var all []ostiary.Provider
	seen := make(map[string]bool)
	for i := range c.providers {
		p := &c.providers[i]
		if !seen[p.id()] {
			all = append(all, ostiary.Provider{ID: p.service.ID, Realm: p.service.Realm, Factors: p.service.Factors, Authorize: refuse})
		}
		seen[p.id()] = true
	}
	if len(all) == 0 { // which is a fault of its own
		all = append(all, ostiary.Provider{Authorize: refuse})
	}
	return all
}

// addService adds what New found, but for keys that had a fault before, and
// returns the keys that New complained about.
func (c *Config) addService(err error, known int) (wrong map[string]bool) {
	r := c.reader
	wrong = make(map[string]bool)
	for _, message := range messages(err) {
		path, text := c.pathOf(message)
		if wrong[path] && strings.HasPrefix(message, "form target") {
			continue // the same once more, as the policy of the pages sees it
		}
		wrong[path] = true
		if path == "" || !r.faultyBefore(path, known) {
			r.fault(path, r.lineFor(path), "%s", text)
		}
	}
	return wrong
}

// keyOf says which key of the file a field of ostiary.Config was read from.
var keyOf = map[string]string{
	"URL": "url", "BasePath": "base_path", "Providers": "providers", "Secrets": "secrets", "session keys": "secrets",
	"Session.Lifetime": "session.lifetime", "Session.Absolute": "session.absolute",
	"Session.BrowserLifetime": "session.browser_lifetime", "Session.Recheck": "session.recheck",
	"Session.AlsoAccept": "session.also_accept", "Session.Cookie": "session",
	"Session.Cookie.Name": "session.cookie_name", "Session.Cookie.Domain": "session.cookie_domain",
	"Session.Cookie.Path": "session.cookie_path", "Session.Cookie.SameSite": "session.same_site",
	"AllowedRedirects": "allowed_redirects", "Limits": "limits", "Limits.Wait": "limits.wait",
	"Pages.SignIn": "pages.sign_in", "Pages.SignOut": "pages.sign_out", "Pages.Error": "pages.error",
	"Pages.VerifyRequest": "pages.verify_request", "TemplateDir": "templates",
	"theme brand colour": "theme.brand_color", "theme button text colour": "theme.button_text",
	"theme colour scheme": "theme.color_scheme", "theme logo": "theme.logo",
	"Factors.Kinds": "factors", "Factors.Policy": "factors.policy", "Factors.Enrolment": "factors.enrolment",
	"Factors.RememberDevice": "factors.remember_device", "Factors.Passkeys": "factors.passkeys", "Factors.Store": "store",
}

// inKeys puts the words of New's messages into those of the file.
var inKeys = strings.NewReplacer("BasePath", "base_path", `": is not a CSS`, `" is not a CSS`)

var (
	ofRule     = regexp.MustCompile(`(?s)^Factors\.(Groups|Accounts)\[("(?:[^"\\]|\\.)*")\]: (.*)$`)
	ofProvider = regexp.MustCompile(`(?s)^provider "([^"]*)": (?:([A-Z][A-Za-z]*): )?(.*)$`)
	ofField    = regexp.MustCompile(`(?s)^([A-Z][A-Za-z.]*|session keys|theme (?:brand colour|button text colour|colour scheme|logo)):? (.*)$`)
)

// located turns what New found into faults with the lines and keys of the file.
func (c *Config) located(err error) error {
	r := c.reader
	r.faults = nil
	for _, message := range messages(err) {
		path, text := c.pathOf(message)
		r.fault(path, r.lineFor(path), "%s", text)
	}
	return r.result()
}

func (c *Config) pathOf(message string) (path, text string) {
	if m := ofProvider.FindStringSubmatch(message); m != nil {
		for i := range c.providers {
			if c.providers[i].id() == m[1] {
				path = c.providers[i].at
			}
		}
		if m[2] != "" {
			path += "." + strings.ToLower(m[2])
		}
		return path, m[3]
	}
	if m := ofRule.FindStringSubmatch(message); m != nil {
		name, _ := strconv.Unquote(m[2])
		return "factors." + strings.ToLower(m[1]) + "." + pathKey(name), m[3]
	}
	if strings.HasPrefix(message, "form target ") {
		return "allowed_redirects", message
	}
	if m := ofField.FindStringSubmatch(message); m != nil && keyOf[m[1]] != "" {
		return keyOf[m[1]], inKeys.Replace(m[2])
	}
	return "", message
}
