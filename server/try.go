package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Trial is one attempt from the terminal: the connector of one provider, asked as
// the server would ask it, with everything it does told on the way. It makes no
// session and counts for nothing but the user system itself.
type Trial struct {
	// Provider is the id of the provider. Empty means the only one.
	Provider string
	// Values are fields of the form. Those that are missing are asked for.
	Values map[string]string
	// Ask returns the value of a field. Nil leaves missing fields out.
	Ask func(form.Input) (string, error)
	// Tell hears of every step of the connector, secrets masked. Nil is silent.
	Tell func(TrialStep)
}

// TrialStep is one thing that a connector did.
type TrialStep struct {
	// After is when, counted from the beginning of the question.
	After time.Duration
	// What it is, in a few words, and its facts.
	What  string
	Facts []slog.Attr
}

// Outcomes of a trial.
const (
	TrialSignedIn    = "signed_in"
	TrialRefused     = "refused"
	TrialDenied      = "denied"
	TrialUnavailable = "unavailable"
)

// TrialResult is how a trial ended.
type TrialResult struct {
	// Outcome is one of the four above.
	Outcome string
	// User and Account are set when somebody was signed in.
	User    *ostiary.User
	Account ostiary.Account
	// Code and Sentence are those of a refusal. "credentials" is the plain one.
	Code, Sentence string
	// Cause is why, as far as the connector knows. It is for the operator alone.
	Cause error
	// Took is how long the connector took, steps together, asking aside.
	Took time.Duration
}

// maxTrialSteps ends a system that never stops asking.
const maxTrialSteps = 8

// Try runs a trial. The error is a mistake in the trial itself: no such provider,
// or values that the form does not take.
func (c *Config) Try(ctx context.Context, t Trial) (TrialResult, error) {
	p, err := c.provider(t.Provider)
	if err != nil {
		return TrialResult{}, err
	}
	made, err := c.connect(p, nil)
	if err != nil {
		return TrialResult{}, c.reader.result()
	}
	if made.closer != nil {
		defer made.closer.Close()
	}
	run := trialRun{trial: t, provider: p, made: made}
	return run.all(ctx)
}

// provider finds a provider by its id.
func (c *Config) provider(id string) (*providerSettings, error) {
	var ids []string
	for i := range c.providers {
		p := &c.providers[i]
		if p.id() == id || id == "" && len(c.providers) == 1 {
			return p, nil
		}
		ids = append(ids, p.id())
	}
	if id == "" {
		return nil, fmt.Errorf("there are several providers; choose one of %s", list(ids))
	}
	return nil, fmt.Errorf("there is no provider %q; there is %s", id, list(ids))
}

type trialRun struct {
	trial    Trial
	provider *providerSettings
	made     connected
	result   TrialResult
}

// all asks, and goes on as long as more is wanted.
func (t *trialRun) all(ctx context.Context) (TrialResult, error) {
	fields, values := t.provider.service.Form, t.trial.Values
	for range maxTrialSteps {
		credentials, err := t.fill(fields, values)
		if err != nil {
			return TrialResult{}, err
		}
		next := t.question(ctx, credentials)
		if next == nil {
			return t.result, nil
		}
		ctx, fields, values = ostiary.WithStepState(ctx, next.State), next.Form, nil
	}
	t.result.Outcome, t.result.Cause = TrialUnavailable, fmt.Errorf("it asked for more than %d steps", maxTrialSteps)
	return t.result, nil
}

// fill takes the values as a browser would have sent them.
func (t *trialRun) fill(fields form.Form, given map[string]string) (form.Values, error) {
	compiled, err := form.Compile(fields)
	if err != nil {
		return form.Values{}, fmt.Errorf("the form: %w", err)
	}
	sent := make(map[string][]string, len(given))
	for name, value := range given {
		sent[name] = []string{value}
	}
	for _, in := range compiled.Inputs() {
		if _, there := sent[in.Name]; there || t.trial.Ask == nil || in.Type == "hidden" || in.Type == "checkbox" {
			continue
		}
		value, err := t.trial.Ask(in)
		if err != nil {
			return form.Values{}, err
		}
		sent[in.Name] = []string{value}
	}
	return compiled.Parse(sent)
}

// question asks the connector once. It returns the next step, or nil when the
// result says how it ended.
func (t *trialRun) question(ctx context.Context, credentials form.Values) *ostiary.NextStep {
	limit := t.provider.service.Timeout
	if limit == 0 {
		limit = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begun := time.Now()
	if tell := t.trial.Tell; tell != nil {
		ctx = ostiary.WithTrace(ctx, func(what string, facts ...slog.Attr) {
			tell(TrialStep{time.Since(begun), what, slices.Clone(facts)})
		})
	}
	user, err := guardedAuthorize(ctx, t.made.authorize, credentials)
	t.result.Took += time.Since(begun)
	var step *ostiary.NextStep
	if errors.As(err, &step) {
		return step
	}
	t.judge(ctx, user, err)
	return nil
}

// judge reads an answer as the server does.
func (t *trialRun) judge(ctx context.Context, user *ostiary.User, err error) {
	r := &t.result
	var refusal *ostiary.Refusal
	switch {
	case errors.As(err, &refusal):
		r.Outcome, r.Code, r.Sentence, r.Cause = TrialRefused, refusal.Code, refusal.Sentence, refusal.Cause
	case errors.Is(err, ostiary.ErrAccessDenied):
		r.Outcome, r.Code, r.Cause = TrialDenied, "access_denied", err
	case err != nil:
		r.Outcome, r.Cause = TrialUnavailable, err
	case ctx.Err() != nil:
		r.Outcome, r.Cause = TrialUnavailable, ctx.Err()
	case user == nil:
		r.Outcome = TrialRefused
	default:
		t.accept(user)
	}
	if r.Outcome == TrialRefused && r.Code == "" {
		r.Code = "credentials"
	}
}

func (t *trialRun) accept(user *ostiary.User) {
	realm := t.provider.service.Realm
	if realm == "" {
		realm = t.provider.id()
	}
	account := ostiary.Account{Realm: realm, UserID: user.ID}
	if account.String() == "" {
		t.result.Outcome = TrialUnavailable
		t.result.Cause = errors.New("the user system answered no usable id: it must be printable text of at most 512 bytes")
		return
	}
	t.result.Outcome, t.result.User, t.result.Account = TrialSignedIn, user, account
}

func guardedAuthorize(ctx context.Context, authorize ostiary.Authorizer, credentials form.Values) (user *ostiary.User, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			user, err = nil, fmt.Errorf("the connector panicked: %v\n%s", cause, debug.Stack())
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/", http.NoBody)
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:0"
	return authorize(ctx, credentials, r)
}
