package session

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Token is what a session token says. Times are Unix seconds, 0 for absent.
// A Token is a plain value without locks: don't change one that another
// goroutine reads.
type Token struct {
	Subject   string // sub: the user's id in its realm
	Name      Text   // name
	Email     Text   // email
	Picture   Text   // picture: the address of an image
	ID        string // jti: this very token
	IssuedAt  int64  // iat
	Expires   int64  // exp: required
	NotBefore int64  // nbf

	SessionID string   // sid: stays the same when the token is issued anew
	Realm     string   // realm: the user system that Subject belongs to
	Provider  string   // provider: the way of signing in
	AuthTime  int64    // auth_time: the last full proof
	Started   int64    // orig_iat: start of the session, for its absolute end
	MaxAge    int64    // max_age: life in seconds chosen at sign-in; 0: as configured
	CheckedAt int64    // checked_at: when the user system last confirmed the user
	Transient bool     // transient: the cookie ends with the browser
	Methods   []string // amr: what was proven (RFC 8176)
	Groups    []string // groups

	Factors    []string // factors: the kinds of second factors that were proven
	FactorTime int64    // factor_time: when the last of them was
	Epoch      int64    // epoch: how often all sessions of the account were ended before

	// Extra has every other claim. A name, email, picture or groups claim of a
	// type that does not fit its field is here too, so that another issuer's
	// token can be read and passed on.
	Extra Extra
}

// ErrReserved is returned for a claim that has a field of its own in [Token],
// or a meaning that callers may not give it.
var ErrReserved = errors.New("reserved claim name")

// claim says what may be done with a claim that this package knows.
type claim uint8

const (
	unknownClaim  claim = iota
	displayClaim        // a field of its own, which connectors and callbacks may set
	reservedClaim       // a field of its own or a registered meaning: the issuer's alone
)

func kindOf(name string) claim {
	switch name {
	case "name", "email", "picture", "groups":
		return displayClaim
	case "sub", "iat", "exp", "nbf", "jti", "iss", "aud",
		"sid", "realm", "provider", "auth_time", "orig_iat", "max_age", "checked_at", "transient", "amr", "acr",
		"factors", "factor_time", "epoch":
		return reservedClaim
	}
	return unknownClaim
}

// Reserved reports whether a claim name belongs to the issuer: neither a user
// system's answer nor a callback may set it (SES-10).
func Reserved(name string) bool { return kindOf(name) == reservedClaim }

// carried reports whether a token may hold the claim in Extra.
func (t *Token) carried(name string) bool {
	switch name {
	case "name":
		return !t.Name.Present()
	case "email":
		return !t.Email.Present()
	case "picture":
		return !t.Picture.Present()
	case "groups":
		return len(t.Groups) == 0
	case "iss", "aud", "acr":
		return true
	}
	return !Reserved(name)
}

// Set adds or replaces an extra claim. It returns an error that is
// [ErrReserved] for a name with a field or meaning of its own, and another one
// for a value that can't be written as JSON.
func (t *Token) Set(name string, value any) error {
	if kindOf(name) != unknownClaim {
		return fmt.Errorf("%w: %q", ErrReserved, name)
	}
	text, err := encode(value)
	if err != nil {
		return fmt.Errorf("claim %q: %w", name, err)
	}
	t.Extra.set(name, text)
	return nil
}

// encode writes a value as JSON.stringify does. Most claims are texts, and these
// are written without the ordinary encoder.
func encode(value any) (string, error) {
	if text, ok := value.(string); ok && utf8.ValidString(text) {
		var room [64]byte
		w := writer{buf: room[:0]}
		w.quote("", text)
		return string(w.buf), nil
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimRight(text.String(), "\n"), nil
}

// Claims returns every claim that is present as a plain JSON value: nil, bool,
// string, [json.Number], []any or map[string]any. The map is the caller's own.
// An extra claim that is not JSON is left out.
func (t *Token) Claims() map[string]any {
	all := make(map[string]any, 8+t.Extra.Len())
	for _, c := range t.Extra.list {
		dec := json.NewDecoder(strings.NewReader(c.value))
		dec.UseNumber()
		var value any
		if dec.Decode(&value) == nil && t.carried(c.name) {
			all[c.name] = value
		}
	}
	for name, text := range map[string]Text{"name": t.Name, "email": t.Email, "picture": t.Picture} {
		switch {
		case text.IsNull():
			all[name] = nil
		case text.Present():
			all[name] = text.Value()
		}
	}
	for name, s := range map[string]string{"sub": t.Subject, "jti": t.ID, "sid": t.SessionID, "realm": t.Realm, "provider": t.Provider} {
		if s != "" {
			all[name] = s
		}
	}
	for name, n := range map[string]int64{
		"iat": t.IssuedAt, "exp": t.Expires, "nbf": t.NotBefore, "auth_time": t.AuthTime,
		"orig_iat": t.Started, "max_age": t.MaxAge, "checked_at": t.CheckedAt, "factor_time": t.FactorTime, "epoch": t.Epoch,
	} {
		if n != 0 {
			all[name] = json.Number(strconv.FormatInt(n, 10))
		}
	}
	for name, list := range map[string][]string{"amr": t.Methods, "groups": t.Groups, "factors": t.Factors} {
		if len(list) > 0 {
			all[name] = anyList(list)
		}
	}
	if t.Transient {
		all["transient"] = true
	}
	return all
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// NewID returns a random UUID, version 4 (RFC 9562, section 5.4), as clients
// expect a jti to be.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // crypto/rand never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
