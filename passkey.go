package ostiary

import (
	"context"
	"errors"
	"fmt"

	"github.com/ostiary/ostiary/internal/account"
)

// passkey is a sign-in by a passkey alone: the key says whose it is, the user
// system whether that person still may. Nothing of them is kept here.
func (s *second) passkey(ctx context.Context) verdict {
	f := s.s.factors
	if !f.Passkeys {
		return s.refuse(codeExpired, errors.New("passkeys are not offered"))
	}
	if v, stop := s.question(ctx, "get", "", ""); stop {
		return v
	}
	h, p, err := s.owner(ctx)
	switch {
	case errors.Is(err, ErrNoRecord), errors.Is(err, errGone):
		return s.refuse(codeUnknownKey, err)
	case err != nil:
		return s.unavailable(err)
	}
	s.whose, s.account = h, h.account
	verified, v := s.verify(ctx, Answer{Person: h.person, Enrolled: h.kept.of(s.kind.Kind()), Alone: true})
	if verified == nil {
		return v
	}
	user, err := s.s.lookup(ctx, p, h.account.UserID)
	if err == nil {
		err = checkUser(p.realm(), user)
	}
	if err != nil {
		return s.gone(err)
	}
	rule := f.rule(p, user, h.account)
	if !rule.allows(s.kind.Kind()) {
		return s.refuse(codeWrong, errors.New("the account's rule does not accept this factor"))
	}
	return s.settleAlone(ctx, verified, s.alone(p, user, verified.Methods))
}

// alone is what a passkey proves: who it is, and that the authenticator checked
// that it is them.
func (s *second) alone(from *provider, user *User, methods []string) *proof {
	p := &proof{provider: from, user: user, account: s.account, at: s.s.now(), epoch: s.whose.kept.epoch}
	p.add(p.at, methods, s.kind.Kind())
	return p
}

const codeUnknownKey = "key_not_known"

// owner finds whose key answered, and the provider that can look that person up.
func (s *second) owner(ctx context.Context) (*holder, *provider, error) {
	f := s.s.factors
	r, err := f.Store.RecordByKey(ctx, s.kind.scripted.KeyOf(s.values))
	if err != nil {
		return nil, nil, err
	}
	realm, userID, err := account.Split(r.Account)
	if err != nil {
		return nil, nil, fmt.Errorf("the owner of a key: %w", err)
	}
	for _, p := range s.s.providers {
		if p.realm() != realm || p.Lookup == nil {
			continue
		}
		k, err := s.s.loadKept(ctx, r.Account)
		if err != nil {
			return nil, nil, err
		}
		whose := Account{realm, userID}
		return &holder{account: whose, kept: k, person: Person{Account: whose}}, p, nil
	}
	return nil, nil, errGone
}

// settleAlone stores the use of the key, and lets its owner in.
func (s *second) settleAlone(ctx context.Context, v *Verified, p *proof) verdict {
	err := s.use(ctx, v, nil, Change{})
	switch {
	case errors.Is(err, ErrConflict):
		return s.refuse(codeSpent, err)
	case err != nil:
		return s.unavailable(err)
	}
	return s.letIn(p)
}
