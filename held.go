package ostiary

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// held is a sign-in whose first proof was good and that waits for its second: a
// record on our side, which the browser has but the name of, in a cookie of its
// own that no reader takes for a session (I5, MFA-2). It lives as long as a
// pendingSignIn, which is something else: a step that the user system asked for.
type held struct {
	record   Record
	provider *provider
	account  Account
	kept     *kept
	heldContent
}

// heldContent is what the record holds: what the user system answered, and what
// was proven until now.
type heldContent struct {
	Provider string
	User     *User
	Methods  []string      `json:",omitempty"`
	Life     time.Duration `json:",omitempty"`
	Browser  bool          `json:",omitempty"` // the session ends with the browser
	Factors  []string      `json:",omitempty"` // kinds that were proven
	Epoch    int64         `json:",omitempty"` // of the account, when it began
}

// heldCookie is what the browser has of it, sealed and bound to its CSRF pair.
type heldCookie struct {
	Account string
	ID      string
	Expires int64 // Unix seconds
}

// mostHeld is how many sign-ins of one account wait at once. The next one takes
// the place of the oldest.
const mostHeld = 16

// hold keeps the first proof until the second is there.
func (a *attempt) hold(p *proof, k *kept) (verdict, error) {
	f := a.s.factors
	content := heldContent{Provider: p.provider.id(), User: p.user, Methods: p.methods, Life: p.maxAge, Browser: p.transient, Factors: p.factors, Epoch: p.epoch}
	r, err := f.seal(k.account, heldKind, rand.Text(), content)
	if err != nil {
		return verdict{}, err
	}
	now := a.s.now()
	r.Created, r.Expires = seconds(now), seconds(now.Add(pendingLife))
	err = f.Store.Change(a.ctx, k.account, Change{Add: []Record{r}, Remove: a.outdated(k)})
	if errors.Is(err, ErrConflict) { // what it takes the place of went meanwhile: without it then
		err = f.Store.Change(a.ctx, k.account, Change{Add: []Record{r}})
	}
	if err != nil {
		return verdict{}, fmt.Errorf("keeping the pending sign-in: %w", err)
	}
	r.Version = 1
	a.held = &held{record: r, provider: p.provider, account: p.account, kept: k, heldContent: content}
	return a.askSecond(), a.sendHeld(heldCookie{k.account, r.ID, r.Expires.Unix()})
}

// outdated are the pending sign-ins that a new one takes the place of: that of
// this browser, and the oldest if there are many.
func (a *attempt) outdated(k *kept) []Record {
	all := k.all(heldKind)
	old := all[:max(0, len(all)-mostHeld+1)]
	if c, ok := a.heldCookie(); ok && c.Account == k.account {
		if r, ok := k.find(heldKind, c.ID); ok && !slices.ContainsFunc(old, func(o Record) bool { return o.ID == r.ID }) {
			old = append(slices.Clone(old), r)
		}
	}
	return old
}

// askSecond is the verdict that asks for what is needed next.
func (a *attempt) askSecond() verdict {
	if a.held.need(a.s.factors).enrol {
		return verdict{kind: kindStep, code: codeEnrol}
	}
	return verdict{kind: kindStep, code: codeSecond}
}

// Codes of the second step.
const (
	codeSecond  = "second_factor"
	codeEnrol   = "enrolment_required"
	codeMissing = "factor_missing"
	codeWrong   = "second_factor_wrong"
	codeSpent   = "second_factor_spent"
)

func (x *exchange) sendHeld(c heldCookie) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sealed, err := x.s.factors.pending.Seal(plain, []byte(x.token))
	if err != nil {
		return err
	}
	x.set(x.s.jar.held.StringFor(sealed, pendingLife))
	if x.fresh != "" { // it is bound to this pair, whatever else is sent
		x.set(x.s.jar.csrf.String(x.fresh))
		x.fresh = ""
	}
	return nil
}

// heldCookie opens the browser's name of a pending sign-in.
func (x *exchange) heldCookie() (c heldCookie, ok bool) {
	sealed, ok := x.cookie(x.s.jar.held.Name)
	if !ok {
		return c, false
	}
	plain, err := x.s.factors.pending.Open(sealed, []byte(x.token))
	if err != nil || json.Unmarshal(plain, &c) != nil {
		return c, false
	}
	return c, x.s.now().Unix() < c.Expires
}

// readHeld returns the pending sign-in of the browser, nil when it has none that
// is still good. The error says that the store can't tell.
func (x *exchange) readHeld(ctx context.Context) (*held, error) {
	if x.s.factors == nil {
		return nil, nil
	}
	c, ok := x.heldCookie()
	if !ok {
		return nil, nil
	}
	k, err := x.s.loadKept(ctx, c.Account)
	if err != nil {
		return nil, err
	}
	r, ok := k.find(heldKind, c.ID)
	if !ok {
		return nil, nil
	}
	h := &held{record: r, kept: k}
	if err := x.s.factors.openHeld(r, &h.heldContent); err != nil {
		return nil, err
	}
	h.provider = x.s.byID[h.Provider]
	if h.provider == nil || h.User == nil {
		return nil, nil
	}
	h.account = Account{h.provider.realm(), h.User.ID}
	if h.account.String() != c.Account || h.Epoch != k.epoch { // another realm since, or all was ended meanwhile (MFA-4)
		return nil, nil
	}
	return h, nil
}

// dropHeld ends the pending sign-in of the browser. That its record lives on for
// minutes when the store is down does no harm: nobody has its name any more.
func (x *exchange) dropHeld() {
	if x.s.factors == nil {
		return
	}
	if c, ok := x.heldCookie(); ok {
		if err := x.s.factors.Store.Change(x.ctx, c.Account, Change{Remove: []Record{{ID: c.ID}}}); err != nil && !errors.Is(err, ErrConflict) {
			x.s.logFault(x, "pending sign-in not removed", err)
		}
	}
	x.forget(x.s.jar.held.Name, x.s.jar.held)
}

// openHeld is open with numbers in claims as they were.
func (f *factors) openHeld(r Record, content *heldContent) error {
	plain, err := f.records.OpenBytes(r.Data, bound(r.Account, r.Kind, r.ID))
	if err != nil {
		return fmt.Errorf("pending sign-in: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	return d.Decode(content)
}

// need is what a pending sign-in waits for. The zero need is nothing.
type need struct {
	ask   []string // proof of one of these kinds
	enrol bool     // a new factor of one of the kinds of rule
	none  bool     // what nobody can give: enrolment is closed
	rule  FactorRule
}

// need is computed anew at each step, from the rules and from what the store has
// now (MFA-3).
func (h *held) need(f *factors) need {
	return f.need(f.rule(h.provider, h.User, h.account), h.kept, h.Factors)
}

// need says what is missing when kinds have been proven.
func (f *factors) need(rule FactorRule, k *kept, proven []string) need {
	if k.mustEnrol {
		rule.Policy = FactorsRequired
	}
	n := need{rule: rule}
	var counting, others []string
	for _, kind := range f.kinds {
		switch id := kind.Kind(); {
		case !k.has(id):
		case rule.allows(id):
			counting = append(counting, id)
		default:
			others = append(others, id)
		}
	}
	switch {
	case rule.Policy == FactorsOff:
	case slices.ContainsFunc(proven, rule.allows):
	case k.real(rule):
		n.ask = counting
	case len(proven) == 0 && k.real(FactorRule{}):
		n.ask = append(counting, others...)
	case rule.Policy != FactorsRequired:
	case f.Enrolment == EnrolClosed, !slices.ContainsFunc(f.kinds, func(k *factorKind) bool {
		return rule.allows(k.Kind()) && k.Kind() != recovery && !k.importOnly()
	}):
		n.none = true
	default:
		n.enrol = true
	}
	return n
}

func (n need) nothing() bool { return len(n.ask) == 0 && !n.enrol && !n.none }

// complete is what the pending sign-in amounts to when nothing is needed any more.
func (h *held) complete(now time.Time, methods []string) *proof {
	p := &proof{
		provider: h.provider, user: h.User, account: h.account, methods: h.Methods, at: now,
		maxAge: h.Life, transient: h.Browser, epoch: h.kept.epoch,
	}
	p.add(now, methods, h.Factors...)
	return p
}

// add notes a second proof.
func (p *proof) add(now time.Time, methods []string, kinds ...string) {
	for _, m := range append(methods, "mfa") { // RFC 8176, section 2
		if !slices.Contains(p.methods, m) {
			p.methods = append(slices.Clip(p.methods), m)
		}
	}
	for _, kind := range kinds {
		if !slices.Contains(p.factors, kind) {
			p.factors = append(slices.Clip(p.factors), kind)
		}
	}
	p.factorAt = now
}
