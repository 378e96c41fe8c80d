package ostiary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/ostiary/ostiary/session"
)

// readSession is GET session: the session as JSON, and a renewed cookie
// (contract, section 8).
func (x *exchange) readSession() {
	x.renewSession("", nil)
}

// updateSession is POST session, the client's update(): the same, with data
// that only the JWT callback sees (SES-7).
func (x *exchange) updateSession() {
	if err := x.genuine(); err != nil {
		x.refused("session update", err)
		x.sessionJSON(http.StatusBadRequest, nil)
		return
	}
	x.renewSession("update", x.body.data)
}

func (x *exchange) renewSession(trigger string, update json.RawMessage) {
	x.keep()
	c := x.s.find(x.r)
	if c.token == nil {
		x.expire(c)
		x.sessionJSON(http.StatusOK, nil)
		return
	}
	view, err := x.renew(c, trigger, update)
	if errors.Is(err, ErrEndSession) { // a copy of the cookie ends with it
		if err = x.s.revoke(x.ctx, c.token); err == nil {
			x.expire(c)
			x.sessionJSON(http.StatusOK, nil)
			return
		}
	}
	if err != nil { // ours or the user system's fault: nobody is in, and nobody is signed out for it
		x.s.log(x.ctx, slog.LevelError, "session not renewed", slog.String("reference", x.reference()), slog.Any("cause", err))
		x.sessionJSON(http.StatusServiceUnavailable, nil)
		return
	}
	x.sessionJSON(http.StatusOK, view)
}

// renew issues the token anew and returns what is to be shown of it.
func (x *exchange) renew(c current, trigger string, update json.RawMessage) ([]byte, error) {
	t := c.token
	if t.SessionID == "" { // made elsewhere: from now on it has a name and a beginning
		t.SessionID, t.Started = t.ID, t.IssuedAt
	}
	if err := x.s.recheck(x.ctx, t); err != nil {
		return nil, err
	}
	if err := x.s.callJWT(x.ctx, JWT{Token: t, Trigger: trigger, Update: update}); err != nil {
		return nil, err
	}
	x.s.stamp(t, x.s.now())
	text, err := x.show(t)
	if err != nil {
		return nil, err
	}
	m, err := x.s.sealToken(t)
	if err != nil {
		return nil, err
	}
	x.writeSession(m, c)
	return text, nil
}

// show returns what the client is to see of the session, as JSON, and tells of it.
func (x *exchange) show(t *session.Token) ([]byte, error) {
	c := &x.s.config
	if c.Callbacks.Session == nil && c.Events.Session == nil && len(c.Session.Expose) == 0 {
		return plainView(t), nil
	}
	view, err := x.s.view(x.ctx, t)
	if err != nil {
		return nil, err
	}
	if event := c.Events.Session; event != nil {
		x.event("Session", func(ctx context.Context) { event(ctx, view, t) })
	}
	return view.MarshalJSON()
}

// recheck asks the user system whether the person is still there.
func (s *Service) recheck(ctx context.Context, t *session.Token) error {
	every, now := s.config.Session.Recheck, s.now()
	p := s.byID[t.Provider]
	last := max(t.AuthTime, t.CheckedAt)
	if every <= 0 || p == nil || p.Lookup == nil || now.Before(time.Unix(last, 0).Add(every)) {
		return nil
	}
	user, err := s.lookup(ctx, p, t.Subject)
	switch {
	case errors.Is(err, errGone):
		s.log(ctx, slog.LevelInfo, "session ended: the user is gone", slog.String("account", Account{t.Realm, t.Subject}.String()))
		return ErrEndSession
	case err != nil:
		return err
	}
	t.Name, t.Email, t.Picture, t.Groups, t.CheckedAt = text(user.Name), text(user.Email), text(user.Image), user.Groups, now.Unix()
	return nil
}

var errGone = errors.New("the user is gone")

// lookup asks a provider's Lookup behind the guards of authorizers. The error is
// errGone when the user is not there, or not allowed, any more.
func (s *Service) lookup(ctx context.Context, p *provider, id string) (*User, error) {
	limited := withDeadline(ctx, p.timeout())
	defer limited.release()
	var late struct { // when its time is over, it may still be written to
		user *User
		err  error
	}
	if busy := s.pool.do(limited, p.HonorsContext, func() { late.user, late.err = p.look(limited, id) }); busy != nil {
		return nil, fmt.Errorf("looking the user up again: %w", busy)
	}
	user, err := late.user, late.err
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal), errors.Is(err, ErrAccessDenied):
		return nil, errGone
	case err != nil:
		return nil, fmt.Errorf("looking the user up again: %w", err)
	case user == nil || user.ID != id:
		return nil, errGone
	}
	return user, nil
}

// look calls Lookup behind the same guards as Authorize.
func (p *provider) look(ctx context.Context, id string) (u *User, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			u, err = nil, fmt.Errorf("lookup panicked: %v", cause)
		}
	}()
	return p.Lookup(ctx, id)
}

// sessionJSON answers a session, or what means signed out: {} in v4, null in
// v5 (contract, section 2).
func (x *exchange) sessionJSON(status int, session []byte) {
	switch {
	case session != nil:
	case x.s.wire.v5:
		session = []byte("null")
	default:
		session = []byte("{}")
	}
	x.jsonText(status, session)
}

// writeSession sends the cookies of a session, after the deletion of every
// received piece that is not written again (COO-5).
func (x *exchange) writeSession(m *minted, c current) {
	for i, name := range c.names {
		again := slices.ContainsFunc(m.cookies, func(s setCookie) bool { return s.name == name })
		if !again && !slices.Contains(c.names[:i], name) {
			cookie := x.s.jar.session
			cookie.Name = name
			x.set(cookie.Deletion())
		}
	}
	for _, s := range m.cookies {
		x.set(s.line)
	}
}

// expire deletes every session cookie that the request came with (COO-7).
func (x *exchange) expire(c current) {
	x.writeSession(new(minted), c)
}

// sendSession writes the cookies of the session that the gate made.
func (a *attempt) sendSession() {
	if a.token == nil {
		return
	}
	if a.token.token == nil {
		a.expire(a.s.find(a.r))
		return
	}
	a.writeSession(a.token, a.before)
}
