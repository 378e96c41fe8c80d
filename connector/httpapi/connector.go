package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Connector asks one user system over HTTP. Make it with New; it is safe for
// concurrent use and needs no closing.
type Connector struct {
	signIn *endpoint
	lookup *endpoint // nil when there is none

	encoding        Encoding
	fields          map[string]string
	header          func() http.Header // a fresh copy; hidden behind a function like Secret
	ipHeader        string
	referenceHeader string
	mapping         mapping

	dialer    *dialer
	transport http.RoundTripper
	timeout   time.Duration
	now       func() time.Time
}

var _ ostiary.Authorizer = new(Connector).Authorize

// Authorize asks the endpoint about credentials. It is an [ostiary.Authorizer]:
// a user, a *ostiary.Refusal, a *ostiary.NextStep, nil and nil for an answer of
// null or false, or an error that is ostiary.ErrUnavailable. Of the request
// only what the context says of it is used: address, reference, step.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	f := factsFrom(ctx)
	pairs, err := c.pairs(credentials)
	if err != nil {
		return nil, c.unavailable(c.signIn, err)
	}
	body, err := c.body(pairs, f.state)
	switch {
	case errors.Is(err, errNotText):
		return nil, &ostiary.Refusal{Cause: err}
	case err != nil:
		return nil, c.unavailable(c.signIn, err)
	}
	answer, err := c.call(ctx, c.signIn, c.post(c.signIn, body, f))
	if err != nil {
		return nil, c.unavailable(c.signIn, err)
	}
	user, err := c.judge(answer)
	var fault *nonsense
	if errors.As(err, &fault) {
		return nil, c.unavailable(c.signIn, err)
	}
	return user, err
}

// CanLookup reports whether a LookupURL is configured.
func (c *Connector) CanLookup() bool { return c.lookup != nil }

// Lookup finds a user by id, nil without error when there is none. A user with
// another id than the one asked for, and a status such as 401 or 403, which
// says something about us and not about the user, are errors; every error is
// ostiary.ErrUnavailable.
func (c *Connector) Lookup(ctx context.Context, id string) (*ostiary.User, error) {
	if c.lookup == nil {
		return nil, ostiary.Unavailable(errors.New("no lookup is configured"))
	}
	r, err := c.lookupRequest(ctx, id)
	if err != nil {
		return nil, c.unavailable(c.lookup, err)
	}
	answer, err := c.call(ctx, c.lookup, r)
	if err != nil {
		return nil, c.unavailable(c.lookup, err)
	}
	user, err := c.judgeLookup(answer, id)
	if err != nil {
		return nil, c.unavailable(c.lookup, err)
	}
	return user, nil
}

func (c *Connector) lookupRequest(ctx context.Context, id string) (*http.Request, error) {
	f := factsFrom(ctx)
	if !strings.Contains(c.lookup.url.Path, placeholder) {
		body, err := c.body([]pair{{"id", id}}, nil)
		return c.post(c.lookup, body, f), err
	}
	to, err := fillIn(c.lookup.url, id)
	if err != nil {
		return nil, err
	}
	return c.request(http.MethodGet, to, f), nil
}

const placeholder = "{id}"

// fillIn puts the id into the path as one segment. What a proxy or a router
// might read as more than a segment once it has decoded it is refused.
func fillIn(u *url.URL, id string) (*url.URL, error) {
	if id == "" || id == "." || id == ".." || strings.ContainsAny(id, `/\%`) || !isPrintable(id) {
		return nil, errors.New("the id can't be part of a path: leave {id} out of the lookup URL, and it is posted")
	}
	to := *u
	to.RawPath = strings.ReplaceAll(u.EscapedPath(), url.PathEscape(placeholder), url.PathEscape(id))
	to.Path = strings.ReplaceAll(u.Path, placeholder, id)
	return &to, nil
}

// unavailable says which endpoint it was. Of its address only scheme and host
// are told: paths and queries have been known to hold keys.
func (c *Connector) unavailable(e *endpoint, err error) error {
	return ostiary.Unavailable(fmt.Errorf("%s: %w", e, err))
}

func (e *endpoint) String() string { return e.url.Scheme + "://" + e.url.Host }

// String names the endpoint. No way of printing a Connector shows more.
func (c *Connector) String() string {
	if c == nil || c.signIn == nil {
		return "httpapi"
	}
	return "httpapi " + c.signIn.String()
}

// GoString is String.
func (c *Connector) GoString() string { return c.String() }

// Format prints String for every verb.
func (c *Connector) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Connector) LogValue() slog.Value { return slog.StringValue(c.String()) }
