package ostiary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/internal/account"
)

// FactorAdmin is what an operator does with the factors of others. Whoever may
// call it decides about every account: it belongs on a command line, or behind
// credentials of its own. It is safe for concurrent use.
type FactorAdmin struct{ s *Service }

// Errors of FactorAdmin.
var (
	// ErrNoFactors says that the service has no factors configured.
	ErrNoFactors = errors.New("no second factors are configured")
	// ErrEnrolled says that the account has the factor already.
	ErrEnrolled = errors.New("the account has it already")
	// ErrAccount says that a text is not an account: "realm:user id".
	ErrAccount = errors.New(`not an account; write it as "realm:user id"`)
)

// FactorAdmin returns the operator's hand on the factors.
func (s *Service) FactorAdmin() *FactorAdmin { return &FactorAdmin{s} }

func (a *FactorAdmin) load(ctx context.Context, name string) (*factors, *kept, error) {
	if a.s.factors == nil {
		return nil, nil, ErrNoFactors
	}
	if _, _, err := account.Split(name); err != nil {
		return nil, nil, fmt.Errorf("%q: %w", name, ErrAccount)
	}
	k, err := a.s.factors.load(ctx, name)
	return a.s.factors, k, err
}

// List returns what an account has enrolled, without the secrets of it. Kind
// ".device" are the browsers that are not asked.
func (a *FactorAdmin) List(ctx context.Context, account string) ([]Enrolment, error) {
	f, k, err := a.load(ctx, account)
	if err != nil {
		return nil, err
	}
	list := k.enrolled
	for i := range list {
		list[i].Data = nil
	}
	for _, r := range k.all(deviceKind) {
		var d device
		if f.open(r, &d) == nil {
			list = append(list, Enrolment{ID: r.ID, Kind: deviceKind, Name: d.Name, Left: -1, Created: r.Created, Used: r.Used})
		}
	}
	return list, nil
}

// Accounts calls f for every account of which something is kept, in byte order,
// until f returns an error, which it returns.
func (a *FactorAdmin) Accounts(ctx context.Context, f func(account string) error) error {
	if a.s.factors == nil {
		return ErrNoFactors
	}
	for last := ""; ; {
		page, err := a.s.factors.Store.Accounts(ctx, last, 500)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, name := range page {
			if err := f(name); err != nil {
				return err
			}
		}
		last = page[len(page)-1]
	}
}

// Reset removes every factor of an account, every remembered device and every
// sign-in that is under way, ends its sessions, and returns how many factors there
// were. With mustEnrol the account can't be entered before a factor is enrolled
// again, whatever the policy says (MFA-9).
func (a *FactorAdmin) Reset(ctx context.Context, account string, mustEnrol bool) (n int, err error) {
	for range 10 { // as often as somebody else changes the account meanwhile
		if n, err = a.reset(ctx, account, mustEnrol); !errors.Is(err, ErrConflict) {
			break
		}
	}
	return n, err
}

func (a *FactorAdmin) reset(ctx context.Context, account string, mustEnrol bool) (int, error) {
	f, k, err := a.loadAny(ctx, account)
	if err != nil {
		return 0, err
	}
	c := Change{Factors: []string{}}
	for _, r := range k.records {
		switch {
		case r.Kind == epochKind:
			k.epoch, k.turned = r.Version, r.Used
			continue
		case !strings.HasPrefix(r.Kind, "."):
			c.Factors = append(c.Factors, r.ID)
		}
		c.Remove = append(c.Remove, Record{ID: r.ID})
	}
	if err := a.s.mendEpoch(ctx, k); err != nil {
		return 0, err
	}
	if mustEnrol {
		r, err := f.seal(account, ruleKind, rand.Text(), true)
		if err != nil {
			return 0, err
		}
		r.Created = seconds(a.s.now())
		c.Add = append(c.Add, r)
	}
	if err := a.s.turnEpoch(ctx, k, c); err != nil {
		return 0, err
	}
	a.tell(ctx, account, "", "reset", map[bool]string{true: "a factor must be enrolled at the next sign-in"}[mustEnrol])
	return len(c.Factors), a.s.endEpoch(ctx, account, k.epoch)
}

// loadAny is load for records that need not open.
func (a *FactorAdmin) loadAny(ctx context.Context, name string) (*factors, *kept, error) {
	if a.s.factors == nil {
		return nil, nil, ErrNoFactors
	}
	if _, _, err := account.Split(name); err != nil {
		return nil, nil, fmt.Errorf("%q: %w", name, ErrAccount)
	}
	records, err := a.s.factors.Store.Records(ctx, name)
	return a.s.factors, &kept{account: name, records: records}, err
}

func (a *FactorAdmin) tell(ctx context.Context, name, kind, what, note string) {
	realm, id, _ := account.Split(name)
	a.s.tellFactor(ctx, FactorEvent{Account: Account{realm, id}, Kind: kind, What: what, Left: -1, Note: note})
}

// Import gives an account a factor that another system has issued. The text is in
// the notation of the factor's package. It replaces nothing: the error is
// ErrEnrolled for what the account has, and ErrKeyTaken for what somebody else has.
func (a *FactorAdmin) Import(ctx context.Context, account, kind, text string) (Enrolment, error) {
	f, k, err := a.load(ctx, account)
	if err != nil {
		return Enrolment{}, err
	}
	if f.byID[kind] == nil {
		return Enrolment{}, fmt.Errorf("no factor is called %q", kind)
	}
	importer, ok := f.byID[kind].Factor.(Importer)
	if !ok {
		return Enrolment{}, fmt.Errorf("factors of kind %q can't be imported", kind)
	}
	e, err := importer.Import(text)
	if err != nil {
		return Enrolment{}, err
	}
	if slices.ContainsFunc(k.of(kind), func(old Enrolment) bool { return importer.Same(old, *e) }) {
		return Enrolment{}, ErrEnrolled
	}
	e.ID, e.Kind, e.Name, e.Created = rand.Text(), kind, cleanName(e.Name), seconds(a.s.now())
	r, err := f.sealEnrolment(account, *e)
	if err != nil {
		return Enrolment{}, err
	}
	c := Change{Factors: k.ids(), Add: []Record{r}}
	for _, old := range append(k.all(ruleKind), k.all(deviceKind)...) {
		c.Remove = append(c.Remove, Record{ID: old.ID})
	}
	if err := f.Store.Change(ctx, account, c); err != nil {
		return Enrolment{}, err
	}
	a.tell(ctx, account, kind, "imported", "")
	e.Data = nil
	return *e, nil
}

// Invite returns a code with which the account may enrol its first factor, once
// and within the given time; zero means seven days. Earlier codes end.
func (a *FactorAdmin) Invite(ctx context.Context, account string, life time.Duration) (code string, err error) {
	f, k, err := a.load(ctx, account)
	if err != nil {
		return "", err
	}
	code = rand.Text()[:16] // 80 bits
	sum := sha256.Sum256([]byte(code))
	r, err := f.seal(account, inviteKind, rand.Text(), sum[:])
	if err != nil {
		return "", err
	}
	now := a.s.now()
	r.Created, r.Expires = seconds(now), seconds(now.Add(orDuration(life, 7*24*time.Hour)))
	c := Change{Add: []Record{r}}
	for _, old := range k.all(inviteKind) {
		c.Remove = append(c.Remove, Record{ID: old.ID})
	}
	if err := f.Store.Change(ctx, account, c); err != nil {
		return "", err
	}
	a.tell(ctx, account, "", "invited", "")
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:], nil
}

// Reseal seals everything of an account with the first secret, so that an older
// one can be taken away, and returns how many records that were.
func (a *FactorAdmin) Reseal(ctx context.Context, account string) (int, error) {
	f, k, err := a.load(ctx, account)
	if err != nil {
		return 0, err
	}
	var c Change
	for _, r := range k.records {
		ad := bound(r.Account, r.Kind, r.ID)
		if r.Kind == epochKind { // nothing is sealed in it
			continue
		}
		plain, err := f.records.OpenBytes(r.Data, ad)
		if err == nil {
			r.Data, err = f.records.SealBytes(plain, ad)
		}
		if err != nil {
			return 0, fmt.Errorf("record %s of kind %s: %w", r.ID, r.Kind, err)
		}
		c.Update = append(c.Update, r)
	}
	return len(c.Update), f.Store.Change(ctx, account, c)
}
