package ostiary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/ostiary/ostiary/form"
)

// attempt is one try to sign in, on its way through the steps
//
//	read → authorize → prove → permit → mint → answer
//
// Each is a function that takes and returns plain values; HTTP is spoken only
// by the exchange, at both ends.
type attempt struct {
	*exchange
	provider *provider
	step     *pendingSignIn // the step that this attempt answers, or nil
	spent    bool           // the step has been used up
	factor   *factorKind    // the attempt is to prove this factor, or nil
	back     string         // where a page goes when it fails; "" by the contract
	values   form.Values
	problems form.Problems
	started  time.Time

	// What the steps found out, for the answer and the audit line.
	outcome outcome
	verdict verdict
	token   *minted
	before  current // the session that the browser came with
	account Account
	held    *held // the sign-in waits for its factor
	trusted bool  // the browser is not asked for one

	appended     string // the code that stood behind the password
	notice       string // for the page that success leads to
	deviceCookie string // of a browser that is not to be asked from now on
}

// outcome is what an authorizer's answer comes down to. Exactly one of the
// fields is set; all empty is the plain refusal.
type outcome struct {
	user        *User
	refusal     *Refusal
	next        *NextStep
	denied      error
	unavailable error
}

// callback is POST callback/{provider}: an attempt to sign in.
func (x *exchange) callback() {
	p := x.s.byID[x.segment]
	if p == nil {
		x.callbackOther()
		return
	}
	a := &attempt{exchange: x, provider: p, started: x.s.now()}
	x.facts = facts{reference: x.reference(), addr: x.s.peers.From(x.r)}
	x.ctx = withFacts(x.ctx, &x.facts)
	a.verdict = a.decide()
	a.verdict.provider = p.id()
	a.answer()
	a.audit()
}

// callbackOther is the callback of what is no provider: a factor, a passkey.
func (x *exchange) callbackOther() {
	f := x.s.factors
	switch {
	case f != nil && f.byID[x.segment] != nil:
		x.callbackFactor(f.byID[x.segment], false)
	case f != nil && f.script != nil && x.segment == passkeyID:
		x.callbackFactor(f.script, true)
	default:
		x.noSuchProvider()
	}
}

// decide runs the steps until one of them has the last word.
func (a *attempt) decide() verdict {
	if err := a.genuine(); err != nil {
		a.outcome.refusal = &Refusal{Cause: err}
		return a.notHeard(err)
	}
	if v, stop := a.read(); stop {
		return v
	}
	a.outcome = a.authorize()
	if v, stop := a.weigh(); stop {
		return v
	}
	proof, v, stop := a.prove()
	if stop {
		return v
	}
	return a.letIn(proof)
}

// letIn is the end of every way in: the SignIn callback, unless the person is in
// already, and the gate.
func (a *attempt) letIn(p *proof) verdict {
	if p.base == nil {
		a.outcome.user = p.user
		if v, stop := a.permit(p); stop {
			return v
		}
	}
	return a.mint(p)
}

// notHeard tells the two kinds of forged requests apart. Without the pair, a
// page of ours has most likely been open too long: what was typed is given
// back. From another site, nothing is.
func (a *attempt) notHeard(why error) verdict {
	if errors.Is(why, errNoPair) || errors.Is(why, errWrongToken) {
		a.values, _ = a.provider.form.Parse(a.body.fields)
		return verdict{kind: kindForged, code: "csrf"}
	}
	return verdict{kind: kindForeign, code: "cross_site"}
}

// read turns the body into credentials: those of the pending step's form if
// there is one that they belong to, else those of the provider's form.
func (a *attempt) read() (verdict, bool) {
	declared := a.provider.form
	step, gone := a.readPending()
	if step != nil && step.provider == a.provider && step.fits(a.body.fields) {
		a.step, declared = step, step.form
	}
	values, err := declared.Parse(a.body.fields)
	a.values = values
	if errors.As(err, &a.problems) {
		return a.judgeProblems(gone)
	}
	return verdict{}, false
}

// judgeProblems decides what faulty fields come down to. A password that is
// empty or longer than any can be is a wrong password like every other, fields
// of a step that is over say so, and all else is a mistake that the person, or
// the programmer, can mend.
func (a *attempt) judgeProblems(stepGone bool) (verdict, bool) {
	for _, p := range a.problems {
		switch {
		case p.Quiet, p.Code == form.CodeRequired && a.isPassword(p.Field):
		case p.Code == form.CodeUndeclared && stepGone:
			a.problems = nil
			return verdict{kind: kindRefused, code: codeExpired}, true
		default:
			return verdict{kind: kindInvalid, code: p.Code}, true
		}
	}
	a.provider.pace.begin().end(a.ctx, true)
	if a.problems.Quiet() {
		a.problems = nil
	}
	return verdict{kind: kindRefused, code: codeCredentials}, true
}

func (a *attempt) isPassword(name string) bool {
	declared := a.provider.form
	if a.step != nil {
		declared = a.step.form
	}
	for _, in := range declared.Inputs() {
		if in.Name == name {
			return in.Type == "password"
		}
	}
	return false
}

// weigh turns an outcome that is not a user into its verdict.
func (a *attempt) weigh() (verdict, bool) {
	o := &a.outcome
	switch {
	case o.user != nil:
		return verdict{}, false
	case o.next != nil:
		if err := a.suspend(o.next); err != nil {
			o.unavailable = err
			return verdict{kind: kindUnavailable}, true
		}
		return verdict{kind: kindStep, code: o.next.code()}, true
	case o.unavailable != nil:
		return verdict{kind: kindUnavailable}, true
	case o.denied != nil:
		return verdict{kind: kindDenied, code: codeDenied}, true
	}
	return o.refusal.verdict(), true
}

// verdict is what a refusal comes down to; nil is the plain one.
func (r *Refusal) verdict() verdict {
	v := verdict{kind: kindRefused, code: r.code(), sentence: r.sentence()}
	if r != nil && r.RetryAfter > 0 {
		v.kind = kindThrottled
	}
	return v
}

// life is how long the session is to live: what the person chose, where the
// provider lets them.
func (a *attempt) life() (maxAge time.Duration, transient bool) {
	if a.provider.Remember == "" {
		return 0, false
	}
	remember := a.values.Bool(a.provider.Remember)
	if a.step != nil {
		remember = a.step.Remember
	}
	if remember {
		return 0, false
	}
	return a.s.config.Session.BrowserLifetime, true
}

// permit asks the SignIn callback.
func (a *attempt) permit(p *proof) (verdict, bool) {
	if a.s.config.Callbacks.SignIn == nil {
		return verdict{}, false
	}
	redirect, err := a.callSignIn(p)
	var refusal *Refusal
	switch {
	case a.outcome.unavailable != nil:
		return verdict{kind: kindUnavailable}, true
	case errors.As(err, &refusal):
		a.outcome.refusal = refusal
		return refusal.verdict(), true
	case err != nil:
		a.outcome.denied = err
		return verdict{kind: kindDenied, code: codeDenied}, true
	case redirect != "":
		a.target = a.resolve(redirect)
		return verdict{kind: kindElsewhere}, true
	}
	return verdict{}, false
}

func (a *attempt) callSignIn(p *proof) (redirect string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			a.outcome.unavailable = fmt.Errorf("SignIn callback panicked: %v", cause)
		}
	}()
	var credentials form.Values
	if a.factor == nil {
		credentials = a.given()
	}
	return a.s.config.Callbacks.SignIn(a.ctx, SignIn{
		User: p.user, Account: p.account, Provider: p.provider.id(), Credentials: &credentials,
	})
}

// answer speaks the verdict in the voice of the client: a redirect for a page,
// JSON for the clients.
func (a *attempt) answer() {
	v := a.verdict
	if v.kind == kindForeign && !a.wantsJSON() {
		a.showError("AccessDenied")
		return
	}
	if a.spent && (v.kind != kindStep || a.held != nil) {
		a.dropPending()
	}
	success := v.kind == kindSignedIn || v.kind == kindElsewhere
	if success || v.kind == kindStep || !a.s.wire.v5 { // v5 sends no cookies with a failure
		a.keep()
	}
	if success {
		if a.notice != "" && !a.wantsJSON() {
			a.leave(memo{Kind: kindSignedIn, Code: a.notice, Expires: a.s.now().Add(memoLife).Unix()})
		} else {
			a.forget(a.s.jar.memo.Name, a.s.jar.memo)
		}
		if !a.spent {
			a.dropPending()
		}
		if a.s.factors != nil {
			a.forget(a.s.jar.held.Name, a.s.jar.held)
		}
		if a.deviceCookie != "" && v.kind == kindSignedIn {
			a.set(a.deviceCookie)
		}
		a.sendSession()
		a.lead(a.target)
		return
	}
	a.retryAfter()
	address := a.s.address(v)
	if !a.wantsJSON() {
		if v.kind != kindStep {
			a.remember()
		}
		a.redirect(a.way(address))
		return
	}
	a.json(statusOf[v.kind], a.failure(address))
}

// way is where a page goes: with a factor of ours to the page that asks for it,
// else by the contract.
func (a *attempt) way(address string) string {
	switch kind := a.verdict.kind; {
	case a.held != nil:
		return a.s.root + "/factor"
	case a.back != "" && (kind == kindRefused || kind == kindThrottled || kind == kindInvalid):
		return a.back
	}
	return address
}

// failure is the JSON answer of an attempt that did not succeed.
func (a *attempt) failure(address string) answer {
	v := a.verdict
	out := answer{URL: address, Code: v.code, Message: v.sentence, Reference: a.reference()}
	for _, p := range a.problems {
		out.Problems = append(out.Problems, problem{p.Field, p.Code, p.Message})
	}
	switch v.kind {
	case kindStep:
		if a.held != nil {
			out.Next = a.held.describe(a.s)
		} else {
			out.Next = a.step.describe()
		}
	case kindUnavailable:
		out.Code, out.Message = "unavailable", "Sign-in is not available right now. Please try again in a moment."
	case kindForged, kindForeign:
		out.Message = "The request does not come from our form, or the form has expired. Load it again."
	}
	return out
}

// retryAfter sends the header where waiting helps (RFC 9110, section 10.2.3).
func (a *attempt) retryAfter() {
	wait := time.Duration(0)
	switch a.verdict.kind {
	case kindThrottled:
		wait = a.outcome.refusal.RetryAfter
	case kindUnavailable:
		wait = 2 * time.Second
	default:
		return
	}
	seconds := int64((wait + time.Second - 1) / time.Second)
	a.w.Header()["Retry-After"] = []string{strconv.FormatInt(seconds, 10)}
}

// noSuchProvider answers a callback without a provider that we know.
func (x *exchange) noSuchProvider() {
	if x.s.wire.v5 {
		x.misconfigured()
		return
	}
	x.unknown()
}

// misconfigured is v5's answer to a request that makes no sense here.
func (x *exchange) misconfigured() {
	address := x.s.address(verdict{kind: kindUnavailable})
	if x.wantsJSON() {
		x.json(http.StatusBadRequest, answer{URL: address, Message: "No such endpoint or provider."})
		return
	}
	x.redirect(address)
}

// event runs a hook that must not change anything, whatever it does.
func (x *exchange) event(name string, run func(ctx context.Context)) {
	defer func() {
		if cause := recover(); cause != nil {
			x.s.log(x.ctx, slog.LevelError, "panic in event", slog.String("event", name), slog.Any("cause", cause))
		}
	}()
	run(x.ctx)
}
