package ostiary

import (
	"errors"
	"slices"

	"github.com/ostiary/ostiary/form"
)

// inForm proves a factor with what stood in the provider's own form, if there was
// something: a field of type totp or yubikey, or a code behind the password. A
// wrong one is answered like a wrong password. Done says that the proof is good;
// a verdict, that it is not.
func (a *attempt) inForm(p *proof, k *kept, n need) (done bool, no *verdict) {
	kind, typed := a.typedProof()
	if kind == nil || !slices.Contains(n.ask, kind.Kind()) {
		return false, nil
	}
	begun := a.provider.second.begin()
	v, good := a.proveTyped(kind, typed, p, k)
	begun.end(a.ctx, !good)
	if !good {
		return false, &v
	}
	return true, nil
}

// typedProof is the proof that the form came with.
func (a *attempt) typedProof() (*factorKind, string) {
	for _, in := range a.provider.proofs {
		if typed := a.values.Get(in.Name); typed != "" && a.step == nil {
			return a.s.factors.byID[in.Factor], typed
		}
	}
	if a.appended != "" {
		return a.s.factors.byID["totp"], a.appended
	}
	return nil, ""
}

func (a *attempt) proveTyped(kind *factorKind, typed string, p *proof, k *kept) (verdict, bool) {
	values, err := kind.form.Parse(map[string][]string{kind.form.Inputs()[0].Name: {typed}})
	if err != nil {
		return a.asWrong(err), false
	}
	one := &attempt{exchange: a.exchange, provider: kind.provider, factor: kind, values: values, account: p.account}
	s := &second{attempt: one, kind: kind, whose: &holder{account: p.account, person: personOf(p.account, p.user), kept: k}}
	budgets := s.whose.budgets(a.s.factors, kind.Kind())
	if v, stop := s.admit(a.ctx, budgets); stop {
		if v.kind == kindThrottled && a.mustType(kind) { // to be told would tell that the password is right (IDN-5)
			return a.asWrong(one.outcome.refusal), false
		}
		a.outcome = outcome{user: a.outcome.user, refusal: one.outcome.refusal, unavailable: one.outcome.unavailable}
		return v, false
	}
	verified, _ := s.verify(a.ctx, Answer{Person: s.whose.person, Enrolled: k.of(kind.Kind())})
	if verified != nil {
		err = s.use(a.ctx, verified, budgets, Change{})
	}
	switch {
	case one.outcome.unavailable != nil:
		return a.unavailable(one.outcome.unavailable), false
	case verified == nil:
		return a.asWrong(one.outcome.refusal), false
	case errors.Is(err, ErrConflict):
		return a.asWrong(err), false
	case err != nil:
		return a.unavailable(err), false
	}
	p.add(a.s.now(), verified.Methods, kind.Kind())
	return verdict{}, true
}

// mustType reports whether nobody gets past the form without a proof of the kind.
// Where they do, leaving it empty tells whether the password is right anyway.
func (a *attempt) mustType(kind *factorKind) bool {
	return slices.ContainsFunc(a.provider.proofs, func(in form.Input) bool { return in.Required && in.Factor == kind.Kind() })
}

// asWrong is the plain refusal.
func (a *attempt) asWrong(cause error) verdict {
	a.outcome.refusal = &Refusal{Cause: cause}
	return a.outcome.refusal.verdict()
}

// paceTyped holds a refusal of the user system back as long as the proof of a
// factor takes, if there was one to be proven: a right password with a wrong code
// must not be told from a wrong password.
func (a *attempt) paceTyped() {
	if a.s.factors == nil {
		return
	}
	if kind, _ := a.typedProof(); kind != nil {
		a.provider.second.begin().end(a.ctx, true)
	}
}

// given is what the authorizer gets: no proofs of factors, and no code behind the
// password.
func (a *attempt) given() form.Values {
	v := a.values
	if a.step != nil || a.s.factors == nil {
		return v
	}
	for _, in := range a.provider.proofs {
		v = v.Without(in.Name)
	}
	if a.provider.AppendedTOTP {
		for _, in := range a.provider.form.Inputs() {
			if in.Type != "password" {
				continue
			}
			if password, code := cutCode(v.Get(in.Name)); code != "" {
				a.appended = code
				v = v.With(in.Name, password)
			}
			break
		}
	}
	return v
}

// cutCode cuts six digits off the end of a password. Without them, or without
// anything before, all of it is the password.
func cutCode(password string) (rest, code string) {
	at := len(password) - 6
	if at <= 0 {
		return password, ""
	}
	for _, c := range []byte(password[at:]) {
		if c < '0' || c > '9' {
			return password, ""
		}
	}
	return password[:at], password[at:]
}
