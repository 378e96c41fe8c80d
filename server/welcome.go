package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/cookies"
	"github.com/ostiary/ostiary/pages"
)

// welcome is the page of signed-in people, for servers without an application
// of their own: who they are, and what their session says.
type welcome struct {
	service  *ostiary.Service
	renderer func() (*pages.Renderer, error) // made when first asked for
	base     string
	chosen   cookies.Cookie // the language
	panels   []pages.Panel
	factors  bool // there are second factors, and a page to see to them
}

func newWelcome(c *Config, service *ostiary.Service, panels []pages.Panel) *welcome {
	look := pages.Config{Base: c.base(), Name: c.Service.Name, Theme: c.Service.Theme, Dir: c.Service.TemplateDir}
	return &welcome{
		service: service, base: c.base(), panels: panels, factors: len(c.Service.Factors.Kinds) > 0, chosen: languageCookie(c.secure()),
		renderer: sync.OnceValues(func() (*pages.Renderer, error) { return pages.New(look) }),
	}
}

func languageCookie(secure bool) cookies.Cookie {
	c := cookies.Cookie{Name: "ostiary.language", Path: "/", Secure: secure, HTTPOnly: true, SameSite: http.SameSiteLaxMode}
	if secure {
		c.Name = "__Secure-" + c.Name
	}
	return c
}

// ServeHTTP answers the root: the page for people who are signed in, and the
// way to sign in for everybody else.
func (p *welcome) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	plainHeaders(h)
	h.Set("Vary", "Cookie, Accept-Language")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		plain(w, http.StatusMethodNotAllowed, "Method not allowed.")
		return
	}
	who := p.service.Session(r)
	if who == nil {
		h.Set("Location", p.service.SignInURL("/"))
		w.WriteHeader(http.StatusFound)
		return
	}
	renderer, err := p.renderer()
	if err != nil {
		panic(err) // the operator's templates changed on disk; the guard answers and logs
	}
	lang := p.language(w, r, renderer)
	var page bytes.Buffer
	if err := renderer.Welcome(&page, lang, p.describe(who)); err != nil {
		panic(err)
	}
	h.Set("Content-Security-Policy", renderer.ContentSecurityPolicy())
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	_, _ = w.Write(page.Bytes()) // whoever asked may be gone
}

// language is the language to answer in. A choice is kept in the cookie that the
// pages of the service keep it in, so that it holds for all of them.
func (p *welcome) language(w http.ResponseWriter, r *http.Request, renderer *pages.Renderer) string {
	if chosen := renderer.ChosenLanguage(r); chosen != "" {
		w.Header().Add("Set-Cookie", p.chosen.String(chosen))
		return chosen
	}
	if kept, n := cookies.Read(r.Header, p.chosen.Name); n == 1 && slices.Contains(renderer.Languages(), kept) {
		return kept
	}
	return renderer.Language(r)
}

func (p *welcome) describe(who *ostiary.Session) pages.Welcome {
	page := pages.Welcome{
		Name: who.Name, Email: who.Email, Panels: p.panels, SignOutURL: p.base + "/signout?callbackUrl=%2F", Here: "/",
	}
	if p.factors {
		page.AccountURL = p.base + "/account"
	}
	if page.Name == "" && page.Email == "" {
		page.Name = who.Account.UserID
	}
	add := func(name, value string) {
		if value != "" {
			page.Facts = append(page.Facts, pages.Fact{Name: name, Value: value})
		}
	}
	add("E-mail", who.Email)
	add("Account", who.Account.String())
	add("Groups", strings.Join(who.Groups, ", "))
	for name, value := range who.Token.Extra.All() {
		add(name, claimText(value))
	}
	if !who.AuthTime.IsZero() {
		add("Signed in", who.AuthTime.UTC().Format(minute))
	}
	add("Session ends", who.Expires.UTC().Format(minute))
	return page
}

const minute = "2 January 2006, 15:04 MST"

// claimText writes a claim for a person: a text without its quotes, anything
// else as JSON.
func claimText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
