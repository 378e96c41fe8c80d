package ostiary

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/pages"
)

// factorPage is GET factor: it asks for what the browser's pending sign-in needs,
// or lets somebody who is signed in confirm that it's them.
func (x *exchange) factorPage() {
	m := x.recall()
	h, err := x.holder(x.ctx)
	switch {
	case err != nil:
		x.problemWith("factors not read", err)
	case h == nil: // whatever waited is over; its cookie would lead back here
		x.forget(x.s.jar.held.Name, x.s.jar.held)
		x.keep()
		x.redirect(x.s.root + "/signin?" + query("callbackUrl", x.target))
	case h.held != nil && h.held.need(x.s.factors).enrol:
		x.choicePage(h, m)
	case h.held != nil && len(h.asks(x.s)) == 0:
		x.startAgain(h.held.need(x.s.factors).none)
	default:
		x.stepOf(h, m, x.would(h))
	}
}

// startAgain ends a pending sign-in for which there is nothing to be asked any more,
// because the rules have changed since it began.
func (x *exchange) startAgain(missing bool) {
	x.dropHeld()
	if missing {
		x.leave(memo{Kind: kindRefused, Code: codeMissing, Expires: x.s.now().Add(memoLife).Unix()})
	}
	x.keep()
	x.redirect(x.s.root + "/signin?" + query("callbackUrl", x.target, "again", "true"))
}

// would are the kinds of proofs that would do: of those that the holder can give,
// the ones that RequireFactor wants for the page that they come from.
func (x *exchange) would(h *holder) []string {
	asks, only := h.asks(x.s), x.only()
	if h.held != nil || len(only) == 0 {
		return asks
	}
	return slices.DeleteFunc(asks, func(kind string) bool { return !slices.Contains(only, kind) })
}

// only are the kinds that the address restricts the page to.
func (x *exchange) only() (kinds []string) {
	for _, kind := range x.r.URL.Query()["only"] {
		if x.s.factors.byID[kind] != nil && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func queryOnly(kinds []string) string {
	var pairs []string
	for _, kind := range kinds {
		pairs = append(pairs, "only", kind)
	}
	return query(pairs...)
}

// enrolFirst leads somebody who has nothing that would do to the page where they
// can change that, and says so there.
func (x *exchange) enrolFirst(h *holder) {
	if x.r.URL.Query().Has("again") { // who proved a factor that is gone since: the password does
		x.keep()
		x.redirect(join(x.s.page(x.s.config.Pages.SignIn, "/signin"), query("callbackUrl", x.target, "error", "SessionRequired")))
		return
	}
	only := x.only()
	m := memo{Kind: kindSignedIn, Code: "factor_needed", Expires: x.s.now().Add(memoLife).Unix()}
	if !slices.ContainsFunc(x.offers(h), func(f pages.FactorLink) bool {
		return f.Kind != recovery && (len(only) == 0 || slices.Contains(only, f.Kind))
	}) {
		m.Kind, m.Code = kindRefused, codeMissing
	}
	x.leave(m)
	x.keep()
	x.redirect(x.s.root + "/account")
}

// shown is what a memo says went wrong, which is forgotten by that.
func (x *exchange) shown(m *memo) *pages.Problem {
	if m == nil || m.Kind == kindSignedIn {
		return nil
	}
	x.forget(x.s.jar.memo.Name, x.s.jar.memo)
	return x.problem("", m)
}

// stepOf shows the form of one factor, the one that was tried last if none was
// chosen, and links to the others.
func (x *exchange) stepOf(h *holder, m *memo, asks []string) {
	if len(asks) == 0 {
		x.enrolFirst(h)
		return
	}
	kind := x.r.URL.Query().Get("factor")
	if kind == "" && m != nil {
		kind = m.Provider
	}
	if !slices.Contains(asks, kind) {
		kind = asks[0]
	}
	only := queryOnly(x.only())
	shown, err := x.factorForm(x.s.factors.byID[kind], h)
	if err != nil {
		x.problemWith("challenge not made", err)
		return
	}
	page := pages.FactorStep{
		CSRFToken: x.token, CallbackURL: x.target, Confirm: h.held == nil, Name: h.person.DisplayName, Shown: shown,
		Problem: x.shown(m), Here: join(x.hereWith("/factor", "factor", kind), only), StartURL: x.s.base + "/signin?again=true",
	}
	if page.Confirm {
		page.StartURL = x.elsewhere()
	}
	for _, other := range asks {
		if other != kind {
			page.Others = append(page.Others, pages.FactorLink{
				Kind: other, Label: factorName(other), URL: join(x.s.base+"/factor?"+query("factor", other, "callbackUrl", x.target), only),
			})
		}
	}
	x.keep()
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error { return x.s.pages.FactorStep(w, lang, page) })
}

// elsewhere is where "Cancel" leads: the page that wanted the proof would only ask
// for it again, unless it is one of ours.
func (x *exchange) elsewhere() string {
	if strings.HasPrefix(x.target, x.s.root+"/") {
		return x.target
	}
	return x.s.origin
}

// factorForm is the form of a factor as the page draws it, with a question for
// its script if it has one.
func (x *exchange) factorForm(k *factorKind, h *holder) (pages.FactorForm, error) {
	f := pages.FactorForm{Kind: k.Kind(), Label: factorName(k.Kind()), Action: k.provider.callbackURL, Fields: ownFields(k.form)}
	if days := x.s.factors.RememberDevice / (24 * time.Hour); days > 0 && h.held != nil && k.Kind() != recovery {
		f.RememberDays = int(days)
	}
	if k.scripted == nil {
		return f, nil
	}
	options, err := x.pose(x.ctx, k, "get", h)
	f.Options = string(options)
	return f, err
}

// ownFields are the fields of the factor itself, without those of the step.
func ownFields(c *form.Compiled) []pages.Field {
	return slices.DeleteFunc(pageFields(c), func(f pages.Field) bool { return f.Name == rememberField || f.Name == "action" })
}

// choicePage offers the factors that can be enrolled during a sign-in.
func (x *exchange) choicePage(h *holder, m *memo) {
	page := pages.FactorChoice{
		CSRFToken: x.token, CallbackURL: x.target, Action: x.s.root + "/account/enrol", Required: true,
		Offers: x.offers(h), Invite: x.s.factors.needsInvite(h), Problem: x.shown(m),
		StartURL: x.s.base + "/signin?again=true", Here: x.here("/factor"),
	}
	x.keep()
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error { return x.s.pages.FactorChoice(w, lang, page) })
}

// offers are the factors that a holder may enrol, were their proof fresh.
func (x *exchange) offers(h *holder) []pages.FactorLink {
	var list []pages.FactorLink
	for _, k := range x.s.factors.kinds {
		if err := x.mayEnrol(h, k.Kind()); err == nil || errors.Is(err, errNotFresh) {
			list = append(list, pages.FactorLink{Kind: k.Kind(), Label: factorName(k.Kind())})
		}
	}
	return list
}

// hereWith is here with one more parameter.
func (x *exchange) hereWith(page, name, value string) string {
	return join(x.here(page), query(name, value))
}

// logFault writes a fault of ours under the reference of the request.
func (s *Service) logFault(x *exchange, what string, err error) {
	s.log(x.ctx, slog.LevelError, what, slog.String("reference", x.reference()), slog.Any("cause", err))
}

// nextFactor is a factor that would do, as a front end needs it.
type nextFactor struct {
	ID   string         `json:"id"`
	Name string         `json:"name"`
	Type string         `json:"type"`
	Form *form.Compiled `json:"form"`
}

// describe is what a front end is told of a pending sign-in: the kinds of proofs
// that would do and nothing else of the account (MFA-5), and the page that asks
// for them.
func (h *held) describe(s *Service) *nextForm {
	n := h.need(s.factors)
	out := &nextForm{
		Provider: h.provider.id(), Code: codeSecond, URL: s.root + "/factor", Expires: stamp(h.record.Expires),
	}
	if n.enrol {
		out.Code = codeEnrol
		return out
	}
	for _, kind := range n.ask {
		k := s.factors.byID[kind]
		out.Factors = append(out.Factors, nextFactor{ID: kind, Name: k.provider.Name, Type: s.typeOf(k), Form: k.form})
	}
	return out
}

// typeOf is what a client knows a factor as: those with a script are called
// webauthn, which only v5 has.
func (s *Service) typeOf(k *factorKind) string {
	if k.scripted != nil && s.wire.v5 {
		return "webauthn"
	}
	return "credentials"
}

// providersFor lists the providers, and to a browser that holds a pending sign-in
// the factors that it needs, so that a client can call them.
func (x *exchange) providersFor() []byte {
	if x.s.factors == nil {
		return x.s.providerList
	}
	h, err := x.readHeld(x.ctx)
	if err != nil {
		x.s.logFault(x, "factors not read", err)
	}
	if h == nil {
		return x.s.providerList
	}
	list := string(x.s.providerList)
	for _, kind := range h.need(x.s.factors).ask {
		k := x.s.factors.byID[kind]
		list = strings.TrimSuffix(list, "}") + "," + string(listProviders([]*provider{k.provider}, x.s.typeOf(k))[1:])
	}
	return []byte(list)
}

// passkeyOffer is the button of the sign-in page, with its question.
func (x *exchange) passkeyOffer() *pages.Passkey {
	f := x.s.factors
	if f == nil || !f.Passkeys {
		return nil
	}
	options, err := x.pose(x.ctx, f.script, "get", nil)
	if err != nil {
		x.s.logFault(x, "challenge not made", err)
		return nil
	}
	return &pages.Passkey{ID: passkeyID, Action: x.s.root + "/callback/" + passkeyID, Options: string(options)}
}
