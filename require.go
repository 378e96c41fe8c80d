package ostiary

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary/session"
)

// Session is who is signed in, as Require found them.
type Session struct {
	// Account is the canonical name: realm and id. The realm is empty for a
	// session that another program made with the same secret.
	Account Account
	// Name, Email and Image are what the user system said, "" where it did not.
	Name, Email, Image string
	// Groups are the groups of the user.
	Groups []string
	// AuthTime is when the person last proved who they are; the zero Time for a
	// session made elsewhere.
	AuthTime time.Time
	// Factors are the kinds of second factors that were proven, and FactorTime is
	// when the last of them was; empty and zero without one.
	Factors    []string
	FactorTime time.Time
	// Expires is when the session ends unless it is renewed.
	Expires time.Time
	// Token is the whole token. It belongs to this request alone.
	Token *session.Token
}

type sessionKey struct{}

// sessionContext is a context that carries a session, which is described when
// somebody asks for it.
type sessionContext struct {
	context.Context
	token     *session.Token
	described atomic.Pointer[Session]
}

func (c *sessionContext) Value(key any) any {
	if key == (sessionKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// session is the same one for all who ask.
func (c *sessionContext) session() *Session {
	if c.described.Load() == nil {
		found := new(Session)
		found.describe(c.token)
		c.described.CompareAndSwap(nil, found)
	}
	return c.described.Load()
}

// withSession returns the request with the session in its context.
func withSession(r *http.Request, t *session.Token) *http.Request {
	return r.WithContext(&sessionContext{Context: r.Context(), token: t})
}

// FromContext returns the session that Require, RequireFresh or Load found.
func FromContext(ctx context.Context) (*Session, bool) {
	c, ok := ctx.Value(sessionKey{}).(*sessionContext)
	if !ok {
		return nil, false
	}
	return c.session(), true
}

// Session returns the session of a request, nil when it has none. It costs no
// round trip and renews nothing.
func (s *Service) Session(r *http.Request) *Session {
	t := s.find(r).token
	if t == nil {
		return nil
	}
	found := new(Session)
	found.describe(t)
	return found
}

func (out *Session) describe(t *session.Token) {
	*out = Session{
		Account: Account{t.Realm, t.Subject}, Name: t.Name.Value(), Email: t.Email.Value(), Image: t.Picture.Value(),
		Groups: t.Groups, Expires: time.Unix(t.Expires, 0), Token: t,
	}
	if t.AuthTime > 0 {
		out.AuthTime = time.Unix(t.AuthTime, 0)
	}
	if t.FactorTime > 0 {
		out.Factors, out.FactorTime = t.Factors, time.Unix(t.FactorTime, 0)
	}
}

// Require lets only signed-in people through to next, which finds the session
// with FromContext. Others are sent to sign in and back, if they are browsers
// on their way to a page; everything else gets 401 with JSON.
func (s *Service) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.find(r)
		if c.token == nil {
			s.challenge(w, r, c, "", "unauthenticated")
			return
		}
		next.ServeHTTP(w, withSession(r, c.token))
	})
}

// RequireFresh is Require for what needs a recent proof: the person must have
// signed in, or proven a second factor, within the given time, or does so now.
func (s *Service) RequireFresh(within time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return s.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			found, _ := FromContext(r.Context())
			if age := s.now().Sub(found.AuthTime); age > within {
				if len(found.Factors) > 0 && s.factors != nil {
					s.stepUp(w, r, codeAgain)
					return
				}
				s.challenge(w, r, current{}, "SessionRequired", codeAgain)
				return
			}
			next.ServeHTTP(w, r)
		}))
	}
}

const codeAgain = "reauthentication_required"

// RequireFactor is Require for what needs a second factor: one of the given kinds
// must have been proven in this session, or any when none is given. Others are
// sent to prove or to enrol one, and back. A remembered device is no proof here
// (MFA-11). Nobody gets through for kinds that are not in Config.Factors: the log
// says so at once.
func (s *Service) RequireFactor(kinds ...string) func(http.Handler) http.Handler {
	if s.factors == nil || len(kinds) > 0 && len(s.configured(kinds)) == 0 {
		s.log(context.Background(), slog.LevelError, "RequireFactor: no such factor is configured; name it in Factors, or nobody gets past this",
			slog.Any("factors", kinds))
	}
	return func(next http.Handler) http.Handler {
		return s.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			found, _ := FromContext(r.Context())
			proven := func(kind string) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }
			if !slices.ContainsFunc(found.Factors, proven) {
				s.stepUp(w, r, codeSecond, kinds...)
				return
			}
			next.ServeHTTP(w, r)
		}))
	}
}

// Load puts the session of signed-in people into the context and lets everybody
// through.
func (s *Service) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := s.find(r).token; t != nil {
			r = withSession(r, t)
		}
		next.ServeHTTP(w, r)
	})
}

// stepUp asks somebody who is signed in to prove a factor, of one of the kinds if
// there are any.
func (s *Service) stepUp(w http.ResponseWriter, r *http.Request, code string, kinds ...string) {
	h := w.Header()
	h["Cache-Control"] = []string{"no-store"}
	h["Vary"] = []string{"Cookie"}
	x := s.newExchange(w, r)
	if s.factors == nil {
		x.noFactors()
		return
	}
	known := s.configured(kinds)
	switch {
	case len(kinds) > 0 && len(known) == 0: // whatever was proven, the page would ask again
		x.notConfigured()
	case code == codeAgain: // signing in anew would do as well
		x.sendOn("/factor?again=true", code, confirmIt)
	default:
		x.sendOn(join("/factor", queryOnly(known)), code, confirmIt)
	}
}

// configured are those of the kinds that the service has.
func (s *Service) configured(kinds []string) []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return s.factors.byID[kind] == nil })
}

const (
	confirmIt = "Please confirm with your second factor that it is you."
	noneHere  = "This needs a second factor, and none can be enrolled here."
)

// noFactors answers for a page that wants a factor where there are none at all, nor
// a page to enrol one.
func (x *exchange) noFactors() {
	if wantsPage(x.r) {
		x.showError("AccessDenied")
		return
	}
	x.json(http.StatusForbidden, answer{URL: x.s.root + "/error?error=AccessDenied", Code: codeMissing, Message: noneHere})
}

// notConfigured answers for a page that wants other kinds than there are: the
// account page tells whom to ask.
func (x *exchange) notConfigured() {
	if wantsPage(x.r) {
		x.leave(memo{Kind: kindRefused, Code: codeMissing, Expires: x.s.now().Add(memoLife).Unix()})
	}
	x.sendOn("/account", codeMissing, noneHere)
}

// sendOn leads a browser to a page of ours and back, and tells programs its address.
func (x *exchange) sendOn(page, code, message string) {
	page = x.s.root + page
	if !wantsPage(x.r) {
		x.json(http.StatusUnauthorized, answer{URL: page, Code: code, Message: message})
		return
	}
	target, _ := x.s.resolve(x.r.URL.RequestURI())
	x.redirect(join(page, query("callbackUrl", target)))
}

// challenge asks for a sign-in. The way back is this request's path on our own
// origin, never what its headers say the host is (RED-5).
func (s *Service) challenge(w http.ResponseWriter, r *http.Request, c current, errorCode, code string) {
	h := w.Header()
	h["Cache-Control"] = []string{"no-store"}
	h["Vary"] = []string{"Cookie"}
	x := s.newExchange(w, r)
	x.expire(c) // COO-7
	if wantsPage(r) {
		target, _ := s.resolve(r.URL.RequestURI())
		signIn := s.page(s.config.Pages.SignIn, "/signin")
		more := query("callbackUrl", target)
		if errorCode != "" {
			more += "&" + query("error", errorCode)
		}
		x.redirect(join(signIn, more))
		return
	}
	x.json(http.StatusUnauthorized, answer{URL: s.root + "/signin", Code: code, Message: "Please sign in to access this page."})
}

// wantsPage reports whether a request is a browser's navigation, which can be sent
// elsewhere and come back.
func wantsPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
