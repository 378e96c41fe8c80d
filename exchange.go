package ostiary

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/ostiary/ostiary/internal/cookies"
	"github.com/ostiary/ostiary/internal/csrf"
	"github.com/ostiary/ostiary/internal/reference"
)

// exchange is one request and its answer: what every endpoint needs to know
// about the first, and the few ways there are to write the second.
type exchange struct {
	s      *Service
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context // of the request, with the facts once there are any
	facts  facts
	action string // "signin"
	// segment is what follows the action: a provider id, an error code.
	segment string

	body   body
	token  string // the CSRF token of the pair that the browser has, or now gets
	fresh  string // the cookie of a new pair, "" when the old one is good
	target string // where the person wants to go: absolute, allowed
	moved  bool   // the callback-url cookie says something else
}

func (s *Service) newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	return &exchange{s: s, w: w, r: r, ctx: r.Context()}
}

// reference returns the number under which this request is in the log. Most
// requests never need one.
func (x *exchange) reference() string {
	if x.facts.reference == "" {
		x.facts.reference = reference.New()
	}
	return x.facts.reference
}

// begin reads what the contract has read before every endpoint: the CSRF pair
// and the callback URL.
func (x *exchange) begin() {
	x.readPair()
	x.readTarget()
}

func (x *exchange) readPair() {
	if value, ok := x.cookie(x.s.jar.csrf.Name); ok {
		for _, guard := range x.s.guards {
			if token, ok := guard.Verify(value); ok {
				x.token = token
				return
			}
		}
	}
	x.token, x.fresh = x.s.guards[0].Issue()
}

// readTarget computes the callback URL (contract, section 7): from the body,
// else the query, else the cookie, else our origin. What is not acceptable
// counts as our origin.
func (x *exchange) readTarget() {
	kept, _ := x.cookie(x.s.jar.callbackURL.Name)
	raw := x.body.field("callbackUrl")
	if raw == "" && x.r.URL.RawQuery != "" {
		raw = x.r.URL.Query().Get("callbackUrl")
	}
	if raw == "" {
		raw = kept
	}
	x.target = x.resolve(raw)
	x.moved = x.target != kept
}

// resolve is Service.resolve with the Redirect callback in its place, if any.
func (x *exchange) resolve(raw string) string {
	if raw == "" || raw == x.s.back.Default() {
		return x.s.back.Default()
	}
	callback := x.s.config.Callbacks.Redirect
	if callback == nil {
		target, _ := x.s.resolve(raw)
		return target
	}
	chosen := callback(x.ctx, raw, x.s.origin)
	if target, ok := x.s.back.Resolve(chosen); ok {
		return target
	}
	if u, err := url.Parse(chosen); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
		return u.String()
	}
	return x.s.back.Default()
}

func (x *exchange) cookie(name string) (value string, ok bool) {
	value, n := cookies.Read(x.r.Header, name)
	return value, n > 0
}

// genuine reports whether a POST comes from a form or a script of ours: by the
// browser's own word (Sec-Fetch-Site, Origin), and by the CSRF pair (CSR-2…5).
func (x *exchange) genuine() error {
	if err := csrf.SameOrigin(x.s.origin, x.r.Header); err != nil {
		return err
	}
	if x.fresh != "" {
		return errNoPair
	}
	if !csrf.Match(x.token, x.body.field("csrfToken")) {
		return errWrongToken
	}
	return nil
}

// keep sends the cookies that the contract sends with every answer that it
// doesn't exempt: the CSRF pair when it is new, the callback URL when it moved.
func (x *exchange) keep() {
	if x.fresh != "" {
		x.set(x.s.jar.csrf.String(x.fresh))
	}
	if !x.moved {
		return
	}
	if x.target == x.s.back.Default() {
		x.set(x.s.jar.home)
	} else if cookie := x.s.jar.callbackURL.String(x.target); len(cookie) <= maxCookie { // COO-5
		x.set(cookie)
	}
}

func (x *exchange) set(cookie string) {
	h := x.w.Header()
	if h["Set-Cookie"] == nil {
		h["Set-Cookie"] = make([]string, 0, 4)
	}
	h["Set-Cookie"] = append(h["Set-Cookie"], cookie)
}

// wantsJSON reports whether the client asked for JSON instead of a redirect
// (contract, section 4).
func (x *exchange) wantsJSON() bool {
	if x.s.wire.v5 {
		return len(x.r.Header["X-Auth-Return-Redirect"]) > 0
	}
	return x.body.json
}

// json writes v with the given status.
func (x *exchange) json(status int, v any) {
	text, err := json.Marshal(v)
	if err != nil { // a callback put something into the answer that JSON has no word for
		panic(err)
	}
	x.jsonText(status, text)
}

func (x *exchange) jsonText(status int, text []byte) {
	h := x.w.Header()
	h["Content-Type"] = jsonType
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.w.Write(text)
	}
}

func (x *exchange) text(status int, text string) {
	x.w.Header()["Content-Type"] = textType
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.w.Write([]byte(text))
	}
}

// redirect answers 302. The address is one of ours or a resolved one, never
// the text of a request (RED-2).
func (x *exchange) redirect(address string) {
	x.w.Header()["Location"] = []string{address}
	x.w.WriteHeader(http.StatusFound)
}

// lead sends the client to an address in the voice that it asked for.
func (x *exchange) lead(address string) {
	if !x.wantsJSON() {
		x.redirect(address)
		return
	}
	if x.s.wire.v5 {
		x.w.Header()["Location"] = []string{address}
	}
	const begin = `{"url":`
	text := append(make([]byte, 0, len(begin)+len(address)+16), begin...)
	x.jsonText(http.StatusOK, append(appendText(text, address), '}'))
}

// answer is the JSON form of a redirect, with what a program may want to know
// beside the address that the clients parse.
type answer struct {
	URL       string    `json:"url"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	Reference string    `json:"reference,omitempty"`
	Problems  []problem `json:"problems,omitempty"`
	Next      *nextForm `json:"next,omitempty"`
}

type problem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// unknown answers what is no endpoint, or not with this method.
func (x *exchange) unknown() {
	if x.s.wire.v5 {
		x.json(http.StatusBadRequest, "Bad request.")
		return
	}
	x.text(http.StatusBadRequest, "Error: This action with HTTP "+shownMethod(x.r.Method)+" is not supported by NextAuth.js")
}

func shownMethod(method string) string {
	switch method {
	case "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "method"
}

// fault answers what went wrong on our side, with a reference to the log.
func (x *exchange) fault(status int) {
	x.json(status, answer{
		URL: x.s.address(verdict{kind: kindUnavailable}), Message: "Something went wrong. Please try again later.",
		Reference: x.reference(),
	})
}

var (
	jsonType = []string{"application/json"}
	textType = []string{"text/plain; charset=utf-8"}
	htmlType = []string{"text/html; charset=utf-8"}
)
