package ostiary

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/clientip"
	"github.com/ostiary/ostiary/internal/cookies"
	"github.com/ostiary/ostiary/internal/csrf"
	"github.com/ostiary/ostiary/internal/origin"
	"github.com/ostiary/ostiary/internal/returnto"
	"github.com/ostiary/ostiary/internal/seal"
	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
	"github.com/ostiary/ostiary/store/memory"
)

// provider is a Provider made ready: its form compiled, its fields as the page
// wants them, its addresses spelled out.
type provider struct {
	*Provider
	form        *form.Compiled
	page        pages.Provider // without values and problems
	signInURL   string
	callbackURL string
	password    bool // the form asks for a password
	pace        pace
	proofs      []form.Input // fields of the form that prove a factor
	second      pace         // of those
}

func (c *Config) defaults() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Wire == "" {
		c.Wire = session.NextAuthV4
	}
	if c.Store == nil {
		c.Store = memory.New(c.Now)
	}
	c.BasePath = "/" + strings.Trim(or(c.BasePath, "/api/auth"), "/")
	c.Session.Lifetime = orDuration(c.Session.Lifetime, 30*24*time.Hour)
	c.Session.Absolute = orDuration(c.Session.Absolute, 90*24*time.Hour)
	c.Session.BrowserLifetime = orDuration(c.Session.BrowserLifetime, 12*time.Hour)
	c.Session.Cookie.Path = or(c.Session.Cookie.Path, "/")
	if c.Session.Cookie.SameSite == http.SameSiteDefaultMode || c.Session.Cookie.SameSite == 0 {
		c.Session.Cookie.SameSite = http.SameSiteLaxMode
	}
}

func orDuration(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

func (s *Service) setURL() error {
	c := &s.config
	s.base = strings.TrimSuffix(c.BasePath, "/")
	var errs [2]error
	if !basePath.MatchString(c.BasePath) {
		errs[0] = fmt.Errorf(`BasePath: %q is not a plain path such as "/api/auth"`, c.BasePath)
		s.base = ""
	}
	at, path, err := origin.Parse(c.URL)
	switch {
	case c.URL == "":
		err = errors.New(`URL: missing; give the external address, such as "https://app.example.com"`)
	case err != nil:
		err = fmt.Errorf("URL: %w", err)
	case strings.Trim(path, "/") != "":
		err = fmt.Errorf("URL: %q has a path; give scheme and host only, and the path as BasePath", c.URL)
	case !at.Secure() && !at.Loopback() && !c.InsecureHTTP:
		err = fmt.Errorf("URL: %q is plain http and not loopback, so sessions could be read on the way; use https", c.URL)
	}
	s.origin, s.secure = at.String(), at.Secure()
	if err != nil { // what depends on it is checked all the same
		s.origin, s.secure, errs[1] = "https://url.invalid", true, err
	}
	s.root = s.origin + s.base
	return errors.Join(errs[1], errs[0])
}

var (
	basePath   = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?$`)
	providerID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	cookieName = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+.^_|~-]{1,64}$`)
)

func (s *Service) setLimits() error {
	l, sess := &s.config.Limits, s.config.Session
	var errs []error
	for _, life := range []struct {
		name string
		time.Duration
	}{
		{"Session.Lifetime", sess.Lifetime},
		{"Session.Absolute", sess.Absolute},
		{"Session.BrowserLifetime", sess.BrowserLifetime},
		{"Session.Recheck", sess.Recheck},
		{"Limits.Wait", l.Wait},
	} {
		if life.Duration < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", life.name, life.Duration))
		}
	}
	if sess.Absolute < sess.Lifetime {
		errs = append(errs, fmt.Errorf("Session.Absolute: %v is shorter than Session.Lifetime, %v", sess.Absolute, sess.Lifetime))
	}
	if l.Authorizing < 0 || l.Waiting < 0 || l.Body < 0 {
		errs = append(errs, errors.New("Limits: a negative number; zero is the default"))
	}
	if l.Body == 0 {
		l.Body = 64 << 10
	}
	return errors.Join(errs...)
}

func (s *Service) setKeys() error {
	c := &s.config
	s.wire = wire{v5: c.Wire == session.AuthJSV5}
	var errs [4]error
	name := c.Session.Cookie.Name
	if name != "" && !cookieName.MatchString(name) {
		errs[0], name = fmt.Errorf("Session.Cookie.Name: %q is not a cookie name", name), ""
	}
	if err := s.openers(name); err != nil {
		return errors.Join(errs[0], err)
	}
	s.pending, errs[1] = seal.New(c.Secrets, "pending sign-in")
	s.memo, errs[2] = seal.New(c.Secrets, "failed attempt")
	if s.wire.v5 { // contract section 6: the list, joined with commas
		s.guards = []*csrf.Guard{csrf.New(strings.Join(c.Secrets, ","))}
	} else {
		for _, secret := range c.Secrets {
			s.guards = append(s.guards, csrf.New(secret))
		}
	}
	errs[3] = s.setJar()
	return errors.Join(errs[:]...)
}

// openers makes the codec that seals and those that open.
func (s *Service) openers(name string) error {
	c := &s.config
	codec, err := session.New(session.Config{Secrets: c.Secrets, Format: c.Wire, CookieName: name, Secure: s.secure, Now: c.Now})
	if err != nil {
		return fmt.Errorf("session keys: %w", err)
	}
	s.codec, s.codecs = codec, []*session.Codec{codec}
	for _, format := range c.Session.AlsoAccept {
		if format == c.Wire {
			continue
		}
		also, err := session.New(session.Config{Secrets: c.Secrets, Format: format, Secure: s.secure, Now: c.Now})
		if err != nil {
			return fmt.Errorf("Session.AlsoAccept: %w", err)
		}
		s.codecs = append(s.codecs, also)
	}
	return nil
}

func (s *Service) setJar() error {
	c := s.config.Session.Cookie
	host, plain := "", ""
	if s.secure {
		host, plain = "__Host-", "__Secure-"
	}
	family := "next-auth."
	if s.wire.v5 {
		family = "authjs."
	}
	own := func(name string) cookies.Cookie {
		return cookies.Cookie{Name: name, Path: "/", Secure: s.secure, HTTPOnly: true, SameSite: http.SameSiteLaxMode}
	}
	s.jar = jar{
		session: own(s.codec.CookieName()), csrf: own(host + family + "csrf-token"),
		callbackURL: own(plain + family + "callback-url"),
		pending:     own(host + "ostiary.pending"), memo: own(host + "ostiary.attempt"), language: own(plain + "ostiary.language"),
		held: own(host + "ostiary.factor"), challenge: own(host + "ostiary.challenge"), device: own(host + "ostiary.device"),
	}
	if s.wire.v5 { // contract, section 6
		s.jar.challenge.Name = plain + "authjs.challenge"
	}
	s.jar.session.Path, s.jar.session.Domain, s.jar.session.SameSite = c.Path, c.Domain, c.SameSite
	if err := s.jar.session.Check(); err != nil {
		return fmt.Errorf("Session.Cookie: %w", err)
	}
	if c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode {
		return errors.New("Session.Cookie.SameSite: only Lax and Strict keep foreign sites from using the session")
	}
	return nil
}

func (s *Service) setRedirects() (err error) {
	s.back, err = returnto.New(s.origin, s.config.AllowedRedirects)
	if err != nil {
		err = fmt.Errorf("AllowedRedirects: %w", err)
	}
	p := s.config.Pages
	for _, page := range [...]struct{ name, address string }{
		{"SignIn", p.SignIn}, {"SignOut", p.SignOut}, {"Error", p.Error}, {"VerifyRequest", p.VerifyRequest},
	} {
		if page.address != "" && !isPage(page.address) {
			err = errors.Join(err, fmt.Errorf(`Pages.%s: %q is neither a path such as "/login" nor an http(s) URL`, page.name, page.address))
		}
	}
	return err
}

// isPage reports whether an address can be a page of the operator's: a path on
// our origin, or absolute.
func isPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	return path || u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func (s *Service) setPages() (err error) {
	s.pages, err = pages.New(pages.Config{
		Base: s.base, Name: s.config.Name, Theme: s.config.Theme, Dir: s.config.TemplateDir, FormTargets: s.formTargets(),
	})
	return err
}

// formTargets are the foreign origins that a form of ours may lead to in the
// end; browsers hold redirects against the policy of the page, too.
func (s *Service) formTargets() []string {
	targets := slices.Clone(s.config.AllowedRedirects)
	for _, page := range [...]string{s.config.Pages.SignIn, s.config.Pages.Error} {
		if u, err := url.Parse(page); err == nil && u.Host != "" {
			targets = append(targets, u.Scheme+"://"+u.Host)
		}
	}
	return targets
}

func (s *Service) setProviders() error {
	if len(s.config.Providers) == 0 {
		return errors.New("Providers: none; declare at least one with an Authorize function")
	}
	s.byID = make(map[string]*provider, len(s.config.Providers))
	var errs []error
	for i := range s.config.Providers {
		p, err := s.newProvider(&s.config.Providers[i])
		switch {
		case err != nil:
			errs = append(errs, err)
		case s.byID[p.id()] != nil:
			errs = append(errs, fmt.Errorf("provider %q: two providers have this id", p.id()))
		default:
			s.providers = append(s.providers, p)
			s.byID[p.id()] = p
		}
	}
	s.providerList = listProviders(s.providers, "credentials")
	return errors.Join(errs...)
}

// listProviders writes the answer of GET providers once: an object whose
// members stand in the configured order (contract, section 2).
func listProviders(providers []*provider, kind string) []byte {
	list := []byte{'{'}
	for i, p := range providers {
		entry, _ := json.Marshal(struct { // strings only: can't fail
			ID          string `json:"id"`
			Name        string `json:"name"`
			Type        string `json:"type"`
			SignInURL   string `json:"signinUrl"`
			CallbackURL string `json:"callbackUrl"`
		}{p.id(), p.name(), kind, p.signInURL, p.callbackURL})
		if i > 0 {
			list = append(list, ',')
		}
		list = append(strconv.AppendQuote(list, p.id()), ':')
		list = append(list, entry...)
	}
	return append(list, '}')
}

func (s *Service) newProvider(declared *Provider) (*provider, error) {
	id := declared.id()
	var errs []error
	if !providerID.MatchString(id) || id == "undefined" {
		errs = append(errs, errors.New("ID: use lower-case letters, digits, '-' and '_'"))
	}
	if declared.Authorize == nil {
		errs = append(errs, errors.New("Authorize: missing"))
	}
	if (Account{declared.realm(), "x"}).String() == "" {
		errs = append(errs, errors.New("Realm: not printable text"))
	}
	compiled, err := form.Compile(declared.Form)
	if err != nil {
		errs = append(errs, err)
	}
	if declared.Remember != "" && !slices.ContainsFunc(declared.Form, func(f form.Field) bool {
		return f.Name == declared.Remember && strings.EqualFold(f.Type, "checkbox")
	}) {
		errs = append(errs, fmt.Errorf("Remember: the form has no checkbox field %q", declared.Remember))
	}
	if s.config.Session.Recheck > 0 && declared.Lookup == nil {
		errs = append(errs, errors.New("Lookup: missing; Session.Recheck needs it"))
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("provider %q: %w", id, errors.Join(errs...))
	}
	p := &provider{Provider: declared, form: compiled, signInURL: s.root + "/signin/" + id, callbackURL: s.root + "/callback/" + id}
	p.page = pages.Provider{ID: id, Name: declared.name(), Action: s.root + "/callback/" + id, Fields: pageFields(compiled)}
	for _, in := range compiled.Inputs() {
		if in.Factor != "" {
			p.proofs = append(p.proofs, in)
		}
	}
	p.password = slices.ContainsFunc(compiled.Inputs(), func(in form.Input) bool { return in.Type == "password" })
	return p, nil
}

// ParseProxies reads addresses and networks for Config.TrustedProxies:
// "10.0.0.0/8", "192.0.2.7".
func ParseProxies(list []string) ([]netip.Prefix, error) {
	return clientip.ParseTrusted(list)
}
