package ostiary

import (
	"net/url"
	"strings"
)

// wire is what differs between the two generations of clients (contract,
// sections 2 to 5): where a failure leads, and how its address is spelled.
type wire struct{ v5 bool }

// verdict is how an attempt, or a request that never became one, ended: one of
// the rows of the contract's section 5.
type verdict struct {
	kind     kind
	code     string // of a refusal or a step
	sentence string // chosen by an authorizer, or ""
	provider string
}

type kind int

const (
	kindSignedIn    kind = iota // a session was made, or the JWT callback wanted none
	kindElsewhere               // the SignIn callback sends the person somewhere
	kindRefused                 // 401: unknown, wrong, locked
	kindThrottled               // 429: a refusal with a time
	kindDenied                  // 403: known, but not allowed in
	kindUnavailable             // 503
	kindStep                    // 401: more is needed
	kindInvalid                 // 400: what came can't be credentials
	kindForged                  // 403: no proof that the request comes from our form
	kindForeign                 // 403: the browser says that it comes from another site
)

var statusOf = [...]int{
	kindSignedIn: 200, kindElsewhere: 200, kindRefused: 401, kindThrottled: 429, kindDenied: 403,
	kindUnavailable: 503, kindStep: 401, kindInvalid: 400, kindForged: 403, kindForeign: 403,
}

var nameOf = [...]string{
	kindSignedIn: "signed_in", kindElsewhere: "redirected", kindRefused: "refused", kindThrottled: "throttled",
	kindDenied: "denied", kindUnavailable: "unavailable", kindStep: "next_step", kindInvalid: "invalid", kindForged: "forged", kindForeign: "cross_site",
}

// address returns where a verdict that is not a success leads.
func (s *Service) address(v verdict) string {
	if s.wire.v5 {
		return s.addressV5(v)
	}
	return s.addressV4(v)
}

func (s *Service) addressV4(v verdict) string {
	switch v.kind {
	case kindForged, kindForeign:
		return s.root + "/signin?csrf=true"
	case kindDenied:
		return s.root + "/error?error=AccessDenied"
	case kindUnavailable:
		return s.root + "/error?error=Configuration"
	case kindStep:
		return s.root + "/signin?" + query("error", v.code, "code", v.code)
	case kindRefused, kindThrottled:
		if v.code != codeCredentials || v.sentence != "" {
			return s.root + "/error?" + query("error", or(v.sentence, v.code), "code", v.code)
		}
	}
	return s.root + "/error?" + query("error", "CredentialsSignin", "provider", v.provider)
}

func (s *Service) addressV5(v verdict) string {
	signIn, failed := s.page(s.config.Pages.SignIn, "/signin"), s.page(s.config.Pages.Error, "/error")
	switch v.kind {
	case kindForged, kindForeign:
		return join(signIn, "error=MissingCSRF")
	case kindDenied:
		return join(failed, "error=AccessDenied")
	case kindUnavailable:
		return join(failed, "error=Configuration")
	}
	return join(signIn, "error=CredentialsSignin&code="+formEscape(v.code))
}

// page returns the absolute address of a page of the operator's or of ours.
func (s *Service) page(custom, builtin string) string {
	switch {
	case custom == "":
		return s.root + builtin
	case strings.HasPrefix(custom, "/"):
		return s.origin + custom
	}
	return custom
}

// join adds a query to an address that may have one already.
func join(address, query string) string {
	if query == "" {
		return address
	}
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

// query spells name-value pairs as encodeURIComponent does.
func query(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + componentEscape(pairs[i+1]))
	}
	return b.String()
}

var (
	component = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
	formStyle = strings.NewReplacer("~", "%7E", "%2A", "*")
)

func componentEscape(s string) string { return component.Replace(url.QueryEscape(s)) }
func formEscape(s string) string      { return formStyle.Replace(url.QueryEscape(s)) }
