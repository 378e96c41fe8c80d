package ostiary

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// route sends the exchange to its endpoint. This is the whole table: what is
// not in it is unknown, whatever the method (CSR-1).
func (x *exchange) route() {
	switch x.r.Method {
	case http.MethodGet, http.MethodHead:
		x.routeGet()
	case http.MethodPost:
		x.routePost()
	default:
		x.unknown()
	}
}

func (x *exchange) routeGet() {
	if x.action == "assets" {
		x.asset()
		return
	}
	if x.r.Method == http.MethodHead || (x.s.wire.v5 && !x.plausible()) {
		x.unknown()
		return
	}
	switch x.action {
	case "csrf", "session", "signin", "signout", "error", "verify-request", "providers", "factor", "account", "webauthn-options":
		x.begin()
	}
	switch x.action {
	case "csrf":
		x.neverKept()
		x.keep()
		x.json(http.StatusOK, struct {
			Token string `json:"csrfToken"`
		}{x.token})
	case "providers":
		x.providers()
	case "session":
		x.neverKept()
		x.readSession()
	case "signin":
		x.signInPage()
	case "signout":
		x.signOutPage()
	case "error":
		x.errorPage()
	case "verify-request":
		x.verifyRequestPage()
	case "callback":
		x.getCallback()
	case "webauthn-options":
		x.webauthnOptions()
	default:
		if !x.routeFactors() {
			x.unknown()
		}
	}
}

// routeFactors sends GET requests to the pages of second factors, which exist
// only where there are any.
func (x *exchange) routeFactors() bool {
	switch {
	case x.s.factors == nil:
		return false
	case x.action == "factor" && x.segment == "":
		x.factorPage()
	case x.action == "account" && x.segment == "":
		x.accountPage()
	case x.action == "account" && x.segment == "enrol":
		x.enrolPage()
	default:
		return false
	}
	return true
}

func (x *exchange) routePost() {
	if x.action == "_log" && !x.s.wire.v5 {
		x.w.WriteHeader(http.StatusOK) // where v4's client reports its own errors
		return
	}
	if x.s.wire.v5 && !x.plausible() {
		x.unknown()
		return
	}
	switch x.action {
	case "session", "signin", "signout", "callback":
	case "account":
		if x.s.factors == nil || !slices.Contains(accountPosts, x.segment) {
			x.unknown()
			return
		}
	case "csrf", "providers", "error", "verify-request", "webauthn-options":
		x.noSuchProvider()
		return
	default:
		x.unknown()
		return
	}
	defer x.body.release()
	if err := x.readBody(); err != nil {
		x.badBody(err)
		return
	}
	x.begin()
	switch x.action {
	case "session":
		x.updateSession()
	case "signin":
		x.postSignIn()
	case "signout":
		x.signOut()
	case "callback":
		x.callback()
	case "account":
		x.postAccount()
	}
}

// plausible reports whether v5 would take the path: at most one segment after
// the action, and only where one makes sense (contract, section 1).
func (x *exchange) plausible() bool {
	if x.segment == "undefined" {
		x.segment = ""
	}
	switch x.action {
	case "signin", "callback", "webauthn-options", "providers", "account":
		return x.action == "providers" || !strings.Contains(x.segment, "/")
	}
	return x.segment == ""
}

// badBody answers a body that can't be read.
func (x *exchange) badBody(err error) {
	status, sentence := http.StatusBadRequest, err.Error()
	var bad *bodyError
	if errors.As(err, &bad) {
		status = bad.status
	}
	if status == http.StatusRequestEntityTooLarge {
		x.w.Header().Set("Connection", "close")
	}
	if err == errInvalidJSON {
		if x.s.wire.v5 {
			x.json(status, "Bad request.")
			return
		}
		x.text(status, sentence)
		return
	}
	x.json(status, answer{
		URL: x.s.address(verdict{kind: kindInvalid, code: "bad_request", provider: x.segment}), Message: sentence,
		Code: "bad_request", Reference: x.reference(),
	})
}

// getCallback answers GET callback/{id}: credentials come by POST.
func (x *exchange) getCallback() {
	if !x.s.wire.v5 && x.s.byID[x.segment] != nil {
		x.text(http.StatusMethodNotAllowed, "Error: Callback for provider type credentials not supported")
		return
	}
	x.noSuchProvider()
}

// postSignIn is POST signin/{id}, which the contract has for other kinds of
// providers. It does not sign in; it leads to the page that does.
func (x *exchange) postSignIn() {
	known := x.segment == "" || x.s.byID[x.segment] != nil
	err := x.genuine()
	switch {
	case err != nil:
		x.refused("sign-in", err)
		x.failPost(x.s.address(verdict{kind: kindForged}))
	case !x.s.wire.v5 && (!known || x.segment == ""):
		x.keep()
		x.lead(x.s.root + "/signin?csrf=true")
	case x.s.wire.v5 && !known:
		x.misconfigured()
	default:
		x.keep()
		x.lead(x.s.root + "/signin")
	}
}

func (x *exchange) failPost(address string) {
	if !x.s.wire.v5 {
		x.keep()
	}
	if x.wantsJSON() {
		x.json(http.StatusForbidden, answer{URL: address, Reference: x.reference()})
		return
	}
	x.redirect(address)
}

// providers lists the ways to sign in, or serves one form as JSON.
func (x *exchange) providers() {
	if x.segment != "" {
		x.providerForm()
		return
	}
	x.w.Header()["Content-Type"] = jsonType
	x.w.WriteHeader(http.StatusOK)
	x.w.Write(x.providersFor())
}

// providerForm is GET providers/{id}/form: the declaration that the built-in
// page is made from, or that of the step that the browser is at.
func (x *exchange) providerForm() {
	id, what, _ := strings.Cut(x.segment, "/")
	p := x.s.byID[id]
	if p == nil || what != "form" {
		x.unknown()
		return
	}
	if step, _ := x.readPending(); step != nil && step.provider == p {
		x.json(http.StatusOK, step.describe())
		return
	}
	x.json(http.StatusOK, nextForm{Provider: id, Form: p.form})
}
