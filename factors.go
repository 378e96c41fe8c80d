package ostiary

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/account"
	"github.com/ostiary/ostiary/internal/seal"
)

// Factors says which second proofs there are and who needs one. The zero value
// is none.
type Factors struct {
	// Kinds are the factors, in the order in which they are offered.
	Kinds []Factor
	// Policy is that of whoever no other rule is for. Empty means
	// FactorsOptional.
	Policy FactorPolicy
	// Groups has rules for the members of groups, by the group's name. Of several
	// groups the strictest policy counts, and the kinds that all of them accept,
	// those that are off apart. They go before the provider's rule.
	Groups map[string]FactorRule
	// Accounts has rules for single accounts, by Account.String. They go before
	// all others.
	Accounts map[string]FactorRule
	// Enrolment says who may enrol a first factor. Empty means EnrolSelf.
	Enrolment EnrolmentMode
	// RememberDevice is for how long a browser is not asked again, if its person
	// wishes so. Zero: it is always asked.
	RememberDevice time.Duration
	// Passkeys offers to sign in by a passkey alone, to accounts of providers
	// that have a Lookup. It needs a Scripted factor.
	Passkeys bool
	// Store keeps what is enrolled. Nil means Config.Store, which must be a
	// FactorStore then.
	Store FactorStore
}

// FactorPolicy says whether a second factor is needed.
type FactorPolicy string

// The policies.
const (
	// FactorsOff asks for no second factor, not even an enrolled one.
	FactorsOff FactorPolicy = "off"
	// FactorsOptional asks whoever has enrolled one.
	FactorsOptional FactorPolicy = "optional"
	// FactorsRequired lets nobody in without one.
	FactorsRequired FactorPolicy = "required"
)

// EnrolmentMode says who may enrol the first factor of an account. Whoever has
// one adds others by proving it, except when it is EnrolClosed.
type EnrolmentMode string

// The modes of enrolment.
const (
	// EnrolSelf lets people enrol within five minutes of a sign-in: also somebody
	// who knows the password and is faster than its owner (MFA-8).
	EnrolSelf EnrolmentMode = "self"
	// EnrolInvite demands a one-time code from the operator in addition.
	EnrolInvite EnrolmentMode = "invite"
	// EnrolClosed leaves all enrolment to the operator.
	EnrolClosed EnrolmentMode = "closed"
)

// FactorRule is a policy, and which factors satisfy it. The zero rule says
// nothing and leaves it to the next one.
type FactorRule struct {
	Policy FactorPolicy
	// Kinds are the factors that count; nil means all. Others are neither
	// offered nor accepted (MFA-12), except to prove oneself on the way to the
	// first of these.
	Kinds []string
}

func (r FactorRule) allows(kind string) bool { return r.Kinds == nil || slices.Contains(r.Kinds, kind) }

var strictness = map[FactorPolicy]int{FactorsOff: 1, FactorsOptional: 2, FactorsRequired: 3}

// recovery is the kind of recovery codes: a stand-in for factors, and none by
// itself.
const recovery = "recovery"

// factors is Factors made ready. A service without any has none.
type factors struct {
	Factors
	kinds  []*factorKind
	byID   map[string]*factorKind
	script *factorKind // the first Scripted one, for passkeys

	records   *seal.Box // what is stored
	pending   *seal.Box // the cookie of a sign-in that waits for its factor
	challenge *seal.Box // the cookie of a question to a script
	names     []byte    // the key of budgets' names (THR-10)
}

// factorKind is a Factor made ready.
type factorKind struct {
	Factor
	scripted Scripted // nil unless it is one
	form     *form.Compiled
	provider *provider // stands for it where a provider has a name
}

func (k *factorKind) importOnly() bool {
	only, ok := k.Factor.(ImportOnly)
	return ok && only.ImportOnly()
}

var factorID = regexp.MustCompile(`^[a-z0-9]{1,32}$`)

func (s *Service) setFactors() error {
	c := &s.config.Factors
	if len(c.Kinds) == 0 {
		return s.withoutFactors()
	}
	f := &factors{Factors: *c, byID: make(map[string]*factorKind)}
	f.Policy = FactorPolicy(or(string(f.Policy), string(FactorsOptional)))
	f.Enrolment = EnrolmentMode(or(string(f.Enrolment), string(EnrolSelf)))
	errs := []error{f.setStore(s.config.Store), f.setKeys(s.config.Secrets), f.checkRules(s)}
	for _, kind := range c.Kinds {
		errs = append(errs, f.add(s, kind))
	}
	errs = append(errs, s.checkProofs(f))
	if f.Passkeys && f.script == nil {
		errs = append(errs, errors.New("Factors.Passkeys: none of Kinds is webauthn"))
	}
	if f.RememberDevice < 0 || f.RememberDevice > 365*24*time.Hour {
		errs = append(errs, errors.New("Factors.RememberDevice: from 0 to 365 days"))
	}
	s.factors = f
	if f.Passkeys && f.script != nil {
		p := &provider{Provider: &Provider{ID: passkeyID, Name: factorName(passkeyID)}, signInURL: s.root + "/signin/" + passkeyID, callbackURL: s.root + "/callback/" + passkeyID}
		s.providerList = slices.Concat(s.providerList[:len(s.providerList)-1], []byte{','}, listProviders([]*provider{p}, s.typeOf(f.script))[1:])
	}
	return errors.Join(errs...)
}

// withoutFactors refuses whatever would rely on factors where there are none.
func (s *Service) withoutFactors() error {
	c := s.config.Factors
	var errs []error
	if c.Policy == FactorsRequired || c.Passkeys || len(c.Groups)+len(c.Accounts) > 0 {
		errs = append(errs, errors.New("Factors.Kinds: none; name the factors that can be enrolled"))
	}
	errs = append(errs, s.checkProofs(nil))
	for _, p := range s.config.Providers {
		if p.Factors.Policy != "" && p.Factors.Policy != FactorsOff || p.Factors.Kinds != nil {
			errs = append(errs, fmt.Errorf("provider %q: Factors: none can be enrolled; Config.Factors names no kinds", p.id()))
		}
	}
	return errors.Join(errs...)
}

// checkProofs makes sure that what a form asks for can be judged.
func (s *Service) checkProofs(f *factors) error {
	var errs []error
	missing := func(kind string) bool { return f == nil || f.byID[kind] == nil }
	for _, p := range s.providers {
		for _, in := range p.proofs {
			if missing(in.Factor) {
				errs = append(errs, fmt.Errorf("provider %q: Form: field %q is of type %s, and Factors.Kinds has no such factor", p.id(), in.Name, in.Factor))
			}
		}
		if p.AppendedTOTP && missing("totp") {
			errs = append(errs, fmt.Errorf("provider %q: AppendedTOTP: Factors.Kinds has no totp", p.id()))
		}
	}
	return errors.Join(errs...)
}

func (f *factors) setStore(shared Store) error {
	if f.Store == nil {
		f.Store, _ = shared.(FactorStore)
	}
	if f.Store == nil {
		return errors.New("Factors.Store: missing; open one of package store/sqlite or store/postgres, which keep factors")
	}
	return nil
}

func (f *factors) setKeys(secrets []string) (err error) {
	if len(secrets) == 0 {
		return nil // reported with the session keys
	}
	var errs [4]error
	f.records, errs[0] = seal.New(secrets, "factor")
	f.pending, errs[1] = seal.New(secrets, "second factor")
	f.challenge, errs[2] = seal.New(secrets, "challenge")
	f.names, errs[3] = hkdf.Key(sha256.New, []byte(secrets[0]), []byte("ostiary budgets"), "Ostiary names of budgets", 32)
	return errors.Join(errs[:]...)
}

func (f *factors) checkRules(s *Service) error {
	var errs []error
	check := func(where string, r FactorRule) {
		if _, known := strictness[r.Policy]; !known && r.Policy != "" {
			errs = append(errs, fmt.Errorf("%s: %q is none of off, optional and required", where, r.Policy))
		}
		for _, kind := range r.Kinds {
			if !slices.ContainsFunc(f.Factors.Kinds, func(k Factor) bool { return k.Kind() == kind }) {
				errs = append(errs, fmt.Errorf("%s: no factor is called %q", where, kind))
			}
		}
	}
	check("Factors.Policy", FactorRule{Policy: f.Policy})
	for name, r := range f.Groups {
		check(fmt.Sprintf("Factors.Groups[%q]", name), r)
	}
	for name, r := range f.Accounts {
		where := fmt.Sprintf("Factors.Accounts[%q]", name)
		check(where, r)
		realm, _, err := account.Split(name)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", where, ErrAccount))
		case !slices.ContainsFunc(s.providers, func(p *provider) bool { return p.realm() == realm }):
			errs = append(errs, fmt.Errorf("%s: no provider has the realm %q; there is %s", where, realm, s.realms()))
		}
	}
	for _, p := range s.config.Providers {
		check(fmt.Sprintf("provider %q: Factors", p.id()), p.Factors)
	}
	if !slices.Contains([]EnrolmentMode{EnrolSelf, EnrolInvite, EnrolClosed}, f.Enrolment) {
		errs = append(errs, fmt.Errorf("Factors.Enrolment: %q is none of self, invite and closed", f.Enrolment))
	}
	return errors.Join(errs...)
}

// add makes one factor ready. Its form gets what belongs to the step rather than
// to the factor.
func (f *factors) add(s *Service, kind Factor) error {
	id := kind.Kind()
	switch {
	case !factorID.MatchString(id):
		return fmt.Errorf("Factors.Kinds: %q is no name; use lower-case letters and digits", id)
	case f.byID[id] != nil:
		return fmt.Errorf("Factors.Kinds: %q is there twice", id)
	case s.byID[id] != nil, id == passkeyID, s.byID[passkeyID] != nil && f.Passkeys:
		return fmt.Errorf("Factors.Kinds: %q is the id of a provider, too; rename that one", id)
	}
	k := &factorKind{Factor: kind}
	k.scripted, _ = kind.(Scripted)
	declared := slices.Clone(kind.Form())
	if k.scripted != nil {
		declared = append(declared, form.Field{Name: "action", Type: "hidden"})
		if f.script == nil {
			f.script = k
		}
	}
	if f.RememberDevice > 0 {
		declared = append(declared, form.Field{Name: rememberField, Type: "checkbox"})
	}
	var err error
	if k.form, err = form.Compile(declared); err != nil {
		return fmt.Errorf("Factors.Kinds: %q: %w", id, err)
	}
	k.provider = &provider{Provider: &Provider{ID: id, Name: factorName(id)}, form: k.form, callbackURL: s.root + "/callback/" + id, signInURL: s.root + "/signin/" + id}
	f.kinds, f.byID[id] = append(f.kinds, k), k
	return nil
}

// passkeyID is the provider by which people sign in with a passkey alone.
const passkeyID = "passkey"

const rememberField = "remember_device"

// factorName is what a client is told that a factor is called.
func factorName(kind string) string {
	names := map[string]string{
		"totp": "Authenticator app", "webauthn": "Security key", "yubikey": "YubiKey", recovery: "Recovery code", passkeyID: "Passkey",
	}
	return or(names[kind], kind)
}

// realms names those of all providers.
func (s *Service) realms() string {
	var names []string
	for _, p := range s.providers {
		if name := strconv.Quote(p.realm()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// rule is the one that is for a user: of the account, else of the groups together,
// else of the provider, else of all.
func (f *factors) rule(p *provider, user *User, whose Account) FactorRule {
	if r, ok := f.Accounts[whose.String()]; ok {
		return f.filled(r)
	}
	var found FactorRule
	for _, group := range user.Groups {
		if r, ok := f.Groups[group]; ok {
			found = stricter(found, f.filled(r))
		}
	}
	if found.Policy != "" {
		return found
	}
	return f.filled(p.Factors)
}

// stricter is what somebody must do for whom both rules are. The zero rule and one
// that is off say nothing of kinds.
func stricter(a, b FactorRule) FactorRule {
	if strictness[a.Policy] < strictness[b.Policy] {
		a, b = b, a
	}
	switch {
	case strictness[b.Policy] <= strictness[FactorsOff], b.Kinds == nil:
	case a.Kinds == nil:
		a.Kinds = b.Kinds
	default: // perhaps none: who is in both can't get in, rather than too easily
		a.Kinds = slices.DeleteFunc(slices.Clone(a.Kinds), func(kind string) bool { return !b.allows(kind) })
	}
	return a
}

func (f *factors) filled(r FactorRule) FactorRule {
	r.Policy = FactorPolicy(or(string(r.Policy), string(f.Policy)))
	return r
}

// name returns a key for a budget or mark that tells nobody what it is for and
// can't meet another one.
func (f *factors) name(purpose, of string) string {
	mac := hmac.New(sha256.New, f.names)
	fmt.Fprintf(mac, "%d:%s%s", len(purpose), purpose, of)
	return purpose + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
