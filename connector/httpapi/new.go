package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/session"
)

// New makes a connector. The error joins every fault of the configuration, and
// quotes no value of a header and nothing of a URL but its host. It reads files
// but connects to nothing; see [Connector.Check].
func New(c Config) (*Connector, error) {
	k := &checker{config: c}
	out := &Connector{
		signIn: k.endpoint("URL", c.URL), lookup: k.lookup(),
		encoding: k.encoding(), fields: k.fields(), header: k.headers(),
		ipHeader: k.headerName("client IP header", c.ClientIPHeader), referenceHeader: k.headerName("reference header", c.ReferenceHeader),
		mapping: k.mapping(), timeout: k.positive("timeout", c.Timeout, 5*time.Second), now: c.Now,
	}
	if out.now == nil {
		out.now = time.Now
	}
	policy, err := newPolicy(c.AllowedNetworks)
	k.fault(err)
	pause, maxConns := k.positive("pause", c.BreakFor, 5*time.Second), k.maxConns()
	for _, e := range []*endpoint{out.signIn, out.lookup} {
		if e != nil {
			k.checkLiteral(policy, e)
			e.breaker.limit, e.breaker.pause = k.limit(), pause
		}
	}
	trust := &trust{caFile: c.CAFile, certFile: c.CertFile, keyFile: c.KeyFile, serverName: c.ServerName, now: c.Now}
	k.fault(trust.load())
	if err := errors.Join(k.faults...); err != nil {
		return nil, err
	}
	out.dialer = &dialer{timeout: out.timeout, policy: policy, trust: trust}
	out.transport = out.dialer.transport(maxConns)
	return out, nil
}

// checker collects faults.
type checker struct {
	config Config
	faults []error
}

func (k *checker) fault(err error) {
	if err != nil {
		k.faults = append(k.faults, err)
	}
}

func (k *checker) faultf(format string, values ...any) { k.fault(fmt.Errorf(format, values...)) }

// endpoint checks a URL. Its faults never quote it: it may hold a password.
func (k *checker) endpoint(what, text string) *endpoint {
	u, err := url.Parse(text)
	switch {
	case text == "":
		k.faultf("%s: is missing", what)
	case err != nil:
		k.faultf("%s: can't be read as a URL", what)
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "":
		k.faultf("%s: must be an https URL with a host", what)
	case u.User != nil:
		k.faultf("%s: has a name or password in it: send them in the headers", what)
	case u.Fragment != "":
		k.faultf("%s: has a fragment (#), which is never sent", what)
	case strings.Contains(u.Hostname(), "%"):
		k.faultf("%s: has a network zone in the host", what)
	case u.Scheme == "http" && !isLocal(u.Hostname()) && !k.config.InsecureHTTP:
		k.faultf("%s: plain http to %s would show passwords to anybody on the way: use https", what, u.Host)
	default:
		return &endpoint{url: u}
	}
	return nil
}

func (k *checker) lookup() *endpoint {
	if k.config.LookupURL == "" {
		return nil
	}
	// Written as the URL standard wants it, so that other escapes in the path
	// are left alone.
	text := strings.ReplaceAll(k.config.LookupURL, placeholder, url.PathEscape(placeholder))
	e := k.endpoint("lookup URL", text)
	if e != nil && strings.Contains(e.url.Host+e.url.RawQuery, url.PathEscape(placeholder)) {
		k.faultf("lookup URL: {id} may stand in the path only")
	}
	return e
}

// checkLiteral refuses at start what every connection would be refused for.
func (k *checker) checkLiteral(p policy, e *endpoint) {
	if addr, err := netip.ParseAddr(e.url.Hostname()); err == nil {
		k.fault(p.check(e.url.Hostname(), addr))
	}
}

func (k *checker) limit() int {
	switch n := k.config.BreakAfter; {
	case n < 0:
		return 0
	case n > 0:
		return n
	}
	return 5
}

func (k *checker) maxConns() int {
	switch n := k.config.MaxConns; {
	case n < 0:
		k.faultf("connections: the greatest number is negative")
	case n > 0:
		return n
	}
	return 64
}

func (k *checker) positive(what string, d, fallback time.Duration) time.Duration {
	if d < 0 {
		k.faultf("%s: is negative", what)
	}
	if d == 0 {
		return fallback
	}
	return d
}

func (k *checker) encoding() Encoding {
	switch e := k.config.Encoding; e {
	case "", JSON:
		return JSON
	case Form:
		return Form
	default:
		k.faultf("encoding: %q is neither %q nor %q", string(e), JSON, Form)
		return e
	}
}

func (k *checker) fields() map[string]string {
	sent := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(k.config.Fields)) {
		to := k.config.Fields[name]
		switch other, twice := sent[to]; {
		case to == "":
		case to == stateName:
			k.faultf("fields: %q can't be sent as %q, which is the state of a next step", name, to)
		case len(to) > 256 || !isPrintable(to):
			k.faultf("fields: %q is renamed to a text that is too long or not printable", name)
		case twice:
			k.faultf("fields: %q and %q are both sent as %q", other, name, to)
		default:
			sent[to] = name
		}
	}
	return maps.Clone(k.config.Fields)
}

// ours are headers that we or HTTP itself set. An idempotency key would tell
// the transport that a sign-in may be sent twice.
var ours = []string{
	"Host", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive",
	"Te", "Trailer", "Upgrade", "Expect", "Accept-Encoding", "Proxy-Authorization", "Proxy-Connection",
	"Idempotency-Key", "X-Idempotency-Key",
}

// headerName checks the name of a header, which may be empty.
func (k *checker) headerName(what, name string) string {
	if name == "" {
		return ""
	}
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case !isToken(name):
		k.faultf("%s: %q is not the name of a header", what, name)
	case slices.Contains(ours, canonical):
		k.faultf("%s: %s can't be set", what, canonical)
	}
	return canonical
}

// isToken is the grammar of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

func (k *checker) headers() func() http.Header {
	base := http.Header{"Accept": {"application/json"}, "User-Agent": {"ostiary"}}
	given := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(k.config.Headers)) {
		canonical := k.headerName("headers", name)
		value := k.config.Headers[name].Reveal()
		switch {
		case given[canonical]:
			k.faultf("headers: %s is there twice", canonical)
		case !isPrintable(value) || value != strings.TrimSpace(value):
			k.faultf("headers: the value of %s has a line break, another control character, or space around it", canonical)
		}
		given[canonical] = true
		base[canonical] = []string{value}
	}
	for _, name := range []string{k.config.ClientIPHeader, k.config.ReferenceHeader} {
		if canonical := textproto.CanonicalMIMEHeaderKey(name); name != "" && given[canonical] {
			k.faultf("headers: %s is also the header of the client's address or of the reference", canonical)
		}
	}
	return base.Clone
}

func (k *checker) path(what, given, fallback string) path {
	p, err := compilePath(given, fallback)
	if err != nil {
		k.faultf("map: %s: %q %w", what, given, err)
	}
	return p
}

func (k *checker) mapping() mapping {
	m := k.config.Map
	out := mapping{
		id: k.path("id", m.ID, "id"), name: k.path("name", m.Name, "name"), email: k.path("email", m.Email, "email"),
		groups: k.path("groups", m.Groups, "groups"), ok: k.path("ok", m.OK, ""), code: k.path("code", m.Code, "code"),
		message: k.path("message", m.Message, "message"), next: k.path("next", m.Next, "next"),
		image: []path{k.path("image", m.Image, "image")}, claims: make(map[string]path, len(m.Claims)),
	}
	if m.ID == none {
		k.faultf("map: id: is required")
	}
	if m.Image == "" {
		out.image = append(out.image, k.path("image", "", "picture"))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Claims)) {
		out.claims[name] = k.claim(name, m.Claims[name])
	}
	for _, status := range k.config.SuccessStatus {
		if status < 200 || status > 299 {
			k.faultf("success status: %d is not from 200 to 299", status)
		}
	}
	out.statuses = slices.Clone(k.config.SuccessStatus)
	return out
}

// claim refuses names that mean something to whoever reads a session (SES-10).
func (k *checker) claim(name, from string) path {
	switch {
	case name == "" || len(name) > 128 || !isPrintable(name):
		k.faultf("map: claims: a name is empty, too long or not printable")
	case session.Reserved(name):
		k.faultf("map: claims: %q is reserved: choose another name", name)
	case slices.Contains([]string{"name", "email", "picture", "groups"}, name):
		k.faultf("map: claims: %q has a place of its own in map", name)
	case from == "" || from == none:
		k.faultf("map: claims: %q has no path", name)
	}
	return k.path("claims", from, "")
}
