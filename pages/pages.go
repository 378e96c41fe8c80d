package pages

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// templateNames are the files that may be replaced: one for each page, and those
// that pages share.
var templateNames = []string{
	"layout.html", "form.html", "factorform.html", "signin.html", "nextstep.html", "signout.html", "error.html", "verifyrequest.html", "welcome.html",
	"factor.html", "factorchoice.html", "enrol.html", "account.html",
}

// Renderer draws the pages. It is safe for concurrent use.
type Renderer struct {
	base, service, scheme, logo string

	assets     *assets
	policy     string
	catalogues []*catalogue
	fallback   *catalogue
	choose     func(acceptLanguage string) *catalogue

	sources  []layer // of the templates, in the order of templateNames
	editions map[*catalogue]*edition
	buffers  sync.Pool
}

// edition is the set of templates in one language, made when the language is
// asked for first.
type edition struct {
	once  sync.Once
	pages map[string]*template.Template
	err   error
}

// New reads and checks everything that the pages need. Its error joins all
// faults of the configuration and of the override directory, each naming the
// setting or the file.
func New(c Config) (*Renderer, error) {
	r := &Renderer{
		base: strings.TrimRight(or(c.Base, "/api/auth"), "/"), service: c.Name, scheme: or(c.Theme.ColorScheme, "auto"),
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	f, err := openFiles(c.Dir)
	if err != nil {
		return nil, err
	}
	faults := []error{checkBase(c.Base), checkTheme(c.Theme), r.setAssets(f, c.Theme), r.setPolicy(c)}
	faults = append(faults, r.setLanguages(f, c), r.setTemplates(f))
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if len(f.names) > 0 {
		if err := r.rehearse(); err != nil {
			return nil, fmt.Errorf("templates in %s: %w", c.Dir, err)
		}
	}
	return r, nil
}

func checkBase(base string) error {
	if base == "" || base[0] == '/' && !strings.HasPrefix(base, "//") &&
		strings.Trim(base, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") == "" {
		return nil
	}
	return fmt.Errorf("base path %q: must be a plain path such as /api/auth", base)
}

// SignIn writes the sign-in page. Nothing is written when there is an error.
// An unknown language is the default one, for all pages.
func (r *Renderer) SignIn(w io.Writer, lang string, p SignIn) error {
	c := r.catalogue(lang)
	v := r.signInView(c, p)
	return r.render(w, c, "signin.html", &v)
}

// NextStep writes the page of a further step.
func (r *Renderer) NextStep(w io.Writer, lang string, p NextStep) error {
	c := r.catalogue(lang)
	v := r.nextStepView(c, p)
	return r.render(w, c, "nextstep.html", &v)
}

// SignOut writes the page that asks whether to sign out.
func (r *Renderer) SignOut(w io.Writer, lang string, p SignOut) error {
	c := r.catalogue(lang)
	v := signOutView{
		Action: or(p.Action, r.base+"/signout"), CSRFToken: p.CSRFToken, CallbackURL: p.CallbackURL, Name: p.Name,
		Banner: newBanner(c, p.Problem), Here: r.here(p.Here, "/signout"),
	}
	giveFocus(v.Banner, nil)
	return r.render(w, c, "signout.html", &v)
}

// Error writes the error page. The contract's status for its kinds is 500 for
// Configuration, 403 for AccessDenied and Verification, 200 for others.
func (r *Renderer) Error(w io.Writer, lang string, p Error) error {
	c := r.catalogue(lang)
	v := r.errorView(c, p)
	return r.render(w, c, "error.html", &v)
}

// VerifyRequest writes the page that asks to look into the mail.
func (r *Renderer) VerifyRequest(w io.Writer, lang string, p VerifyRequest) error {
	c := r.catalogue(lang)
	v := verifyRequestView{HomeURL: p.HomeURL, Here: r.here(p.Here, "/verify-request")}
	return r.render(w, c, "verifyrequest.html", &v)
}

// Welcome writes the page of a signed-in person.
func (r *Renderer) Welcome(w io.Writer, lang string, p Welcome) error {
	c := r.catalogue(lang)
	v := welcomeView{
		Name: or(p.Name, p.Email), Facts: p.Facts, Panels: p.Panels, AccountURL: p.AccountURL, SignOutURL: or(p.SignOutURL, r.base+"/signout"),
	}
	if p.Here != "" {
		v.Here = r.here(p.Here, "")
	}
	return r.render(w, c, "welcome.html", &v)
}

// FactorStep writes the page that asks for a second proof.
func (r *Renderer) FactorStep(w io.Writer, lang string, p FactorStep) error {
	c := r.catalogue(lang)
	v := r.factorStepView(c, p)
	return r.render(w, c, "factor.html", &v)
}

// FactorChoice writes the page that offers factors to set up.
func (r *Renderer) FactorChoice(w io.Writer, lang string, p FactorChoice) error {
	c := r.catalogue(lang)
	v := r.factorChoiceView(c, p)
	return r.render(w, c, "factorchoice.html", &v)
}

// Enrol writes the page on which one factor is set up.
func (r *Renderer) Enrol(w io.Writer, lang string, p Enrol) error {
	c := r.catalogue(lang)
	v := r.enrolView(c, p)
	return r.render(w, c, "enrol.html", &v)
}

// Account writes the page on which a person sees to their factors.
func (r *Renderer) Account(w io.Writer, lang string, p Account) error {
	c := r.catalogue(lang)
	v := r.accountView(c, p)
	return r.render(w, c, "account.html", &v)
}

// setTemplates reads all templates. They are parsed when an edition is made: most
// services show pages in a language or two, and those with a front end of their own
// show none.
func (r *Renderer) setTemplates(f files) error {
	var faults []error
	for _, name := range templateNames {
		l, err := f.read(name)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", or(l.name, name), err))
		}
		r.sources = append(r.sources, l)
	}
	if len(f.names) > 0 { // somebody else's
		_, err := r.parse(words{r.fallback, r})
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// parse parses the templates with the functions of one language.
func (r *Renderer) parse(w words) (*template.Template, error) {
	set := template.New("").Funcs(w.funcs())
	var faults []error
	for i, name := range templateNames {
		if _, err := set.New(name).Parse(string(r.sources[i].content)); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", r.sources[i].name, err))
		}
	}
	_, err := set.New("generated").Parse(attributeTemplate() + r.languagesTemplate())
	return set, errors.Join(append(faults, err)...)
}

// own reports whether a template is from the override directory.
func (r *Renderer) own(name string) bool {
	i := slices.Index(templateNames, name)
	return i >= 0 && r.sources[i].own
}

// languagesTemplate writes the list of language links. Its dot is the address
// that here made.
func (r *Renderer) languagesTemplate() string {
	var b strings.Builder
	b.WriteString(`{{define "languages"}}`)
	for _, c := range r.catalogues {
		name := template.HTMLEscapeString(strings.ReplaceAll(c.name, "{{", ""))
		marks := `lang="` + c.tag + `" dir="` + c.direction() + `"`
		b.WriteString(`<li>{{if is "` + c.tag + `"}}<span ` + marks + ` aria-current="true">` + name + `</span>{{else}}` +
			`<a href="{{.}}lang=` + c.tag + `" ` + marks + ` hreflang="` + c.tag + `">` + name + `</a>{{end}}</li>` + "\n")
	}
	b.WriteString(`{{end}}`)
	return b.String()
}

// edition returns the templates in the language of c.
func (r *Renderer) edition(c *catalogue) *edition {
	e := r.editions[c]
	e.once.Do(func() { e.pages, e.err = r.newEdition(c) })
	return e
}

func (r *Renderer) newEdition(c *catalogue) (map[string]*template.Template, error) {
	w := words{c, r}
	set, err := r.parse(w)
	if err != nil {
		return nil, err
	}
	b := baker{words: w}
	for _, t := range set.Templates() {
		if t.Tree != nil && !r.own(t.Tree.ParseName) {
			b.list(t.Tree.Root)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	out := make(map[string]*template.Template, len(templateNames))
	for _, name := range templateNames {
		out[name] = set.Lookup(name)
	}
	return out, nil
}

// largestKept is the size up to which a buffer is used again, in bytes.
const largestKept = 64 << 10

// render writes a page in one piece, so that a failing template leaves the
// caller free to answer otherwise.
func (r *Renderer) render(w io.Writer, c *catalogue, page string, view any) error {
	e := r.edition(c)
	if e.err != nil {
		return e.err
	}
	buffer := r.buffers.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= largestKept {
			buffer.Reset()
			r.buffers.Put(buffer)
		}
	}()
	if err := e.pages[page].Execute(buffer, view); err != nil {
		return fmt.Errorf("page %s: %w", page, err)
	}
	_, err := w.Write(buffer.Bytes())
	return err
}

// rehearse draws every page once, with every kind of field, to find the faults
// of overridden templates at start.
func (r *Renderer) rehearse() error {
	problem := &Problem{Code: "CredentialsSignin", Reference: "TEST-TEST"}
	fields := []Field{
		{Name: "hidden", Type: "hidden", Value: "x"},
		{Name: "text", Type: "text", Value: "x", Problem: "required", Attributes: []Attribute{{Name: "pattern", Value: "x"}, {Name: "data-x", Value: "x"}}},
		{Name: "password", Type: "password"},
		{Name: "area", Element: "textarea"},
		{Name: "box", Type: "checkbox", Checked: true},
		{Name: "choice", Element: "select", Options: []Option{{Value: "a", Group: "g"}, {Value: "b"}}},
	}
	several := []Provider{{ID: "a", Name: "A", Fields: fields}, {ID: "b", Name: "B"}}
	lang := r.fallback.tag
	return errors.Join(
		r.SignIn(io.Discard, lang, SignIn{CSRFToken: "x", CallbackURL: "/", Problem: problem, Providers: several, SignedInAs: "x"}),
		r.SignIn(io.Discard, lang, SignIn{}),
		r.NextStep(io.Discard, lang, NextStep{Provider: several[0], Title: "x", Sentence: "x", Problem: problem, Here: "/x"}),
		r.SignOut(io.Discard, lang, SignOut{CallbackURL: "/", Name: "x", Problem: problem}),
		r.Error(io.Discard, lang, Error{HomeURL: "/", Reference: "x"}),
		r.VerifyRequest(io.Discard, lang, VerifyRequest{HomeURL: "/"}),
		r.Welcome(io.Discard, lang, Welcome{Name: "x", Facts: []Fact{{"x", "x"}}, Panels: []Panel{{"x", "x", "x"}}, Here: "/x"}),
		r.rehearseFactors(lang, problem),
	)
}

// rehearseFactors draws the pages of second factors.
func (r *Renderer) rehearseFactors(lang string, problem *Problem) error {
	code := []Field{{Name: "code"}, {Name: "stored", Element: "checkbox"}}
	data := []Field{{Name: "data", Type: "hidden"}}
	offers := []FactorLink{{Kind: kindTOTP, URL: "/x"}, {Kind: "x", Label: "x", URL: "/x"}}
	account := Account{
		Name: "x", Offers: offers, Notice: "enrolled", Problem: problem, HomeURL: "/", Here: "/x",
		Factors: []AccountFactor{{ID: "x", Kind: kindRecovery, Left: 1, Removable: true}, {ID: "y", Kind: "x", Created: time.Unix(0, 0), Used: time.Unix(0, 0)}},
		Devices: []AccountDevice{{ID: "x", Current: true}, {ID: "y", Created: time.Unix(0, 0), Used: time.Unix(0, 0), Expires: time.Unix(0, 0)}},
	}
	proof := account
	proof.ProofURL = "/x"
	return errors.Join(
		r.SignIn(io.Discard, lang, SignIn{Passkey: &Passkey{ID: "x", Options: "{}"}}),
		r.FactorStep(io.Discard, lang, FactorStep{Shown: FactorForm{Kind: kindTOTP, Fields: code, RememberDays: 30}, Others: offers, Problem: problem, Name: "x"}),
		r.FactorStep(io.Discard, lang, FactorStep{Shown: FactorForm{Kind: kindWebAuthn, Fields: data, Options: "{}"}, Confirm: true, StartURL: "/", Here: "/x"}),
		r.FactorChoice(io.Discard, lang, FactorChoice{Required: true, Offers: offers, Problem: problem, Here: "/x"}),
		r.FactorChoice(io.Discard, lang, FactorChoice{Invite: true, Offers: offers, Problem: &Problem{Code: "invite_wrong"}}),
		r.Enrol(io.Discard, lang, Enrol{Kind: kindTOTP, QRSide: 1, QRPath: "M0 0", Text: "x", Fields: code, AskName: true, Problem: problem, CancelURL: "/", Here: "/x"}),
		r.Enrol(io.Discard, lang, Enrol{Kind: kindRecovery, Codes: []string{"x"}, DownloadAction: "/x", Fields: code}),
		r.Enrol(io.Discard, lang, Enrol{Kind: kindWebAuthn, Options: "{}", Fields: data}),
		r.Account(io.Discard, lang, account),
		r.Account(io.Discard, lang, proof),
	)
}
