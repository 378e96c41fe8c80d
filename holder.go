package ostiary

import (
	"context"
	"time"

	"github.com/ostiary/ostiary/session"
)

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
	k, err := x.s.loadKept(ctx, account.String())
	if err != nil {
		return nil, err
	}
	if t.Epoch != k.epoch { // ended this moment (SES-6)
		return nil, nil
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

// provider is the one that the holder came in by.
func (h *holder) provider(s *Service) *provider {
	if h.held != nil {
		return h.held.provider
	}
	return s.byID[h.token.Provider]
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
		account: h.account, base: h.token, at: now, epoch: h.kept.epoch,
		methods: h.token.Methods, factors: h.token.Factors,
	}
}
