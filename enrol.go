package ostiary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ostiary/ostiary/form"
)

// freshFor is how recent a proof must be for a change of factors (MFA-6).
const freshFor = 5 * time.Minute

// enrolLife is how long a begun enrolment waits for its confirmation (MFA-7).
const enrolLife = 10 * time.Minute

// begun is an enrolment that is not confirmed: a record on our side, bound to the
// pending sign-in or the session that began it.
type begun struct {
	Kind   string
	Mark   string // of the holder
	Invite string // the id of the invitation that it uses up
	Enrolling
}

// mostFactors is how many an account has; each is compared with what is typed.
const mostFactors = 20

// Reasons why somebody may not change factors now.
var (
	errNotFresh = errors.New("a fresh proof is needed first")
	errClosed   = errors.New("enrolment is closed; ask the operator")
	errNotNow   = errors.New("this factor can't be enrolled now")
	errMany     = errors.New("the account has as many factors as it may")
)

// mayChange reports whether a holder may change their factors: a session that was
// proven with a factor, or is fresh if there is none yet. A pending sign-in
// changes nothing but what it must (MFA-5).
func (x *exchange) mayChange(h *holder) error {
	if h.token == nil {
		return errNotNow
	}
	proven := h.token.AuthTime
	if len(h.kept.enrolled) > 0 {
		proven = h.token.FactorTime
	}
	if x.s.now().Sub(time.Unix(proven, 0)) > freshFor {
		return errNotFresh
	}
	return nil
}

// mayEnrol reports whether a holder may begin to enrol a factor of the kind.
func (x *exchange) mayEnrol(h *holder, kind string) error {
	f := x.s.factors
	switch {
	case f.byID[kind] == nil, f.Enrolment == EnrolClosed, f.byID[kind].importOnly():
		return errClosed
	case len(h.kept.enrolled) >= mostFactors && kind != recovery:
		return errMany
	}
	if h.held != nil {
		n := h.held.need(f)
		if !n.enrol || !n.rule.allows(kind) || kind == recovery {
			return errNotNow
		}
		return nil
	}
	if kind == recovery && !h.kept.real(FactorRule{}) {
		return errNotNow
	}
	return x.mayChange(h)
}

// needsInvite reports whether the holder has to show an invitation: for the first
// factor, where the operator wants so.
func (f *factors) needsInvite(h *holder) bool {
	return f.Enrolment == EnrolInvite && !h.kept.real(FactorRule{})
}

// beginEnrolment starts to enrol a factor. What was begun before is replaced.
func (x *exchange) beginEnrolment(ctx context.Context, h *holder, kind, code string) error {
	f := x.s.factors
	if err := x.mayEnrol(h, kind); err != nil {
		return err
	}
	b := begun{Kind: kind, Mark: h.mark()}
	if f.needsInvite(h) {
		var err error
		if b.Invite, err = x.invitation(ctx, h, code); err != nil {
			return err
		}
	}
	e, err := f.byID[kind].Begin(ctx, h.person, h.kept.of(kind))
	if err != nil {
		return err
	}
	b.Enrolling = *e
	r, err := f.seal(h.kept.account, enrollingKind, rand.Text(), b)
	if err != nil {
		return err
	}
	now := x.s.now()
	r.Created, r.Expires = seconds(now), seconds(now.Add(enrolLife))
	return f.Store.Change(ctx, h.kept.account, Change{Add: []Record{r}, Remove: h.kept.all(enrollingKind)})
}

var errInvite = errors.New("the invitation code is wrong, used or too old")

// invitation returns the id of the invitation that a code is of.
func (x *exchange) invitation(ctx context.Context, h *holder, code string) (string, error) {
	f := x.s.factors
	wait, err := f.Store.Spend(ctx, Budget{Key: f.name("invite", h.kept.account), Limit: 5, Window: time.Hour})
	switch {
	case err != nil:
		return "", err
	case wait > 0:
		return "", &Refusal{Code: "throttled", RetryAfter: wait}
	}
	sum := sha256.Sum256([]byte(plainInvite(code)))
	for _, r := range h.kept.all(inviteKind) {
		var hash []byte
		if f.open(r, &hash) == nil && subtle.ConstantTimeCompare(hash, sum[:]) == 1 {
			return r.ID, nil
		}
	}
	return "", errInvite
}

// plainInvite takes out what people put between the groups of a code.
func plainInvite(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// current returns the enrolment that a holder has begun. It is nil when there is
// none that is still good.
func (f *factors) current(h *holder) (*begun, Record) {
	for _, r := range slices.Backward(h.kept.all(enrollingKind)) {
		b := new(begun)
		if f.open(r, b) == nil && b.Mark == h.mark() && f.byID[b.Kind] != nil {
			return b, r
		}
	}
	return nil, Record{}
}

// confirm finishes an enrolment: judged by the factor, stored with everything
// that ends by it in one step. At its end the person is in, or in again: with a
// new session either way (SES-1).
func (s *second) confirm(ctx context.Context, b *begun, r Record) verdict {
	f, h := s.s.factors, s.whose
	if err := s.s.mayConfirm(s.exchange, h, b.Kind); err != nil {
		return s.refuse(codeOf(err), err)
	}
	compiled, err := form.Compile(b.Form)
	if err != nil {
		return s.unavailable(err)
	}
	if s.values, err = compiled.Parse(s.body.without("enrolment", "name")); err != nil {
		errors.As(err, &s.problems)
		return verdict{kind: kindInvalid, code: form.CodeBadValue}
	}
	budgets := []Budget{{Key: f.name("enrol", h.kept.account), Limit: 10, Window: 15 * time.Minute}}
	if v, stop := s.admit(ctx, budgets); stop {
		return v
	}
	s.state = b.State
	e, v := s.finishEnrolment(ctx)
	if e == nil {
		return v
	}
	e.Kind, e.Name = b.Kind, or(s.body.one("name"), e.Name)
	c := Change{Remove: []Record{r}, Refund: []string{budgets[0].Key}}
	if b.Invite != "" {
		c.Remove = append(c.Remove, Record{ID: b.Invite})
	}
	return s.enrol(ctx, c, *e)
}

// mayConfirm is mayEnrol without the wish for a fresh proof, which was there when
// the enrolment began.
func (s *Service) mayConfirm(x *exchange, h *holder, kind string) error {
	if err := x.mayEnrol(h, kind); err != nil && !errors.Is(err, errNotFresh) {
		return err
	}
	return nil
}

// finishEnrolment asks the factor whether the answer confirms it.
func (s *second) finishEnrolment(ctx context.Context) (e *Enrolment, no verdict) {
	h := s.whose
	a := Answer{Person: h.person, Enrolled: h.kept.of(s.kind.Kind()), Values: s.values, State: s.state, Now: s.s.now()}
	err := s.guard(ctx, func() (err error) { e, err = s.kind.Finish(ctx, a); return err })
	if err != nil {
		return nil, s.judge(true, err)
	}
	return e, s.judge(e == nil, nil)
}

// register is an enrolment by a script alone, as the clients do it (contract,
// section 11): the challenge is in a cookie, and nothing was begun here.
func (s *second) register(ctx context.Context) verdict {
	h := s.whose
	if h == nil {
		return s.refuse(codeExpired, errors.New("nobody is signed in whose key it could be"))
	}
	s.account = h.account
	if err := s.s.mayConfirm(s.exchange, h, s.kind.Kind()); err != nil {
		return s.refuse(codeOf(err), err)
	}
	if s.s.factors.needsInvite(h) {
		return s.refuse(codeInvite, errInvite)
	}
	if v, stop := s.question(ctx, "create", h.account.String(), h.mark()); stop {
		return v
	}
	e, v := s.finishEnrolment(ctx)
	if e == nil {
		return v
	}
	e.Kind = s.kind.Kind()
	return s.enrol(ctx, Change{}, *e)
}

// enrol stores a new factor.
func (s *second) enrol(ctx context.Context, c Change, e Enrolment) verdict {
	f, h := s.s.factors, s.whose
	now := s.s.now()
	e.ID, e.Name, e.Created, e.Used = rand.Text(), cleanName(e.Name), seconds(now), time.Time{}
	r, err := f.sealEnrolment(h.kept.account, e)
	if err != nil {
		return s.unavailable(err)
	}
	c.Factors, c.Add = h.kept.ids(), []Record{r}
	c.Remove = append(c.Remove, s.replaced(e.Kind)...)
	if h.held != nil {
		h.held.Factors = append(h.held.Factors, e.Kind)
		c.Remove = append(c.Remove, h.held.record)
	}
	switch err := f.Store.Change(ctx, h.kept.account, c); {
	case errors.Is(err, ErrKeyTaken):
		return s.refuse(codeTaken, err)
	case errors.Is(err, ErrConflict):
		return s.refuse(codeConflict, err)
	case err != nil:
		return s.unavailable(fmt.Errorf("storing the factor: %w", err))
	}
	s.tell(h.account, e, "enrolled", "")
	if h.held != nil {
		return s.letIn(h.held.complete(now, nil))
	}
	p := h.again(time.Unix(h.token.AuthTime, 0)) // who it is has not been proven again
	if e.Kind != recovery {
		p.add(now, nil, e.Kind)
	}
	return s.letIn(p)
}

// replaced are the records that a new factor takes the place of: old recovery
// codes (REC-2), and the operator's demand to enrol.
func (s *second) replaced(kind string) []Record {
	k := s.whose.kept
	var gone []Record
	if kind == recovery {
		for _, r := range k.all(recovery) {
			gone = append(gone, Record{ID: r.ID})
		}
		return gone
	}
	for _, r := range k.all(ruleKind) {
		gone = append(gone, Record{ID: r.ID})
	}
	return gone
}

// Codes of the self-service page.
const (
	codeTaken    = "key_taken"
	codeConflict = "conflict"
	codeInvite   = "invite_wrong"
	codeFresh    = "fresh_proof"
	codeLast     = "last_factor"
	codeNoEnrol  = "enrolment_expired"
	codeMany     = "too_many_factors"
)

// codeOf names the reason why a change is not made.
func codeOf(err error) string {
	switch {
	case errors.Is(err, errNotFresh):
		return codeFresh
	case errors.Is(err, errInvite):
		return codeInvite
	case errors.Is(err, errClosed):
		return codeMissing
	case errors.Is(err, errLast):
		return codeLast
	case errors.Is(err, errMany):
		return codeMany
	case errors.Is(err, ErrConflict):
		return codeConflict
	}
	return codeNoEnrol
}

var errLast = errors.New("the last factor can't be removed while one is required")

// removeFactor takes a factor away. With the last real one go the recovery codes; one
// that is required stays (MFA-9).
func (x *exchange) removeFactor(ctx context.Context, h *holder, id string) (Enrolment, error) {
	if err := x.mayChange(h); err != nil {
		return Enrolment{}, err
	}
	i := slices.IndexFunc(h.kept.enrolled, func(e Enrolment) bool { return e.ID == id })
	if i < 0 {
		return Enrolment{}, ErrConflict
	}
	e := h.kept.enrolled[i]
	left := &kept{enrolled: slices.Delete(slices.Clone(h.kept.enrolled), i, i+1)}
	c := Change{Factors: h.kept.ids(), Remove: []Record{{ID: id}}}
	if e.Kind != recovery {
		if h.rule.Policy == FactorsRequired && !left.real(h.rule) {
			return e, errLast
		}
		if !left.real(FactorRule{}) {
			for _, r := range left.of(recovery) {
				c.Remove = append(c.Remove, Record{ID: r.ID})
			}
		}
	}
	for _, r := range h.kept.all(deviceKind) {
		c.Remove = append(c.Remove, Record{ID: r.ID})
	}
	if err := x.s.turnEpoch(ctx, h.kept, c); err != nil {
		return e, err
	}
	x.tell(h.account, e, "removed", "")
	if err := x.s.endEpoch(ctx, h.kept.account, h.kept.epoch); err != nil {
		return e, err
	}
	h.kept.epoch++
	return e, nil
}

// removed takes a factor away, and ends every session of the account but this one,
// which goes on under another name (SES-6).
func (s *second) removed(ctx context.Context, id string) verdict {
	_, err := s.removeFactor(ctx, s.whose, id)
	switch {
	case isMistake(err):
		return s.refuse(codeOf(err), err)
	case err != nil:
		return s.unavailable(err)
	}
	return s.letIn(s.whose.again(time.Unix(s.whose.token.AuthTime, 0)))
}

// renameFactor gives a factor another name.
func (x *exchange) renameFactor(ctx context.Context, h *holder, id, name string) error {
	if err := x.mayChange(h); err != nil {
		return err
	}
	for _, e := range h.kept.enrolled {
		if e.ID != id {
			continue
		}
		e.Name = cleanName(name)
		r, err := x.s.factors.sealEnrolment(h.kept.account, e)
		if err != nil {
			return err
		}
		if err := x.s.factors.Store.Change(ctx, h.kept.account, Change{Update: []Record{r}}); err != nil {
			return err
		}
		x.tell(h.account, e, "renamed", "")
		return nil
	}
	return ErrConflict
}

// cleanName is what is kept of the name that a person gives a factor: nothing that
// is not to be seen, and at most 64 bytes (PAG-6).
func cleanName(name string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	return clip(strings.TrimSpace(visible), 64)
}

// forgetDevice ends that a browser is not asked.
func (x *exchange) forgetDevice(ctx context.Context, h *holder, id string) error {
	if h.token == nil {
		return errNotNow
	}
	r, ok := h.kept.find(deviceKind, id)
	if !ok {
		return nil // it is gone already
	}
	if err := x.s.factors.Store.Change(ctx, h.kept.account, Change{Remove: []Record{{ID: r.ID}}}); err != nil {
		return err
	}
	var d device
	_ = x.s.factors.open(r, &d) // one that does not open has no name
	x.tell(h.account, Enrolment{Kind: deviceKind, Name: d.Name, Left: -1}, "forgotten", "")
	return nil
}
