package ostiary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

// prove says what has been proven: the account, by which methods, and when. The
// gate takes nothing else, so whatever makes a session has come past here. It is
// here that the factor policy decides: there is no proof as long as it wants
// more.
func (a *attempt) prove() (*proof, verdict, bool) {
	p, f := a.first(), a.s.factors
	if f == nil {
		return p, verdict{}, false
	}
	rule := f.rule(p.provider, p.user, p.account)
	if rule.Policy == FactorsOff && len(f.Accounts)+len(f.Groups) == 0 && p.provider.Factors.Policy == FactorsOff {
		return p, verdict{}, false
	}
	k, err := f.load(a.ctx, p.account.String())
	if err != nil {
		return nil, a.unavailable(err), true
	}
	n := f.need(rule, k, nil)
	if len(n.ask) > 0 {
		if done, v := a.inForm(p, k, n); done || v != nil {
			return verdictOr(p, v)
		}
		if a.remembered(k, n) {
			return p, verdict{}, false
		}
	}
	switch {
	case n.nothing():
		return p, verdict{}, false
	case n.none:
		a.outcome.refusal = &Refusal{Code: codeMissing, Cause: errors.New("the account needs a factor and has none; enrolment is closed")}
		return nil, a.outcome.refusal.verdict(), true
	}
	v, err := a.hold(p, k)
	if err != nil {
		return nil, a.unavailable(err), true
	}
	return nil, v, true
}

func verdictOr(p *proof, v *verdict) (*proof, verdict, bool) {
	if v != nil {
		return nil, *v, true
	}
	return p, verdict{}, false
}

// first is what the provider's answer proves.
func (a *attempt) first() *proof {
	p := &proof{
		provider: a.provider, user: a.outcome.user, at: a.s.now(),
		account: Account{Realm: a.provider.realm(), UserID: a.outcome.user.ID},
	}
	if a.provider.password {
		p.methods = []string{"pwd"} // RFC 8176, section 2
	}
	p.maxAge, p.transient = a.life()
	return p
}

func (a *attempt) unavailable(err error) verdict {
	a.outcome.unavailable = err
	return verdict{kind: kindUnavailable}
}

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
	return v, s.judge(v == nil, err)
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

var errGone = errors.New("the user is gone")

// stillThere asks the user system whether it still knows the person, where it can
// be asked without a password (MFA-4).
func (s *second) stillThere(ctx context.Context) error {
	h := s.whose.held
	if h == nil || h.provider.Lookup == nil {
		return nil
	}
	_, err := s.s.lookup(ctx, h.provider, h.User.ID)
	return err
}

func (s *second) gone(err error) verdict {
	if errors.Is(err, errGone) {
		return s.refuse(codeCredentials, err)
	}
	return s.unavailable(err)
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
	return nil
}

// advance adds to a change what becomes of the pending sign-in: it goes on to the
// next need, or it is over.
func (s *second) advance(c *Change, v *Verified) error {
	h := s.whose.held
	h.Factors = append(h.Factors, s.kind.Kind())
	h.Methods = append(h.Methods, v.Methods...)
	if !h.need(s.s.factors).nothing() {
		r, err := s.s.factors.seal(h.kept.account, heldKind, h.record.ID, h.heldContent)
		r.Version, r.Expires, r.Created = h.record.Version, h.record.Expires, h.record.Created
		c.Update = append(c.Update, r)
		h.record = r
		h.record.Version++
		return err
	}
	c.Remove = append(c.Remove, h.record)
	return s.rememberDevice(c, s.whose.kept)
}

// finish goes on with what is proven now.
func (s *second) finish(methods []string) verdict {
	now := s.s.now()
	if h := s.whose.held; h != nil {
		if !h.need(s.s.factors).nothing() {
			s.held = h
			return s.askSecond()
		}
		return s.letIn(h.complete(now, methods))
	}
	p := s.whose.again(now)
	p.add(now, methods, s.kind.Kind())
	return s.letIn(p)
}

// told writes what happened to a factor into the log, and tells the event.
func (s *second) told(e Enrolment, note string) {
	what := "proven"
	if e.Kind == recovery {
		what = "recovery_used"
	}
	s.tell(s.whose.account, e, what, note)
}

// tell is the one place where the life of a factor is told of (LOG-3).
func (x *exchange) tell(account Account, e Enrolment, what, note string) {
	x.s.tellFactor(x.ctx, FactorEvent{
		Account: account, Kind: e.Kind, Name: e.Name, What: what, Left: e.Left, Note: note,
		Reference: x.reference(), Addr: x.s.peers.From(x.r),
	})
}

func (s *Service) tellFactor(ctx context.Context, e FactorEvent) {
	attrs := []slog.Attr{
		slog.String("account", e.Account.String()), slog.String("factor", e.Kind), slog.String("what", e.What), slog.String("name", e.Name),
	}
	if e.Left >= 0 {
		attrs = append(attrs, slog.Int("left", e.Left))
	}
	if e.Note != "" {
		attrs = append(attrs, slog.String("note", e.Note))
	}
	if e.Reference != "" {
		attrs = append(attrs, slog.String("reference", e.Reference))
	}
	if e.Addr.IsValid() {
		attrs = append(attrs, slog.String("client_ip", e.Addr.String()))
	}
	s.log(ctx, slog.LevelInfo, "factor", attrs...)
	event := s.config.Events.Factor
	if event == nil {
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.log(ctx, slog.LevelError, "panic in event", slog.String("event", "Factor"), slog.Any("cause", cause))
		}
	}()
	event(ctx, e)
}

// lookup asks a provider's Lookup behind the guards of authorizers. The error is
// errGone when the user is not there, or not allowed, any more.
func (s *Service) lookup(ctx context.Context, p *provider, id string) (user *User, err error) {
	limited := withDeadline(ctx, p.timeout())
	defer limited.release()
	if busy := s.pool.do(limited, p.HonorsContext, func() { user, err = p.look(limited, id) }); busy != nil {
		return nil, fmt.Errorf("looking the user up again: %w", busy)
	}
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal), errors.Is(err, ErrAccessDenied):
		return nil, errGone
	case err != nil:
		return nil, fmt.Errorf("looking the user up again: %w", err)
	case user == nil || user.ID != id:
		return nil, errGone
	}
	return user, nil
}

// holder is whose factor it is about: of a pending sign-in, or of a session.
type holder struct {
	account Account
	person  Person
	kept    *kept
	held    *held
	token   *session.Token
	rule    FactorRule
}

// holder finds out whose turn it is. It is nil when nobody's.
func (x *exchange) holder(ctx context.Context) (*holder, error) {
	h, err := x.readHeld(ctx)
	if err != nil {
		return nil, err
	}
	if h != nil {
		return &holder{account: h.account, person: personOf(h.account, h.User), kept: h.kept, held: h}, nil
	}
	return x.sessionHolder(ctx)
}

func (x *exchange) sessionHolder(ctx context.Context) (*holder, error) {
	t := x.s.find(x.r).token
	if t == nil {
		return nil, nil
	}
	account := Account{t.Realm, t.Subject}
	if account.String() == "" || x.s.byID[t.Provider] == nil { // made elsewhere: nobody's account here
		return nil, nil
	}
	k, err := x.s.factors.load(ctx, account.String())
	if err != nil {
		return nil, err
	}
	user := userOf(t)
	rule := x.s.factors.rule(x.s.byID[t.Provider], user, account)
	return &holder{account: account, person: personOf(account, user), kept: k, token: t, rule: rule}, nil
}

// userOf is the user as far as a session token has them.
func userOf(t *session.Token) *User {
	return &User{ID: t.Subject, Name: t.Name.Value(), Email: t.Email.Value(), Image: t.Picture.Value(), Groups: t.Groups}
}

func personOf(account Account, u *User) Person {
	return Person{Account: account, Name: or(or(u.Email, u.Name), u.ID), DisplayName: or(u.Name, u.ID)}
}

// mark names the pending sign-in or the session, to bind a challenge or an
// enrolment to it.
func (h *holder) mark() string {
	if h.held != nil {
		return "pending " + h.held.record.ID
	}
	return "session " + sessionID(h.token)
}

// asks are the kinds that would be a proof now.
func (h *holder) asks(s *Service) []string {
	if h.held != nil {
		return h.held.need(s.factors).ask
	}
	var kinds []string
	for _, k := range s.factors.kinds {
		if h.kept.has(k.Kind()) && h.rule.allows(k.Kind()) {
			kinds = append(kinds, k.Kind())
		}
	}
	return kinds
}

// budgets bound how often a factor may be tried (THR-1): no new pending sign-in
// and no other factor renews that of the account, and recovery codes have their
// own (REC-3).
func (h *holder) budgets(f *factors, kind string) []Budget {
	account := h.kept.account
	list := []Budget{{Key: f.name("factor", account), Limit: 10, Window: 15 * time.Minute}}
	if h.held != nil {
		list = append(list, Budget{Key: f.name("step", h.mark()), Limit: 5, Window: 2 * pendingLife})
	}
	if kind == recovery {
		list = append(list, Budget{Key: f.name("recovery", account), Limit: 5, Window: time.Hour})
	}
	return list
}

// again is what a session says has been proven before.
func (h *holder) again(now time.Time) *proof {
	return &proof{
		account: h.account, base: h.token, at: now,
		methods: h.token.Methods, factors: h.token.Factors,
	}
}
