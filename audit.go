package ostiary

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/ostiary/ostiary/internal/account"
)

var (
	errNoPair     = errors.New("no CSRF cookie of ours")
	errWrongToken = errors.New("the CSRF token is not that of the cookie")
)

// audit writes the one line of the attempt (LOG-3), and tells of a refusal. It
// holds no value that was typed, unless LogLoginNames asks for the login name.
func (a *attempt) audit() {
	level := slog.LevelInfo
	if a.verdict.kind == kindUnavailable {
		level = slog.LevelError
	}
	if a.s.config.Logger.Enabled(a.ctx, level) {
		a.s.log(a.ctx, level, "sign-in", a.line()...)
	}
	a.tellRefused()
}

// line is what the audit line says.
func (a *attempt) line() []slog.Attr {
	v := a.verdict
	attrs := []slog.Attr{
		slog.String("reference", a.reference()), slog.String("outcome", nameOf[v.kind]),
		slog.String("provider", a.provider.id()), slog.String("realm", a.realm()),
		slog.String("client_ip", a.address()), slog.Float64("took_ms", float64(a.s.now().Sub(a.started).Microseconds())/1000),
	}
	if v.code != "" {
		attrs = append(attrs, slog.String("code", v.code))
	}
	attrs = append(attrs, a.who()...)
	if a.step != nil {
		attrs = append(attrs, slog.String("step", a.step.Code))
	}
	return append(attrs, a.auditCause()...)
}

func (a *attempt) realm() string {
	if a.factor != nil {
		return a.account.Realm
	}
	return a.provider.realm()
}

// who says whose attempt it was, as far as that is known, and by what.
func (a *attempt) who() (attrs []slog.Attr) {
	account, factors := a.account, []string(nil)
	if u := a.outcome.user; u != nil && a.factor == nil {
		account = Account{a.provider.realm(), u.ID}
		if a.provider.password {
			factors = append(factors, "pwd")
		}
	}
	if account.UserID == "" {
		return nil
	}
	attrs = append(attrs, slog.String("account", account.String()))
	if a.factor != nil {
		factors = append(factors, a.factor.Kind())
	}
	if len(factors) > 0 {
		attrs = append(attrs, slog.String("factors", strings.Join(factors, " ")))
	}
	if a.trusted {
		attrs = append(attrs, slog.Bool("remembered_device", true))
	}
	return attrs
}

// auditCause says why, for the operator.
func (a *attempt) auditCause() (attrs []slog.Attr) {
	if err := a.outcome.unavailable; err != nil {
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	if err := a.outcome.denied; err != nil {
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	if r := a.outcome.refusal; r != nil && r.Cause != nil {
		attrs = append(attrs, slog.String("cause", r.Cause.Error()))
	}
	if len(a.problems) > 0 {
		attrs = append(attrs, slog.String("problems", clip(a.problems.Error(), maxSentence)))
	}
	if a.s.config.LogLoginNames && a.verdict.kind != kindSignedIn {
		if name := a.loginName(); name != "" {
			attrs = append(attrs, slog.String("login", name))
		}
	}
	return attrs
}

// loginName is the value of the field that names the person, canonical
// (IDN-1), or "" where none does.
func (a *attempt) loginName() string {
	for _, in := range a.provider.form.Inputs() {
		if in.Secret {
			continue
		}
		named := false
		if at, ok := in.Attr("autocomplete"); ok {
			named = strings.Contains(at.Value, "username")
		}
		if named {
			name, err := account.Name(a.values.Get(in.Name))
			if err != nil {
				return ""
			}
			return name
		}
	}
	return ""
}

func (a *attempt) tellRefused() {
	event := a.s.config.Events.Refused
	switch a.verdict.kind {
	case kindSignedIn, kindElsewhere, kindStep, kindUnavailable:
		return
	}
	if event != nil {
		a.event("Refused", func(ctx context.Context) {
			event(ctx, Refused{Provider: a.provider.id(), Code: a.verdict.code, Reference: a.reference(), Addr: a.facts.addr, Account: a.account})
		})
	}
}

// address is the client's address for the log, "" when unknown.
func (x *exchange) address() string {
	if addr := x.s.peers.From(x.r); addr.IsValid() {
		return addr.String()
	}
	return ""
}
