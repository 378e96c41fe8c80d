package ostiary

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ostiary/ostiary/form"
)

// pendingSignIn is what is held between two steps: sealed in a cookie under a
// key of its own, so that no reader of sessions can take it for one (I5),
// bound to the browser's CSRF pair, short-lived, and accepted once.
type pendingSignIn struct {
	ID       string
	Provider string
	Form     form.Form
	State    []byte `json:",omitempty"`
	Code     string `json:",omitempty"`
	Title    string `json:",omitempty"`
	Sentence string `json:",omitempty"`
	Remember bool   `json:",omitempty"`
	Expires  int64  // Unix seconds

	provider *provider
	form     *form.Compiled
}

const pendingLife = 5 * time.Minute

// fits reports whether every submitted field is one of the step's form. The
// step and the provider's own form share an address; this tells them apart.
func (p *pendingSignIn) fits(fields map[string][]string) bool {
	known := make(map[string]bool, len(p.Form))
	for _, f := range p.Form {
		known[f.Name] = true
	}
	for name := range fields {
		if !known[name] {
			return false
		}
	}
	return true
}

// suspend makes the attempt a pending sign-in that waits for its next step.
func (a *attempt) suspend(next *NextStep) error {
	compiled, err := form.Compile(next.Form)
	if err != nil {
		return fmt.Errorf("form of the next step: %w", err)
	}
	if len(next.State) > maxStepState {
		return fmt.Errorf("state of the next step: %d bytes, at most %d are carried", len(next.State), maxStepState)
	}
	remember := a.provider.Remember != "" && a.values.Bool(a.provider.Remember)
	if a.step != nil {
		remember = a.step.Remember
	}
	p := &pendingSignIn{
		ID: rand.Text(), Provider: a.provider.id(), Form: next.Form, State: next.State, Code: next.code(),
		Title: clip(next.Title, maxSentence), Sentence: clip(next.Sentence, maxSentence),
		Remember: remember, Expires: a.s.now().Add(pendingLife).Unix(), provider: a.provider, form: compiled,
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("form of the next step: %w", err)
	}
	sealed, err := a.s.pending.Seal(plain, []byte(a.exchange.token))
	if err != nil {
		return err
	}
	if len(sealed) > maxCookieValue {
		return errors.New("form and state of the next step are too large for a cookie; declare fewer fields or keep the state on your side")
	}
	a.set(a.s.jar.pending.StringFor(sealed, pendingLife))
	if a.fresh != "" { // the step is bound to this pair, whatever else is sent
		a.set(a.s.jar.csrf.String(a.fresh))
		a.fresh = ""
	}
	a.step = p
	return nil
}

// Browsers keep 4096 bytes of a cookie; a sealed value leaves room for its name
// and attributes (COO-5).
const (
	maxCookie      = 4096
	maxCookieValue = 3900
)

// readPending opens the pending sign-in that the browser holds. It is nil when
// there is none that is still good; gone tells that there was one.
func (x *exchange) readPending() (p *pendingSignIn, gone bool) {
	sealed, ok := x.cookie(x.s.jar.pending.Name)
	if !ok {
		return nil, false
	}
	plain, err := x.s.pending.Open(sealed, []byte(x.token))
	if err != nil {
		return nil, true
	}
	p = new(pendingSignIn)
	if json.Unmarshal(plain, p) != nil || x.s.now().Unix() >= p.Expires {
		return nil, true
	}
	p.provider = x.s.byID[p.Provider]
	p.form, err = form.Compile(p.Form)
	if p.provider == nil || err != nil {
		return nil, true
	}
	return p, false
}

// takeStep uses the pending sign-in up, before anything is asked: of many
// submissions of one step, one is heard (I4).
func (a *attempt) takeStep(ctx context.Context) (first bool, err error) {
	if a.step == nil {
		return true, nil
	}
	a.spent = true
	first, err = a.s.config.Store.TakeOnce(ctx, "step:"+a.step.ID, time.Unix(a.step.Expires, 0).Add(time.Minute))
	if err != nil {
		return false, fmt.Errorf("marking the step as used: %w", err)
	}
	a.facts.step, a.facts.inStep = a.step.State, true
	return first, nil
}

// dropPending removes the cookie of a step that led somewhere.
func (a *attempt) dropPending() {
	a.forget(a.s.jar.pending.Name, a.s.jar.pending)
}

// nextForm is what a front end needs to draw the next step itself.
type nextForm struct {
	Provider string         `json:"provider"`
	Code     string         `json:"code,omitempty"`
	Title    string         `json:"title,omitempty"`
	Sentence string         `json:"sentence,omitempty"`
	Form     *form.Compiled `json:"form,omitempty"`
	Factors  []nextFactor   `json:"factors,omitempty"`
	URL      string         `json:"url,omitempty"`
	Expires  string         `json:"expires,omitempty"`
}

func (p *pendingSignIn) describe() *nextForm {
	return &nextForm{
		Provider: p.Provider, Code: p.Code, Title: p.Title, Sentence: p.Sentence, Form: p.form,
		Expires: stamp(time.Unix(p.Expires, 0)),
	}
}

// stamp writes a time as JavaScript's toISOString does (contract, section 8).
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

const stampLayout = "2006-01-02T15:04:05.000Z"
