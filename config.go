package ostiary

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
)

// Config says how people sign in and what they get. URL, Secrets and Providers
// are required; everything else has a safe zero value. New checks it whole.
type Config struct {
	// URL is the one external address, scheme and host: "https://app.example.com".
	// Its scheme decides cookie security. Plain http works for loopback only,
	// unless InsecureHTTP says otherwise. Links, redirects and cookies come from
	// here and never from a request's headers.
	URL string
	// BasePath is where the handler is mounted. Empty means "/api/auth".
	BasePath string
	// Wire is the protocol and token format that is spoken: which generation of
	// clients. Zero means session.NextAuthV4.
	Wire session.Format
	// Secrets seal and open everything: at least one, 32 random bytes or more
	// each. The first seals, all open, so that a new one is put in front and
	// the old one removed later without signing anybody out. Factors are sealed
	// with them, too: FactorAdmin.Reseal before an old one goes.
	Secrets session.Secrets
	// Providers are the ways to sign in, in the order of the page.
	Providers []Provider
	// Session sets lifetimes and the session cookie.
	Session SessionConfig
	// Factors are second proofs, and who needs one. The zero value is none.
	Factors Factors
	// Callbacks decide at the points that NextAuth names.
	Callbacks Callbacks
	// Events tell what happened. They can't change it.
	Events Events
	// Pages names pages of your own instead of the built-in ones.
	Pages Pages
	// Name is the service that people sign in to, for the heading of the
	// built-in pages: "Sign in to Acme". Empty shows "Sign in".
	Name string
	// Theme colours the built-in pages.
	Theme pages.Theme
	// TemplateDir holds templates and catalogues that replace built-in ones of
	// the same file name. Empty means none.
	TemplateDir string
	// AllowedRedirects are further origins ("https://shop.example.com") that a
	// person may be sent back to. Empty: only our own.
	AllowedRedirects []string
	// TrustedProxies are the peers whose X-Forwarded-For counts. Empty: none.
	TrustedProxies []netip.Prefix
	// Limits bound what one service does at once.
	Limits Limits
	// Store holds the little that must be shared: marks of used steps and ended
	// sessions. Nil means memory of this process, which forgets at a restart
	// and is not shared between replicas.
	Store Store
	// Logger gets one line per attempt and every fault. Nil is silent.
	Logger *slog.Logger
	// LogLoginNames also writes the login name of refused attempts to the log.
	// People type passwords into the wrong field, so it is off by default.
	LogLoginNames bool
	// InsecureHTTP permits an http URL that is not loopback: cookies without
	// Secure, readable by anybody on the way.
	InsecureHTTP bool
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// SessionConfig sets how long sessions live and how their cookie is written.
type SessionConfig struct {
	// Lifetime is how long an unused session lives; every GET session renews
	// it. Zero means 30 days.
	Lifetime time.Duration
	// Absolute ends a session this long after the sign-in, however much it is
	// used. Zero means 90 days.
	Absolute time.Duration
	// BrowserLifetime is the Lifetime of sessions that end with the browser
	// (Provider.Remember). Zero means 12 hours.
	BrowserLifetime time.Duration
	// Cookie changes the session cookie.
	Cookie Cookie
	// AlsoAccept are further formats to read, for the time of a migration.
	AlsoAccept []session.Format
	// AcceptBearer also reads sessions from "Authorization: Bearer". Off by
	// default: a token there is not protected by the cookie's rules.
	AcceptBearer bool
	// Expose lists the claims, besides name, email and image, that GET session
	// shows under "user": "groups", your own, or "id" for the user's id. The
	// Session callback may do the same in code.
	Expose []string
	// Recheck asks the provider's Lookup again when the last answer is older
	// than this, at GET session, and ends the session of a person who is gone.
	// Zero means never.
	Recheck time.Duration
}

// Cookie changes the session cookie. The zero value is the compatible one.
type Cookie struct {
	// Name replaces the name. In format auth-js-v5 it also keys the token.
	// Empty: "next-auth.session-token" or "authjs.session-token", with
	// "__Secure-" in front when the URL is https.
	Name string
	// Domain shares the cookie with the hosts below it. Empty: this host only.
	Domain string
	// Path limits the cookie. Empty means "/".
	Path string
	// SameSite is Lax (zero) or Strict.
	SameSite http.SameSite
}

// Pages names pages of your own. Each is a path on our origin or an absolute
// URL; empty means the built-in page.
type Pages struct {
	SignIn, SignOut, Error, VerifyRequest string
}

// Limits bound what one service does at once. Zero values are the defaults.
type Limits struct {
	// Authorizing is how many authorizers run at the same time. Zero means 64.
	Authorizing int
	// Waiting is how many more may wait for a place. Zero means 128; beyond it
	// the answer is 503 with Retry-After, at once.
	Waiting int
	// Wait is how long one of them may wait. Zero means 2 seconds.
	Wait time.Duration
	// Body is the greatest request body in bytes. Zero means 64 KiB.
	Body int64
}

// Callbacks decide at the points that NextAuth names. All are optional, are
// called from several goroutines at once, and fail closed when they panic.
type Callbacks struct {
	// SignIn is asked after the user system said yes. Returning "" and nil lets
	// the person in; a URL sends them there without a session (by the rule of
	// callback URLs); a *Refusal keeps them out like one of the authorizer, any
	// other error with 403.
	SignIn func(ctx context.Context, s SignIn) (redirect string, err error)
	// JWT may change the token: name, email, picture and extra claims. It runs
	// at sign-in and at every read of the session endpoint. ErrEndSession ends
	// the session.
	JWT func(ctx context.Context, j *JWT) error
	// Session may change what GET session shows.
	Session func(ctx context.Context, v *View, t *session.Token) error
	// Redirect replaces the rule of callback URLs: it gets what the request
	// asked for and our origin, and returns where to go. It is then your job to
	// let no foreign address through. What is not an http or https address or a
	// path becomes the default page.
	Redirect func(ctx context.Context, target, base string) string
}

// Events tell what happened, after it did. All are optional. A panic in one is
// logged and changes nothing.
type Events struct {
	SignIn  func(ctx context.Context, s SignIn)
	SignOut func(ctx context.Context, t *session.Token)
	Session func(ctx context.Context, v *View, t *session.Token)
	Refused func(ctx context.Context, r Refused)
	Factor  func(ctx context.Context, f FactorEvent)
}

// FactorEvent tells what happened to a factor: a good moment to write to its
// owner, since it may have been somebody else (MFA-13).
type FactorEvent struct {
	Account Account
	// Kind is that of the factor, ".device" for a browser that is not asked, and
	// empty for an event of the whole account.
	Kind string
	// Name is how the person calls it.
	Name string
	// What is proven, recovery_used, enrolled, imported, removed, renamed,
	// invited, reset, or of a device remembered or forgotten.
	What string
	// Left is how often it can still be used, -1 where that is not counted.
	Left int
	// Note says what was odd: a security key whose backup state changed.
	Note string
	// Reference and Addr are those of the request; empty for the operator's acts.
	Reference string
	Addr      netip.Addr
}

// SignIn describes a sign-in to the SignIn callback and event.
type SignIn struct {
	User     *User
	Account  Account
	Provider string
	// Credentials are the submitted fields as the authorizer got them, and none
	// after a factor was proven for itself: they are not kept for so long. Nil
	// for the event.
	Credentials *form.Values
}

// Refused describes a refused attempt to the Refused event.
type Refused struct {
	Provider, Code, Reference string
	Addr                      netip.Addr
	// Account is whose second factor was refused: somebody has the password
	// already. It is zero for every other refusal.
	Account Account
}

// JWT is what the JWT callback may look at and change.
type JWT struct {
	// Token is about to be sealed. Facts that only the gate may set (subject,
	// session id, times, methods …) are put back afterwards.
	Token *session.Token
	// User and Account are set at sign-in only.
	User    *User
	Account Account
	// Trigger is "signIn", "update" or "".
	Trigger string
	// Update is what the client sent with update(data), nil without data.
	// Nothing of it reaches the token unless the callback puts it there.
	Update json.RawMessage
}

// View is the answer of GET session, before it is written as JSON.
type View struct {
	// User has name, email and image as far as they are known.
	User map[string]any
	// Expires is when the session ends unless it is renewed.
	Expires time.Time
	// Extra are further members beside "user" and "expires".
	Extra map[string]any
}

// Store is the little state that must be shared between requests, and between
// replicas if there are several. All methods are called concurrently.
type Store interface {
	// TakeOnce marks key as used until the given time and reports whether this
	// was the first time. It must be atomic. An error counts as used.
	TakeOnce(ctx context.Context, key string, until time.Time) (first bool, err error)
	// Revoke ends a session by its id. The mark is kept until the given time.
	Revoke(ctx context.Context, sessionID string, until time.Time) error
	// Revoked reports whether Revoke was called for the session. It is asked on
	// every request and answers from memory; a store that lost its engine for
	// longer than it may vouch for says true.
	Revoked(sessionID string) bool
}
