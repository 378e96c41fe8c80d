package ostiary

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ostiary/ostiary/session"
)

// proof says what a person has proven. Only what the factor policy is satisfied
// with becomes one, and only the gate takes one (MFA-1).
type proof struct {
	provider  *provider
	account   Account
	user      *User
	methods   []string // RFC 8176
	at        time.Time
	factors   []string       // kinds of second factors
	factorAt  time.Time      // when the last of them was proven
	epoch     int64          // of the account
	base      *session.Token // of the session that is proven once more; then there is no user
	maxAge    time.Duration  // chosen life, 0 for the configured one
	transient bool           // the cookie ends with the browser
}

// minted is a sealed session on its way into cookies.
type minted struct {
	token   *session.Token
	cookies []setCookie
}

// setCookie is the line that sets a cookie.
type setCookie struct{ name, line string }

// mint is the gate: the one function in which a session begins (I1). It ends
// the session that the browser had before (SES-1).
func (a *attempt) mint(p *proof) verdict {
	t, err := a.s.newToken(p)
	if err == nil {
		err = a.s.callJWT(a.ctx, JWT{Token: t, User: p.user, Account: p.account, Trigger: p.trigger()})
	}
	if errors.Is(err, ErrEndSession) { // contract, section 5: signed in nowhere, but sent on
		a.token = &minted{}
		return verdict{kind: kindSignedIn}
	}
	if err == nil {
		a.token, err = a.s.sealToken(t)
	}
	if err == nil {
		err = a.endPrevious()
	}
	if err != nil {
		a.token = nil
		a.outcome.unavailable = err
		return verdict{kind: kindUnavailable}
	}
	if event := a.s.config.Events.SignIn; event != nil && p.base == nil {
		a.event("SignIn", func(ctx context.Context) {
			event(ctx, SignIn{User: p.user, Account: p.account, Provider: p.provider.id()})
		})
	}
	return verdict{kind: kindSignedIn}
}

// trigger is what the JWT callback is told.
func (p *proof) trigger() string {
	if p.base != nil {
		return "update"
	}
	return "signIn"
}

// newToken writes down what the proof says. One that builds on a session keeps
// what that says of the person and when it began, so that proving oneself again
// never makes it live longer (SES-2).
func (s *Service) newToken(p *proof) (*session.Token, error) {
	if p.base != nil {
		t := *p.base
		t.SessionID, t.AuthTime, t.Methods = rand.Text(), p.at.Unix(), p.methods
		t.Factors, t.Epoch = p.factors, p.epoch
		if !p.factorAt.IsZero() {
			t.FactorTime = p.factorAt.Unix()
		}
		if t.Started == 0 {
			t.Started = t.IssuedAt
		}
		s.stamp(&t, s.now())
		return &t, nil
	}
	t := &session.Token{
		Subject: p.user.ID, Name: text(p.user.Name), Email: text(p.user.Email), Picture: text(p.user.Image),
		SessionID: rand.Text(), Realm: p.account.Realm, Provider: p.provider.id(),
		AuthTime: p.at.Unix(), Started: p.at.Unix(), Methods: p.methods, Groups: p.user.Groups,
		MaxAge: int64(p.maxAge / time.Second), Transient: p.transient, Factors: p.factors, Epoch: p.epoch,
	}
	if !p.factorAt.IsZero() {
		t.FactorTime = p.factorAt.Unix()
	}
	for name, value := range p.user.Claims {
		if err := t.Set(name, value); err != nil {
			return nil, fmt.Errorf("claim %q: %w", name, err)
		}
	}
	s.stamp(t, p.at)
	return t, nil
}

func text(s string) session.Text {
	if s == "" {
		return session.Text{}
	}
	return session.String(s)
}

// stamp gives the token its id and its time, never beyond the absolute end.
func (s *Service) stamp(t *session.Token, now time.Time) {
	life := s.config.Session.Lifetime
	if t.MaxAge > 0 {
		life = min(life, time.Duration(t.MaxAge)*time.Second)
	}
	end := now.Add(life)
	if t.Started > 0 {
		if last := time.Unix(t.Started, 0).Add(s.config.Session.Absolute); end.After(last) {
			end = last
		}
	}
	t.ID, t.IssuedAt, t.Expires, t.NotBefore = session.NewID(), now.Unix(), end.Unix(), 0
}

// callJWT lets the JWT callback change the token, and puts back what it may
// not: who this is, since when, and what was proven (SES-10).
func (s *Service) callJWT(ctx context.Context, j JWT) (err error) {
	if s.config.Callbacks.JWT == nil {
		return nil
	}
	given := j // only a callback makes it leave the stack
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("JWT callback panicked: %v", cause)
		}
	}()
	t, before := j.Token, *j.Token
	if err := s.config.Callbacks.JWT(ctx, &given); err != nil {
		return err
	}
	for name := range t.Extra.All() {
		if session.Reserved(name) && before.Extra.Get(name) == nil { // a token made elsewhere may carry aud
			return fmt.Errorf("JWT callback: the claim %q is reserved", name)
		}
	}
	name, email, picture, extra := t.Name, t.Email, t.Picture, t.Extra
	*t = before
	t.Name, t.Email, t.Picture, t.Extra = name, email, picture, extra
	return nil
}

// sealToken writes the token into cookies: one, as good as always, which is put
// together in one piece of memory.
func (s *Service) sealToken(t *session.Token) (*minted, error) {
	room := lines.Get().(*[]byte)
	defer lines.Put(room)
	cookie := s.jar.session
	line := cookie.AppendName((*room)[:0])
	start := len(line)
	line, err := s.codec.AppendSeal(line, t)
	if err != nil {
		return nil, fmt.Errorf("sealing the session: %w", err)
	}
	*room = line
	end := time.Time{}
	if !t.Transient {
		end = time.Unix(t.Expires, 0)
	}
	if len(line)-start <= s.codec.WholeSize() {
		*room = cookie.AppendUntil(line, end)
		return &minted{t, []setCookie{{cookie.Name, string(*room)}}}, nil
	}
	pieces, err := s.codec.Split(string(line[start:]))
	if err != nil {
		return nil, fmt.Errorf("the session does not fit into cookies; put less into groups and claims: %w", err)
	}
	m := &minted{token: t}
	for _, piece := range pieces {
		cookie.Name = piece.Name
		m.cookies = append(m.cookies, setCookie{piece.Name, cookie.StringUntil(piece.Value, end)})
	}
	return m, nil
}

// lines are what cookies of sessions are written into.
var lines = sync.Pool{New: func() any { room := make([]byte, 0, 2048); return &room }}

// endPrevious revokes the session that the browser came with.
func (a *attempt) endPrevious() error {
	a.before = a.s.find(a.r)
	if a.before.token == nil {
		return nil
	}
	return a.s.revoke(a.ctx, a.before.token)
}

// revoke ends a session until it would have ended by itself anyway.
func (s *Service) revoke(ctx context.Context, t *session.Token) error {
	until := time.Unix(t.Expires, 0)
	if t.Started > 0 {
		until = time.Unix(t.Started, 0).Add(s.config.Session.Absolute)
	}
	return s.config.Store.Revoke(ctx, sessionID(t), until.Add(time.Minute))
}

// sessionID names a session. One made elsewhere has no sid; its first token's
// id takes the place.
func sessionID(t *session.Token) string { return or(t.SessionID, t.ID) }
