package ostiary

import (
	"context"
	"log/slog"
	"net/http"
)

// signOut is POST signout: it ends the session on our side as well as in the
// browser, so that a copied cookie is worth nothing (SES-6).
func (x *exchange) signOut() {
	if err := x.genuine(); err != nil {
		x.refused("sign-out", err)
		x.failSignOut()
		return
	}
	x.keep()
	c := x.s.find(x.r)
	if c.token != nil {
		if err := x.s.revoke(x.ctx, c.token); err != nil {
			x.s.log(x.ctx, slog.LevelError, "session not revoked", slog.String("reference", x.reference()), slog.Any("cause", err))
			x.fault(http.StatusServiceUnavailable)
			return
		}
		x.s.log(x.ctx, slog.LevelInfo, "signed out",
			slog.String("account", Account{c.token.Realm, c.token.Subject}.String()), slog.String("client_ip", x.address()))
		if event := x.s.config.Events.SignOut; event != nil {
			x.event("SignOut", func(ctx context.Context) { event(ctx, c.token) })
		}
	}
	x.expire(c)
	x.forget(x.s.jar.pending.Name, x.s.jar.pending)
	x.forget(x.s.jar.memo.Name, x.s.jar.memo)
	x.dropHeld()
	x.lead(x.target)
}

func (x *exchange) failSignOut() {
	address := x.s.root + "/signout?csrf=true"
	if x.s.wire.v5 {
		address = x.s.address(verdict{kind: kindForged})
	} else {
		x.keep()
	}
	if x.wantsJSON() {
		x.json(http.StatusForbidden, answer{URL: address, Message: "The request does not come from our page, or the page has expired.", Reference: x.reference()})
		return
	}
	x.redirect(address)
}

// refused writes the line of a request that was not heard.
func (x *exchange) refused(what string, why error) {
	x.s.log(x.ctx, slog.LevelWarn, what+" refused", slog.String("reference", x.reference()),
		slog.String("reason", why.Error()), slog.String("client_ip", x.address()))
}
