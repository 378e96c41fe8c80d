package ostiary

import (
	"context"
	"net/http"
	"time"

	"github.com/ostiary/ostiary/form"
)

// Authorizer asks the existing system whether the credentials are right. It
// gets the declared fields only, and the request for whatever else it needs
// (its address is in ClientAddr). It returns exactly one of:
//
//   - a *User with an id: signed in;
//   - nil, nil, or nil and a *Refusal: refused;
//   - nil and ErrAccessDenied: known, but not allowed in;
//   - nil and a *NextStep: more is needed;
//   - nil and any other error: unavailable. A user without id is this, too.
//
// It must be safe for concurrent use and should give up when ctx ends; the
// caller stops waiting for it then in any case. A panic counts as unavailable.
type Authorizer func(ctx context.Context, credentials form.Values, r *http.Request) (*User, error)

// Provider is one way to sign in.
type Provider struct {
	// ID names the provider in URLs and tokens: lower-case letters, digits,
	// '-' and '_', at most 64. Empty means "credentials"; it must be unique.
	ID string
	// Name is shown on the form: "Sign in with Acme". Empty means "Credentials".
	Name string
	// Realm names the user system that the provider asks. Providers that ask
	// the same system share it, so that a person is one account whichever way
	// they came. Empty means the id.
	Realm string
	// Form declares what to ask for, in the order of the page. An empty form is
	// a button.
	Form form.Form
	// Authorize is the only thing that must be written.
	Authorize Authorizer
	// Lookup finds a user by id without a password, nil if there is none any
	// more; a *Refusal or ErrAccessDenied says the same, any other error that it
	// can't be told now. It is optional: with it, Session.Recheck ends the
	// sessions of people who left.
	Lookup func(ctx context.Context, userID string) (*User, error)
	// Remember names a checkbox field of the form that chooses how long the
	// session lives: ticked, Session.Lifetime; otherwise until the browser is
	// closed, at most Session.BrowserLifetime. Empty: always Session.Lifetime.
	Remember string
	// Factors says who of these users needs a second factor, where no group or
	// account has a rule of its own. The zero rule is that of Config.Factors.
	Factors FactorRule
	// AppendedTOTP takes the last six digits of a password as the code of an
	// authenticator app, for people who type both into one field. Passwords that
	// end in six digits can't be used alone then.
	AppendedTOTP bool
	// Timeout is how long one call of Authorize or Lookup may take.
	// Zero means 10 seconds.
	Timeout time.Duration
	// HonorsContext promises that Authorize and Lookup return soon after their
	// context ends. They then run in the goroutine of the request, which saves a
	// tenth of the server's own work. Of one that breaks the promise the request
	// waits as long as it takes. The zero value relies on nothing: the request
	// goes on at the end of Timeout, whatever the authorizer does.
	HonorsContext bool
}

// User is what the existing system answered about a person. It goes into the
// session token and is never stored anywhere else.
type User struct {
	// ID is the immutable id in the existing system. It is required: with the
	// realm it is the account that everything else is keyed by.
	ID string
	// Name, Email and Image (a URL) are shown to front ends; empty means unknown.
	Name, Email, Image string
	// Groups are the names of the groups the person belongs to.
	Groups []string
	// Claims go into the token beside the known ones, as JSON values. Reserved
	// names (see session.Reserved) make the answer unavailable, because a user
	// system must not be able to write its own session facts.
	Claims map[string]any
}

func (p *Provider) id() string    { return or(p.ID, "credentials") }
func (p *Provider) name() string  { return or(p.Name, "Credentials") }
func (p *Provider) realm() string { return or(p.Realm, p.id()) }

func (p *Provider) timeout() time.Duration {
	if p.Timeout > 0 {
		return p.Timeout
	}
	return 10 * time.Second
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
