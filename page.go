package ostiary

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/pages"
)

// html renders a page into memory first, so that a fault in a template becomes
// an error answer and never half a page.
func (x *exchange) html(status int, render func(w *bytes.Buffer, lang string) error) {
	var page bytes.Buffer
	lang := x.language()
	if err := render(&page, lang); err != nil {
		x.s.log(x.ctx, slog.LevelError, "page not rendered", slog.String("reference", x.reference()), slog.Any("cause", err))
		x.fault(http.StatusInternalServerError)
		return
	}
	h := x.w.Header()
	h["Content-Type"] = htmlType
	h["Content-Security-Policy"] = x.s.policy
	h["Permissions-Policy"] = permissions
	h["Content-Language"] = []string{lang}
	h["Vary"] = []string{"Cookie, Accept-Language"}
	x.w.WriteHeader(status)
	x.w.Write(page.Bytes())
}

// language is the language to answer in. One that was chosen by a link is kept
// in a cookie, because the way from a form back to its page has no room for it.
func (x *exchange) language() string {
	if chosen := x.s.pages.ChosenLanguage(x.r); chosen != "" {
		x.set(x.s.jar.language.String(chosen))
		return chosen
	}
	if kept, ok := x.cookie(x.s.jar.language.Name); ok && slices.Contains(x.s.pages.Languages(), kept) {
		return kept
	}
	return x.s.pages.Language(x.r)
}

// signInPage is GET signin: the page of every provider's form, or that of the
// step that the browser is at.
func (x *exchange) signInPage() {
	errorCode := x.r.URL.Query().Get("error")
	if x.s.wire.v5 && x.segment != "" {
		x.misconfigured()
		return
	}
	m := x.recall()
	if m != nil && m.Target != "" && !x.r.URL.Query().Has("callbackUrl") {
		x.target, x.moved = m.Target, true
	}
	x.keep()
	if custom := x.s.config.Pages.SignIn; custom != "" {
		more := query("callbackUrl", x.target)
		if errorCode != "" {
			more += "&" + query("error", errorCode)
		}
		x.redirect(join(custom, more))
		return
	}
	if m != nil {
		x.forget(x.s.jar.memo.Name, x.s.jar.memo)
	}
	if x.s.factors != nil && !x.r.URL.Query().Has("again") {
		if _, waits := x.heldCookie(); waits {
			x.redirect(x.s.root + "/factor")
			return
		}
	}
	if step, _ := x.readPending(); step != nil && !x.r.URL.Query().Has("again") {
		x.stepPage(step, m)
		return
	}
	who, passkey := x.signedInAs(), x.passkeyOffer()
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error {
		return x.s.pages.SignIn(w, lang, pages.SignIn{
			CSRFToken: x.token, CallbackURL: x.target, Problem: x.problem(errorCode, m),
			Providers: x.s.pageProviders(m), SignedInAs: who, Here: x.here("/signin"),
			Passkey: passkey,
		})
	})
}

func (x *exchange) stepPage(step *pendingSignIn, m *memo) {
	p := pages.Provider{ID: step.Provider, Name: step.provider.name(), Action: step.provider.page.Action, Fields: pageFields(step.form)}
	var problem *pages.Problem
	if m != nil {
		problem = x.problem("", m)
		refill(p.Fields, m)
	}
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error {
		return x.s.pages.NextStep(w, lang, pages.NextStep{
			CSRFToken: x.token, CallbackURL: x.target, Provider: p, Title: step.Title, Sentence: step.Sentence,
			Problem: problem, StartURL: x.s.base + "/signin?again=true", Here: x.here("/signin"),
		})
	})
}

// signedInAs names the person who is signed in already, for the page.
func (x *exchange) signedInAs() string {
	c := x.s.find(x.r)
	if c.token == nil {
		x.expire(c) // COO-7
		return ""
	}
	t := c.token
	switch {
	case t.Name.Value() != "":
		return t.Name.Value()
	}
	return or(t.Email.Value(), t.Subject)
}

// problem says what went wrong before: what the memo of a failed attempt says,
// or else what the error code of the address stands for. Only codes that we
// know mean anything there (PAG-5).
func (x *exchange) problem(errorCode string, m *memo) *pages.Problem {
	if m == nil {
		if errorCode == "" {
			return nil
		}
		return &pages.Problem{Code: errorCode}
	}
	p := &pages.Problem{Code: m.Code, Sentence: m.Sentence, Reference: m.Reference, Provider: m.Provider, RetryAfter: m.Wait}
	switch m.Kind {
	case kindThrottled:
		p.Code = "throttled"
	case kindUnavailable:
		p.Code = "unavailable"
	case kindDenied:
		p.Code = "AccessDenied"
	case kindForged:
		p.Code = "MissingCSRF"
	case kindRefused:
		if p.Code != codeExpired && !isStateCode(p.Code) && !slices.Contains(factorCodes, p.Code) {
			p.Code = "CredentialsSignin"
		}
	case kindInvalid:
		p.Code = "invalid"
	}
	return p
}

// pageProviders returns the forms, the failed one refilled.
func (s *Service) pageProviders(m *memo) []pages.Provider {
	list := make([]pages.Provider, 0, len(s.providers))
	for _, p := range s.providers {
		page := p.page
		if m != nil && m.Provider == p.id() {
			page.Fields = slices.Clone(page.Fields)
			refill(page.Fields, m)
		}
		list = append(list, page)
	}
	return list
}

// refill puts back what was typed and marks what was faulty.
func refill(fields []pages.Field, m *memo) {
	for i := range fields {
		f := &fields[i]
		typed, ok := m.Typed[f.Name]
		switch {
		case f.Secret:
		case f.Type == "checkbox":
			f.Checked = ok || (f.Checked && len(m.Typed) == 0)
		case ok:
			f.Value = typed
		}
		f.Problem = m.Faulty[f.Name]
	}
}

// pageFields translates compiled inputs into what the page draws.
func pageFields(c *form.Compiled) []pages.Field {
	var fields []pages.Field
	for _, in := range c.Inputs() {
		f := pages.Field{
			Name: in.Name, Label: in.Label, Element: in.Element, Type: in.Type, Secret: in.Secret,
			Required: in.Required, Value: in.Value, Checked: in.Checked,
		}
		if in.Placeholder != "" {
			f.Attributes = append(f.Attributes, pages.Attribute{Name: "placeholder", Value: in.Placeholder})
		}
		for _, at := range in.Attrs {
			f.Attributes = append(f.Attributes, pages.Attribute{Name: at.Name, Value: at.Value, Bare: at.Bare})
		}
		for _, o := range in.Options {
			f.Options = append(f.Options, pages.Option{Value: o.Value, Label: o.Label})
		}
		fields = append(fields, f)
	}
	return fields
}

// signOutPage is GET signout.
func (x *exchange) signOutPage() {
	x.keep()
	if custom := x.s.config.Pages.SignOut; custom != "" {
		x.redirect(custom)
		return
	}
	var problem *pages.Problem
	if x.r.URL.Query().Has("csrf") {
		problem = &pages.Problem{Code: "MissingCSRF"}
	}
	who := x.signedInAs()
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error {
		return x.s.pages.SignOut(w, lang, pages.SignOut{
			Action: x.s.base + "/signout", CSRFToken: x.token, CallbackURL: x.target, Name: who, Problem: problem,
			Here: x.here("/signout"),
		})
	})
}

// forwarded are the error codes that v4's error page leaves to the sign-in page
// (contract, section 9.3).
var forwarded = []string{
	"CredentialsSignin", "SessionRequired", "Signin", "OAuthSignin", "OAuthCallback", "OAuthCreateAccount",
	"EmailCreateAccount", "Callback", "OAuthAccountNotLinked", "EmailSignin",
}

// errorPage is GET error. An attempt that has just failed in this browser
// belongs back at its form, where the reason and what was typed are shown.
func (x *exchange) errorPage() {
	x.keep()
	code := x.r.URL.Query().Get("error")
	if code == "" && !x.s.wire.v5 {
		code = x.segment
	}
	if !x.s.wire.v5 {
		if i := slices.IndexFunc(forwarded, func(known string) bool { return strings.EqualFold(known, code) }); i >= 0 {
			x.redirect(x.s.root + "/signin?" + query("error", forwarded[i]))
			return
		}
	}
	if custom := x.s.config.Pages.Error; custom != "" {
		if code == "" {
			x.redirect(custom)
			return
		}
		x.redirect(join(custom, query("error", code)))
		return
	}
	if m := x.recall(); m != nil && x.s.config.Pages.SignIn == "" && m.Kind != kindDenied {
		x.redirect(x.s.root + "/signin")
		return
	}
	x.showError(code)
}

func (x *exchange) showError(code string) {
	status, kind := http.StatusOK, "Default"
	known := []string{"Configuration", "AccessDenied", "Verification"}
	for i, name := range known {
		if code == name || (!x.s.wire.v5 && strings.EqualFold(code, name)) {
			status, kind = []int{http.StatusInternalServerError, http.StatusForbidden, http.StatusForbidden}[i], name
		}
	}
	page := pages.Error{Kind: kind, SignInURL: x.s.base + "/signin", HomeURL: x.s.origin, Here: x.here("/error")}
	if m := x.recall(); m != nil {
		x.forget(x.s.jar.memo.Name, x.s.jar.memo)
		page.Reference, page.Sentence = m.Reference, m.Sentence
		if m.Kind == kindUnavailable {
			status, page.Kind = http.StatusServiceUnavailable, "Unavailable"
		}
	}
	x.html(status, func(w *bytes.Buffer, lang string) error { return x.s.pages.Error(w, lang, page) })
}

// verifyRequestPage is GET verify-request.
func (x *exchange) verifyRequestPage() {
	x.keep()
	if custom := x.s.config.Pages.VerifyRequest; custom != "" {
		if x.s.wire.v5 {
			custom = join(custom, x.r.URL.Query().Encode())
		}
		x.redirect(custom)
		return
	}
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error {
		return x.s.pages.VerifyRequest(w, lang, pages.VerifyRequest{HomeURL: x.s.origin, Here: x.here("/verify-request")})
	})
}

// here is the address of a page for its language links, with the parameters
// that are worth keeping; none of them as the request spelled it (PAG-5).
func (x *exchange) here(page string) string {
	address := x.s.base + page
	q := x.r.URL.Query()
	if q.Get("callbackUrl") != "" {
		address = join(address, query("callbackUrl", x.target))
	}
	if i := slices.Index(forwarded, q.Get("error")); i >= 0 {
		address = join(address, query("error", forwarded[i]))
	}
	if q.Has("again") {
		address = join(address, "again=true")
	}
	return address
}

// asset serves a file of the pages. Its name carries the hash of its content.
func (x *exchange) asset() {
	content, contentType, ok := x.s.pages.Asset(x.segment)
	if !ok {
		x.text(http.StatusNotFound, "no such file")
		return
	}
	h := x.w.Header()
	h.Del("Vary")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", contentType)
	x.w.WriteHeader(http.StatusOK)
	if x.r.Method != http.MethodHead {
		x.w.Write(content)
	}
}
