package ostiary

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"unicode/utf8"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/account"
	"github.com/ostiary/ostiary/session"
)

// authorize asks the existing system, in the bounded pool, with a deadline and
// a guard against panics, and lets refusals leave at one pace.
func (a *attempt) authorize() outcome {
	ctx := withDeadline(a.ctx, a.provider.timeout())
	defer ctx.release()
	if first, err := a.takeStep(ctx); err != nil {
		return outcome{unavailable: err}
	} else if !first {
		return outcome{refusal: &Refusal{Code: codeExpired}}
	}
	given := a.given()
	begun := a.provider.pace.begin()
	o := a.askIn(ctx, given)
	if o.user != nil || o.no() {
		begun.end(a.ctx, o.no())
	}
	if o.no() {
		a.paceTyped()
	}
	return o
}

// askIn asks in the bounded pool: where it is called, if the authorizer keeps its
// deadline, else apart.
func (a *attempt) askIn(ctx context.Context, given form.Values) outcome {
	if !a.provider.HonorsContext {
		return a.askApart(ctx, given)
	}
	if err := a.s.pool.enter(ctx); err != nil {
		return outcome{unavailable: err}
	}
	defer a.s.pool.leave()
	return a.provider.ask(ctx, given, a.r.WithContext(ctx))
}

func (a *attempt) askApart(ctx context.Context, given form.Values) outcome {
	var late outcome // when its time is over, it may still be written to
	if err := a.s.pool.do(ctx, false, func() { late = a.provider.ask(ctx, given, a.r.WithContext(ctx)) }); err != nil {
		return outcome{unavailable: err}
	}
	return late
}

// no reports whether the answer is a refusal of any kind.
func (o *outcome) no() bool { return o.user == nil && o.next == nil && o.unavailable == nil }

// ask calls the authorizer and reads its answer: I3, everything that is not a
// clear yes is a no.
func (p *provider) ask(ctx context.Context, values form.Values, r *http.Request) (o outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			o = outcome{unavailable: fmt.Errorf("authorizer panicked: %v\n%s", cause, debug.Stack())}
		}
	}()
	user, err := p.Authorize(ctx, values, r)
	var refusal *Refusal
	var next *NextStep
	switch {
	case errors.As(err, &refusal):
		return outcome{refusal: refusal}
	case errors.As(err, &next):
		return outcome{next: next}
	case errors.Is(err, ErrAccessDenied):
		return outcome{denied: err}
	case err != nil:
		return outcome{unavailable: err}
	case ctx.Err() != nil:
		return outcome{unavailable: ctx.Err()}
	case user == nil:
		return outcome{}
	}
	if err := checkUser(p.realm(), user); err != nil {
		return outcome{unavailable: err}
	}
	return outcome{user: user}
}

// checkUser refuses what can't be an account, and claims that only the gate
// may write (CON-1, SES-10).
func checkUser(realm string, u *User) error {
	if u.ID == "" {
		return errors.New("the user system answered a user without an id")
	}
	if account.Check(realm, u.ID) != nil {
		return errors.New("the user system answered an id that is not printable text of at most 512 bytes")
	}
	for _, s := range [...]string{u.Name, u.Email, u.Image} {
		if !utf8.ValidString(s) {
			return errors.New("the user system answered a name, email or image that is not UTF-8")
		}
	}
	for name := range u.Claims {
		if session.Reserved(name) {
			return fmt.Errorf("the user system answered the reserved claim %q", name)
		}
	}
	return nil
}
