package ostiary

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// challenge is a question to a script of the page, kept sealed in a cookie until
// the answer comes. It is bound to what it is for and to whom, lives five minutes
// and is taken once (WAN-1).
type challenge struct {
	ID      string
	Use     string // get: a proof; create: an enrolment
	Account string // "" asks anybody
	Mark    string // of the holder
	State   []byte
	Expires int64 // Unix seconds
}

const challengeLife = 5 * time.Minute

var (
	errNoChallenge = errors.New("the challenge is missing, too old, used or for something else")
	challengeBound = []byte("challenge")
)

// pose asks a question: it sends the cookie and returns what the script is to be
// called with. The holder is nil for anybody.
func (x *exchange) pose(ctx context.Context, k *factorKind, use string, h *holder) (json.RawMessage, error) {
	c := challenge{ID: rand.Text(), Use: use, Expires: x.s.now().Add(challengeLife).Unix()}
	var person Person
	var enrolled []Enrolment
	if h != nil {
		c.Account, c.Mark = h.account.String(), h.mark()
		person, enrolled = h.person, h.kept.of(k.Kind())
	}
	var options json.RawMessage
	if use == "create" {
		e, err := k.Begin(ctx, person, enrolled)
		if err != nil {
			return nil, err
		}
		options, c.State = e.Options, e.State
	} else {
		o, err := k.scripted.Options(ctx, person, enrolled)
		if err != nil {
			return nil, err
		}
		options, c.State = o.JSON, o.State
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	sealed, err := x.s.factors.challenge.Seal(plain, challengeBound)
	if err != nil {
		return nil, err
	}
	if len(sealed) > maxCookieValue {
		return nil, fmt.Errorf("the question of factor %s is too large for a cookie", k.Kind())
	}
	x.set(x.s.jar.challenge.StringFor(sealed, challengeLife))
	return options, nil
}

// takeChallenge returns the state of the question that was asked for this use,
// account and holder, once. The error is errNoChallenge when there is none.
func (x *exchange) takeChallenge(ctx context.Context, use, account, mark string) ([]byte, error) {
	sealed, ok := x.cookie(x.s.jar.challenge.Name)
	if !ok {
		return nil, errNoChallenge
	}
	var c challenge
	plain, err := x.s.factors.challenge.Open(sealed, challengeBound)
	if err != nil || json.Unmarshal(plain, &c) != nil || x.s.now().Unix() >= c.Expires ||
		c.Use != use || c.Account != account || c.Mark != mark {
		return nil, errNoChallenge
	}
	first, err := x.s.config.Store.TakeOnce(ctx, "challenge:"+c.ID, time.Unix(c.Expires, 0).Add(time.Minute))
	if err != nil {
		return nil, fmt.Errorf("marking the challenge as used: %w", err)
	}
	if !first {
		return nil, errNoChallenge
	}
	x.forget(x.s.jar.challenge.Name, x.s.jar.challenge)
	return c.State, nil
}

// webauthnOptions is GET webauthn-options/{id} (contract, section 11). It asks
// the holder of a pending sign-in or of a session, and otherwise anybody who has
// a passkey: whether an account exists is told to nobody (IDN-6).
func (x *exchange) webauthnOptions() {
	f := x.s.factors
	if f == nil || f.script == nil || (x.segment != passkeyID && x.segment != f.script.Kind()) {
		x.noSuchProvider()
		return
	}
	action := x.r.URL.Query().Get("action")
	if !slices.Contains([]string{"", "authenticate", "register"}, action) {
		x.json(http.StatusBadRequest, map[string]string{"error": "Invalid action"})
		return
	}
	h, err := x.holder(x.ctx)
	if err != nil {
		x.problemWith("factors not read", err)
		return
	}
	use, h := x.use(action, h)
	if use == "" {
		x.json(http.StatusBadRequest, map[string]string{"error": "Invalid request"})
		return
	}
	options, err := x.pose(x.ctx, f.script, use, h)
	if err != nil {
		x.problemWith("challenge not made", err)
		return
	}
	x.json(http.StatusOK, struct {
		Action  string          `json:"action"`
		Options json.RawMessage `json:"options"`
	}{map[string]string{"get": "authenticate", "create": "register"}[use], options})
}

// use is what an action comes to for somebody, and who is asked: "" when it makes
// no sense, nil for anybody. Only who is known registers, and only who has a key
// is asked for it.
func (x *exchange) use(action string, h *holder) (string, *holder) {
	f := x.s.factors
	switch {
	case action == "register":
		if h == nil || x.mayEnrol(h, f.script.Kind()) != nil {
			return "", nil
		}
		return "create", h
	case x.segment == passkeyID && f.Passkeys && (h == nil || h.held == nil):
		return "get", nil
	case h != nil && slices.Contains(h.asks(x.s), f.script.Kind()):
		return "get", h
	}
	return "", nil
}

// problemWith answers a fault of ours or of the store.
func (x *exchange) problemWith(what string, err error) {
	x.s.logFault(x, what, err)
	x.fault(http.StatusServiceUnavailable)
}
