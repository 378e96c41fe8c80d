package ostiary

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ostiary/ostiary/internal/clientip"
	"github.com/ostiary/ostiary/internal/cookies"
	"github.com/ostiary/ostiary/internal/csrf"
	"github.com/ostiary/ostiary/internal/returnto"
	"github.com/ostiary/ostiary/internal/seal"
	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
)

// Service answers everything below the base path: pages, the endpoints of the
// NextAuth protocol, and the form as JSON. Make one with New and mount it at
// the base path with a trailing slash. It is safe for concurrent use.
type Service struct {
	config    Config
	origin    string // as browsers serialise it: "https://app.example.com"
	base      string // "/api/auth"
	root      string // origin and base: what the contract calls {B}
	secure    bool
	wire      wire
	providers []*provider
	byID      map[string]*provider

	codec   *session.Codec   // seals, and opens first
	codecs  []*session.Codec // opens: codec and those of AlsoAccept
	guards  []*csrf.Guard    // the first issues, all verify
	pending *seal.Box        // sign-ins between two steps
	memo    *seal.Box        // what a failed form is refilled from
	back    *returnto.Policy // where a person may be sent
	peers   *clientip.Resolver
	pages   *pages.Renderer
	jar     jar
	pool    *pool
	factors *factors // nil without any
	policy  []string // Content-Security-Policy of pages
	headers []header // on every answer

	providerList []byte // the answer of GET providers
}

// jar holds how each cookie of ours is written.
type jar struct {
	session, csrf, callbackURL, pending, memo, language cookies.Cookie
	held, challenge, device                             cookies.Cookie // of second factors
	home                                                string         // the callback-url cookie of the default page
}

// New checks the configuration whole and returns every fault it found, joined.
func New(config Config) (*Service, error) {
	s := &Service{config: config}
	s.config.defaults()
	err := errors.Join(
		s.setURL(),
		s.setLimits(),
		s.setKeys(),
		s.setProviders(),
		s.setFactors(),
		s.setRedirects(),
		s.setPages(),
	)
	if err != nil {
		return nil, err
	}
	s.config.Secrets = nil // there are keys now, and nothing prints those (CON-5)
	s.peers = clientip.New(s.config.TrustedProxies)
	s.pool = newPool(s.config.Limits)
	s.jar.home = s.jar.callbackURL.String(s.back.Default())
	s.headers, s.policy = s.securityHeaders(), []string{s.pages.ContentSecurityPolicy()}
	return s, nil
}

// ServeHTTP answers one request. A panic anywhere below becomes a 500 with a
// reference that is in the log; it never becomes a session (FAL-1).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.newExchange(w, r)
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			s.log(r.Context(), slog.LevelError, "panic", slog.String("reference", x.reference()),
				slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
			w.Header().Set("Connection", "close")
			x.fault(http.StatusInternalServerError)
		}
	}()
	for _, h := range s.headers {
		w.Header()[h.name] = h.value
	}
	if r.Method != http.MethodPost {
		w.Header()["Vary"] = varyCookie
	}
	action, segment, ok := s.path(r.URL.Path)
	if !ok {
		x.unknown()
		return
	}
	x.action, x.segment = action, segment
	x.route()
}

// path splits what follows the base path into the action and the rest.
func (s *Service) path(p string) (action, rest string, ok bool) {
	tail, found := strings.CutPrefix(p, s.base)
	if !found || (tail != "" && tail[0] != '/') {
		return "", "", false
	}
	action, rest, _ = strings.Cut(strings.TrimPrefix(tail, "/"), "/")
	return action, strings.TrimSuffix(rest, "/"), action != ""
}

// SignInURL returns the address of the sign-in page that leads back to
// returnTo, a path of ours or an allowed absolute URL; anything else leads to
// the default page.
func (s *Service) SignInURL(returnTo string) string {
	target, _ := s.resolve(returnTo)
	return s.root + "/signin?" + query("callbackUrl", target)
}

// resolve applies the rule of callback URLs; ok is false when raw was not
// acceptable and the default page took its place.
func (s *Service) resolve(raw string) (target string, ok bool) {
	if target, ok := s.back.Resolve(raw); ok {
		return target, true
	}
	return s.back.Default(), false
}

// String names the service by its address, and keeps its keys from being printed
// (CON-5).
func (s *Service) String() string { return "ostiary.Service at " + s.root }

func (s *Service) now() time.Time { return s.config.Now() }

func (s *Service) log(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	s.config.Logger.LogAttrs(ctx, level, message, attrs...)
}
