package ostiary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/pages"
)

// accountPosts are what can be done on the self-service page.
var accountPosts = []string{"enrol", "confirm", "codes", "rename", "remove", "forget"}

// factorCodes are codes of refusals that the page has a sentence for.
var factorCodes = []string{
	codeWrong, codeSpent, codeUnknownKey, codeMissing, codeTaken, codeConflict, codeInvite, codeFresh, codeLast, codeNoEnrol, codeMany,
}

// accountPage is GET account: what somebody who is signed in has enrolled.
func (x *exchange) accountPage() {
	h, err := x.sessionHolder(x.ctx)
	if err != nil {
		x.problemWith("factors not read", err)
		return
	}
	here := x.s.root + "/account"
	if h == nil {
		x.expire(x.s.find(x.r))
		x.redirect(x.s.root + "/signin?" + query("callbackUrl", here))
		return
	}
	m := x.recall()
	page := pages.Account{
		CSRFToken: x.token, Name: h.person.DisplayName, Action: here, Factors: x.listed(h), Offers: x.offers(h),
		Devices: x.devices(h), Invite: x.s.factors.needsInvite(h), Notice: x.notice(h, m), Problem: x.shown(m),
		HomeURL: x.target, Here: x.here("/account"),
	}
	if strings.HasPrefix(page.HomeURL, x.s.root) {
		page.HomeURL = x.s.origin
	}
	if errors.Is(x.mayChange(h), errNotFresh) {
		page.ProofURL = x.s.base + "/signin?" + query("callbackUrl", here, "again", "true")
		if len(h.asks(x.s)) > 0 {
			page.ProofURL = x.s.base + "/factor?" + query("callbackUrl", here)
		}
	}
	if x.fresh != "" {
		x.set(x.s.jar.csrf.String(x.fresh))
	}
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error { return x.s.pages.Account(w, lang, page) })
}

// notice is what was just done, or what the person should know.
func (x *exchange) notice(h *holder, m *memo) string {
	if m != nil && m.Kind == kindSignedIn {
		x.forget(x.s.jar.memo.Name, x.s.jar.memo)
		return m.Code
	}
	if slices.Equal(h.token.Factors, []string{recovery}) {
		return "recovery_used"
	}
	for _, e := range h.kept.of(recovery) {
		if e.Left >= 0 && e.Left <= 3 {
			return "codes_few"
		}
	}
	return ""
}

func (x *exchange) listed(h *holder) []pages.AccountFactor {
	var list []pages.AccountFactor
	for i, e := range h.kept.enrolled {
		left := &kept{enrolled: slices.Delete(slices.Clone(h.kept.enrolled), i, i+1)}
		list = append(list, pages.AccountFactor{
			ID: e.ID, Kind: e.Kind, Label: factorName(e.Kind), Name: e.Name, Created: e.Created, Used: e.Used, Left: e.Left,
			Removable: e.Kind == recovery || h.rule.Policy != FactorsRequired || left.real(h.rule),
		})
	}
	return list
}

func (x *exchange) devices(h *holder) []pages.AccountDevice {
	own, _, mine := x.device(h.kept)
	var list []pages.AccountDevice
	for _, r := range h.kept.all(deviceKind) {
		var d device
		if x.s.factors.open(r, &d) != nil || d.Factors != h.kept.fingerprint() {
			continue
		}
		list = append(list, pages.AccountDevice{
			ID: r.ID, Name: d.Name, Created: r.Created, Used: r.Used, Expires: r.Expires, Current: mine && own.ID == r.ID,
		})
	}
	return list
}

// enrolPage is GET account/enrol: the enrolment that was begun, with what its
// person needs to finish it.
func (x *exchange) enrolPage() {
	h, b, r, err := x.begun(x.ctx)
	switch {
	case err != nil:
		x.problemWith("factors not read", err)
		return
	case b == nil:
		x.redirect(x.s.root + "/account")
		return
	}
	m := x.recall()
	page := pages.Enrol{
		CSRFToken: x.token, CallbackURL: x.target, Action: x.s.root + "/account/confirm", ID: r.ID, Kind: b.Kind, Label: factorName(b.Kind),
		QRSide: b.QR.Side, QRPath: b.QR.Path, Text: b.Text, Codes: b.Codes, Options: string(b.Options), AskName: b.Kind != recovery,
		Problem: x.shown(m), CancelURL: x.s.base + "/account", Here: x.here("/account/enrol"),
	}
	if h.held != nil {
		page.CancelURL = x.s.base + "/factor"
	}
	if len(b.Codes) > 0 {
		page.DownloadAction = x.s.root + "/account/codes"
	}
	compiled, err := form.Compile(b.Form)
	if err != nil {
		x.problemWith("form of a factor", err)
		return
	}
	page.Fields = pageFields(compiled)
	x.keep()
	x.html(http.StatusOK, func(w *bytes.Buffer, lang string) error { return x.s.pages.Enrol(w, lang, page) })
}

// begun finds the enrolment that this browser has begun: at a pending sign-in
// that must, else in its session.
func (x *exchange) begun(ctx context.Context) (*holder, *begun, Record, error) {
	h, err := x.enroller(ctx)
	if h == nil || err != nil {
		return nil, nil, Record{}, err
	}
	b, r := x.s.factors.current(h)
	return h, b, r, nil
}

// enroller is who may enrol something here: a pending sign-in that needs it goes
// before a session, one that does not changes nothing.
func (x *exchange) enroller(ctx context.Context) (*holder, error) {
	h, err := x.holder(ctx)
	if err != nil || h == nil || h.held == nil || h.held.need(x.s.factors).enrol {
		return h, err
	}
	return x.sessionHolder(ctx)
}

// postAccount is POST account/…: one change of one's own factors.
func (x *exchange) postAccount() {
	if err := x.genuine(); err != nil {
		x.refused("change of factors", err)
		x.failPost(x.s.address(verdict{kind: kindForged}))
		return
	}
	if x.segment == "confirm" {
		x.postConfirm()
		return
	}
	h, err := x.enroller(x.ctx)
	switch {
	case err != nil:
		x.problemWith("factors not read", err)
		return
	case h == nil:
		x.changed("", "/factor", errNoHolder)
		return
	}
	switch x.segment {
	case "enrol":
		x.postEnrol(h)
	case "codes":
		x.postCodes(h)
	case "rename":
		x.changed("renamed", "/account", x.renameFactor(x.ctx, h, x.body.one("id"), x.body.one("name")))
	case "remove":
		x.postRemove(h, x.body.one("id"))
	case "forget":
		x.changed("forgotten", "/account", x.forgetDevice(x.ctx, h, x.body.one("id")))
	}
}

var errNoHolder = errors.New("nobody is signed in")

func (x *exchange) postEnrol(h *holder) {
	err := x.beginEnrolment(x.ctx, h, x.body.one("kind"), x.body.one("invite"))
	next := "/account/enrol"
	if err != nil {
		next = "/account"
		if h.held != nil {
			next = "/factor"
		}
	}
	x.changed("", next, err)
}

// postRemove takes a factor away. The session goes on with a new cookie.
func (x *exchange) postRemove(h *holder, id string) {
	i := slices.IndexFunc(h.kept.enrolled, func(e Enrolment) bool { return e.ID == id })
	if i < 0 {
		x.changed("", "/account", ErrConflict)
		return
	}
	k := x.s.factors.byID[h.kept.enrolled[i].Kind]
	if k == nil { // of a kind that is not configured any more
		k = x.s.factors.kinds[0]
	}
	a := &attempt{exchange: x, provider: k.provider, factor: k, started: x.s.now(), account: h.account, back: x.s.root + "/account"}
	a.verdict = (&second{attempt: a, kind: k, whose: h}).removed(x.ctx, id)
	a.verdict.provider = k.Kind()
	if a.verdict.kind == kindSignedIn {
		x.target, x.moved, a.notice = x.s.root+"/account", false, "removed"
	}
	a.answer()
}

// postCodes answers the recovery codes of a begun enrolment as a file.
func (x *exchange) postCodes(h *holder) {
	b, r := x.s.factors.current(h)
	if b == nil || r.ID != x.body.one("enrolment") || len(b.Codes) == 0 {
		x.changed("", "/account", errNotNow)
		return
	}
	header := x.w.Header()
	header["Content-Type"] = textType
	header["Content-Disposition"] = []string{`attachment; filename="recovery-codes.txt"`}
	x.w.WriteHeader(http.StatusOK)
	fmt.Fprintf(x.w, "%s\r\n%s\r\n\r\n%s\r\n", x.s.origin, h.person.Name, strings.Join(b.Codes, "\r\n"))
}

// changed leads on after a change, and says there what came of it.
func (x *exchange) changed(notice, page string, err error) {
	m := memo{Kind: kindSignedIn, Code: notice, Expires: x.s.now().Add(memoLife).Unix()}
	status := http.StatusOK
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		v := refusal.verdict()
		status, m.Kind, m.Code, m.Wait = statusOf[v.kind], v.kind, v.code, refusal.RetryAfter
	case isMistake(err):
		status, m.Kind, m.Code = http.StatusForbidden, kindRefused, codeOf(err)
	case err != nil:
		x.problemWith("factors not changed", err)
		return
	}
	if x.wantsJSON() {
		out := answer{URL: x.s.root + page}
		if err != nil {
			out.Code, out.Reference = m.Code, x.reference()
		}
		x.json(status, out)
		return
	}
	if m.Code != "" {
		x.leave(m)
	}
	x.redirect(x.s.root + page)
}

// isMistake reports whether an error is a reason to tell rather than a fault.
func isMistake(err error) bool {
	for _, known := range [...]error{errNotFresh, errClosed, errNotNow, errInvite, errLast, errMany, errNoHolder, ErrConflict} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// postConfirm finishes an enrolment. It ends like a sign-in: with a session, or
// with a refusal.
func (x *exchange) postConfirm() {
	ctx := withDeadline(x.ctx, 10*time.Second)
	defer ctx.release()
	h, b, r, err := x.begun(ctx)
	if err != nil {
		x.problemWith("factors not read", err)
		return
	}
	if b == nil || r.ID != x.body.one("enrolment") {
		x.changed("", "/account", errNotNow)
		return
	}
	k := x.s.factors.byID[b.Kind]
	x.facts = facts{reference: x.reference(), addr: x.s.peers.From(x.r)}
	x.ctx = withFacts(x.ctx, &x.facts)
	a := &attempt{exchange: x, provider: k.provider, factor: k, started: x.s.now(), account: h.account, back: x.s.root + "/account/enrol"}
	s := &second{attempt: a, kind: k, whose: h}
	a.verdict = s.confirm(ctx, b, r)
	a.verdict.provider = k.Kind()
	if h.held == nil && a.verdict.kind == kindSignedIn {
		x.target, x.moved, a.notice = x.s.root+"/account", false, "enrolled"
	}
	a.answer()
	a.audit()
}
