package ostiary

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/ostiary/ostiary/form"
)

// second is an attempt to prove a factor: at a pending sign-in, or by somebody
// who is signed in and confirms that it's them.
type second struct {
	*attempt
	kind  *factorKind
	whose *holder
	state []byte // of the question that a script was asked
}

// callbackFactor is POST callback/{factor}.
func (x *exchange) callbackFactor(k *factorKind, passkey bool) {
	a := &attempt{exchange: x, provider: k.provider, factor: k, started: x.s.now(), back: x.s.root + "/factor"}
	if passkey {
		a.back = x.s.root + "/signin"
	}
	x.facts = facts{reference: x.reference(), addr: x.s.peers.From(x.r)}
	x.ctx = withFacts(x.ctx, &x.facts)
	s := &second{attempt: a, kind: k}
	a.verdict = s.decide(passkey)
	a.verdict.provider = k.Kind()
	if a.verdict.kind == kindSignedIn && k.Kind() == recovery && !x.wantsJSON() {
		x.target, x.moved = x.s.root+"/account?"+query("callbackUrl", x.target), false // to replace what was lost
	}
	a.answer()
	a.audit()
}

func (s *second) decide(passkey bool) verdict {
	if err := s.genuine(); err != nil {
		s.outcome.refusal = &Refusal{Cause: err}
		return s.notHeard(err)
	}
	var err error
	if s.values, err = s.kind.form.Parse(s.body.fields); err != nil {
		errors.As(err, &s.problems)
		return verdict{kind: kindInvalid, code: form.CodeBadValue}
	}
	limited := withDeadline(s.ctx, 10*time.Second)
	defer limited.release()
	s.whose, err = s.holder(limited)
	switch {
	case err != nil:
		return s.unavailable(err)
	case s.kind.scripted != nil && s.values.Get("action") == "register":
		return s.register(limited)
	case passkey && (s.whose == nil || s.whose.held == nil):
		return s.passkey(limited)
	case s.whose == nil:
		return s.refuse(codeExpired, errors.New("no sign-in waits for a factor, and nobody is signed in"))
	}
	return s.prove(limited)
}

// prove takes the steps: may it be this factor, may it be tried, is it good, is
// the person still there, is it used for the first time.
func (s *second) prove(ctx context.Context) verdict {
	h := s.whose
	s.account = h.account
	if !slices.Contains(h.asks(s.s), s.kind.Kind()) { // MFA-12
		return s.refuse(codeWrong, errors.New("the factor is not asked for"))
	}
	if v, stop := s.question(ctx, "get", h.account.String(), h.mark()); stop {
		return v
	}
	budgets := h.budgets(s.s.factors, s.kind.Kind())
	if v, stop := s.admit(ctx, budgets); stop {
		return v
	}
	verified, v := s.verify(ctx, Answer{Person: h.person, Enrolled: h.kept.of(s.kind.Kind())})
	if verified == nil {
		return v
	}
	if err := s.stillThere(ctx); err != nil {
		return s.gone(err)
	}
	return s.settle(ctx, verified, budgets)
}

// refuse is a refusal with a code that the page and the clients know.
func (s *second) refuse(code string, cause error) verdict {
	s.outcome.refusal = &Refusal{Code: code, Cause: cause}
	return s.outcome.refusal.verdict()
}

// question takes the challenge that a script was given, before anything is
// verified (WAN-1). Other factors have none.
func (s *second) question(ctx context.Context, use, account, mark string) (verdict, bool) {
	if s.kind.scripted == nil {
		return verdict{}, false
	}
	state, err := s.takeChallenge(ctx, use, account, mark)
	switch {
	case errors.Is(err, errNoChallenge):
		return s.refuse(codeExpired, err), true
	case err != nil:
		return s.unavailable(err), true
	}
	s.state = state
	return verdict{}, false
}

// admit takes a try from every budget before anything is verified (THR-2).
func (s *second) admit(ctx context.Context, budgets []Budget) (verdict, bool) {
	wait, err := s.s.factors.Store.Spend(ctx, budgets...)
	switch {
	case err != nil: // without counters nobody may try (THR-9)
		return s.unavailable(fmt.Errorf("counting the tries: %w", err)), true
	case wait > 0:
		s.outcome.refusal = &Refusal{Code: "throttled", RetryAfter: wait, Cause: errors.New("too many tries of the second factor")}
		return s.outcome.refusal.verdict(), true
	}
	return verdict{}, false
}

// verify asks the factor, behind the guards that authorizers have.
func (s *second) verify(ctx context.Context, a Answer) (v *Verified, no verdict) {
	a.Values, a.State, a.Now = s.values, s.state, s.s.now()
	err := s.guard(ctx, func() (err error) { v, err = s.kind.Verify(ctx, a); return err })
	if err == nil && v != nil && !slices.ContainsFunc(a.Enrolled, func(e Enrolment) bool { return e.ID == v.Enrolment.ID }) {
		err = errors.New("the factor proved an enrolment that it was not given")
	}
	if err != nil { // an answer beside an error is none (I3)
		return nil, s.judge(true, err)
	}
	return v, s.judge(v == nil, nil)
}

// judge turns a factor's no into a verdict.
func (s *second) judge(no bool, err error) verdict {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return s.refuse(or(refusal.Code, codeWrong), refusal.Cause)
	case err != nil:
		return s.unavailable(err)
	case no:
		return s.refuse(codeWrong, nil)
	}
	return verdict{}
}

// guard runs a call of a factor in the bounded pool and turns a panic into an
// error.
func (s *second) guard(ctx context.Context, call func() error) (err error) {
	busy := s.s.pool.do(ctx, true, func() {
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("factor %s panicked: %v\n%s", s.kind.Kind(), cause, debug.Stack())
			}
		}()
		err = call()
	})
	return errors.Join(busy, err)
}

// stillThere asks the user system whether it still knows the person, where it can
// be asked without a password (MFA-4).
func (s *second) stillThere(ctx context.Context) error {
	p := s.whose.provider(s.s)
	if p == nil || p.Lookup == nil {
		return nil
	}
	_, err := s.s.lookup(ctx, p, s.account.UserID)
	return err
}

// gone answers that the user system does not know the person any more, which ends
// the session that they have.
func (s *second) gone(err error) verdict {
	if !errors.Is(err, errGone) {
		return s.unavailable(err)
	}
	if s.whose.token != nil {
		if err := s.s.revoke(s.ctx, s.whose.token); err != nil {
			return s.unavailable(err)
		}
	}
	return s.refuse(codeCredentials, err)
}

// settle uses the proof up, in one step with everything that follows from it: of
// many that submit the same, one comes out of here (I4).
func (s *second) settle(ctx context.Context, v *Verified, budgets []Budget) verdict {
	var c Change
	if s.whose.held != nil {
		if err := s.advance(&c, v); err != nil {
			return s.unavailable(err)
		}
	}
	if err := s.use(ctx, v, budgets, c); errors.Is(err, ErrConflict) {
		return s.refuse(codeSpent, err)
	} else if err != nil {
		return s.unavailable(err)
	}
	return s.finish(v.Methods)
}

// use stores that a factor was proven, together with what else is to change. The
// error is ErrConflict when it was proven meanwhile by somebody else.
func (s *second) use(ctx context.Context, v *Verified, budgets []Budget, c Change) error {
	f, account := s.s.factors, s.whose.kept.account
	v.Enrolment.Used = seconds(s.s.now())
	r, err := f.sealEnrolment(account, v.Enrolment)
	if err != nil {
		return err
	}
	c.Update, c.Fleeting = append(c.Update, r), v.Fleeting
	for _, b := range budgets {
		c.Refund = append(c.Refund, b.Key)
	}
	if err := f.Store.Change(ctx, account, c); err != nil {
		return fmt.Errorf("storing the use of the factor: %w", err)
	}
	s.told(v.Enrolment, v.Note)
	if s.deviceCookie != "" {
		s.tell(s.whose.account, Enrolment{Kind: deviceKind, Name: browserName(s.r.UserAgent()), Left: -1}, "remembered", "")
	}
	return nil
}

// advance adds to a change what becomes of the pending sign-in: it goes on to the
// next need, or it is over.
func (s *second) advance(c *Change, v *Verified) error {
	h := s.whose.held
	h.Factors = append(h.Factors, s.kind.Kind())
	h.Methods = append(h.Methods, v.Methods...)
	switch n := h.need(s.s.factors); {
	case n.none:
		c.Remove = append(c.Remove, h.record)
		return nil
	case n.nothing():
		c.Remove = append(c.Remove, h.record)
		return s.rememberDevice(c, s.whose.kept)
	}
	r, err := s.s.factors.seal(h.kept.account, heldKind, h.record.ID, h.heldContent)
	r.Version, r.Expires, r.Created = h.record.Version, h.record.Expires, h.record.Created
	c.Update = append(c.Update, r)
	h.record = r
	h.record.Version++
	return err
}

// finish goes on with what is proven now.
func (s *second) finish(methods []string) verdict {
	now := s.s.now()
	if h := s.whose.held; h != nil {
		switch n := h.need(s.s.factors); {
		case n.none:
			return s.refuse(codeMissing, errNoKind)
		case !n.nothing():
			s.held = h
			return s.askSecond()
		}
		return s.letIn(h.complete(now, methods))
	}
	p := s.whose.again(now)
	p.add(now, methods, s.kind.Kind())
	return s.letIn(p)
}
