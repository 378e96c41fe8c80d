package ostiary

import "errors"

// prove says what has been proven: the account, by which methods, and when. The
// gate takes nothing else, so whatever makes a session has come past here. It is
// here that the factor policy decides: there is no proof as long as it wants
// more.
func (a *attempt) prove() (*proof, verdict, bool) {
	p, f := a.first(), a.s.factors
	if f == nil {
		return p, verdict{}, false
	}
	k, err := a.s.loadKept(a.ctx, p.account.String())
	if err != nil {
		return nil, a.unavailable(err), true
	}
	p.epoch = k.epoch
	rule := f.rule(p.provider, p.user, p.account)
	n := f.need(rule, k, nil)
	if len(n.ask) > 0 {
		switch good, no := a.inForm(p, k, n); {
		case no != nil:
			return nil, *no, true
		case good: // which may be the way to one that counts
			n = f.need(rule, k, p.factors)
		case a.remembered(k, n):
			return p, verdict{}, false
		}
	}
	switch {
	case n.nothing():
		return p, verdict{}, false
	case n.none:
		a.outcome.refusal = &Refusal{Code: codeMissing, Cause: errNoKind}
		return nil, a.outcome.refusal.verdict(), true
	}
	v, err := a.hold(p, k)
	if err != nil {
		return nil, a.unavailable(err), true
	}
	return nil, v, true
}

var errNoKind = errors.New("the account needs a factor that it does not have and can't enrol")

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
