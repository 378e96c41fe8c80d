package radius

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Connector asks RADIUS servers. Make it with New; it is safe for concurrent use.
// Authorize and Check return before their context ends.
type Connector struct {
	config  func() Config // behind a function: it holds secrets, and fmt prints fields
	servers func() []*server
	common  []attribute
}

var _ ostiary.Authorizer = new(Connector).Authorize

// New checks the configuration, without asking a server. Its error joins every
// fault; each begins with the name of a field of Config. What is allowed and better
// changed goes to the log, and Warnings returns it.
func New(config Config) (*Connector, error) {
	config = config.settled()
	if err := config.check(); err != nil {
		return nil, err
	}
	servers := make([]*server, len(config.Servers))
	for i, s := range config.Servers {
		servers[i] = newServer(s, config)
		if s.TLS != nil {
			servers[i].trust() // the files as check found them
		}
	}
	c := &Connector{
		config: func() Config { return config }, servers: func() []*server { return servers }, common: config.common(),
	}
	for _, warning := range c.Warnings() {
		config.Logger.Warn("radius: " + warning)
	}
	return c, nil
}

// Warnings are sentences about what is allowed and better changed: UDP that leaves
// the machine (RAD-3), a short secret, replies that need not be signed.
func (c *Connector) Warnings() []string { return c.config().warnings() }

// Authorize asks with name and password, or with the answer to a challenge. It is
// an [ostiary.Authorizer]: a user for an Access-Accept, nil and nil or a
// *ostiary.Refusal for an Access-Reject, a *ostiary.NextStep for an
// Access-Challenge, and ostiary.ErrUnavailable when no server gave a valid answer.
// A name of more than 253 bytes, a password of more than 128 and either with a NUL
// byte are refused without asking: the protocol can't carry them.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	if sealed, ok := ostiary.StepState(ctx); ok {
		return c.answer(ctx, sealed, credentials.Get(answerField))
	}
	config := c.config()
	name, password := credentials.Get(config.UsernameField), credentials.Get(config.PasswordField)
	if !sendableName(name) || !sendablePassword(password) {
		ostiary.Trace(ctx, "not sent: RADIUS can't carry such a name or password")
		return nil, nil
	}
	reply, from, err := c.ask(ctx, c.inOrder(), c.question(ctx, name, password))
	if err != nil {
		return nil, c.unavailable(err)
	}
	return c.judge(ctx, name, from, reply)
}

// answer sends the answer to a challenge to the server that asked, and to no other.
func (c *Connector) answer(ctx context.Context, sealed []byte, text string) (*ostiary.User, error) {
	step, err := unseal(sealed)
	if err != nil {
		return nil, c.unavailable(err)
	}
	if !sendablePassword(text) {
		return nil, nil
	}
	for _, s := range c.servers() {
		if s.address != step.server {
			continue
		}
		q := c.question(ctx, step.name, text)
		q.state = step.state
		reply, from, err := c.ask(ctx, []*server{s}, q)
		if err != nil {
			return nil, c.unavailable(err)
		}
		return c.judge(ctx, step.name, from, reply)
	}
	return nil, c.unavailable(fmt.Errorf("the challenge came from %s, which is not among the servers any more", step.server))
}

func (c *Connector) question(ctx context.Context, name, password string) question {
	q := question{code: accessRequest, name: name, password: password, common: c.common}
	if addr := ostiary.ClientAddr(ctx); c.config().CallingStation && addr.IsValid() {
		q.calling = addr.Unmap().WithZone("").String()
	}
	return q
}

// sendableName: User-Name has from 1 to 253 bytes of UTF-8 (RFC 2865, section 5.1).
func sendableName(s string) bool {
	return s != "" && len(s) <= maxValue && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// sendablePassword: a hidden password has at most 128 bytes, and a NUL ends it
// (RFC 2865, section 5.2). An empty one is never sent (PWD-8).
func sendablePassword(s string) bool {
	return s != "" && len(s) <= 128 && strings.IndexByte(s, 0) < 0
}

// inOrder are the servers to ask: those that are not left out, or all when all
// are, the one that failed longest ago first.
func (c *Connector) inOrder() []*server {
	all := c.servers()
	if len(all) == 1 {
		return all
	}
	list := make([]*server, 0, len(all))
	for _, s := range all {
		if s.due() {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		list = slices.Clone(all)
		slices.SortStableFunc(list, func(a, b *server) int { return a.failed().Compare(b.failed()) })
	}
	return list
}

// ask asks one server after the other until one can have got the question. Whether
// that one answers or not, no other gets it: a wrong password counts once, and a
// one-time code is used up by the first who reads it (CON-2).
func (c *Connector) ask(ctx context.Context, servers []*server, q question) (reply packet, from string, err error) {
	var faults []error
	for _, s := range servers {
		reply, err := s.ask(ctx, q, share(ctx, 1))
		if err == nil {
			return reply, s.address, nil
		}
		faults = append(faults, err)
		if ctx.Err() != nil || !errors.Is(err, errUnsent) {
			break
		}
	}
	return packet{}, "", errors.Join(faults...)
}

// share is the time for one of several tries, of what the context leaves.
func share(ctx context.Context, tries int) time.Duration {
	until, ok := ctx.Deadline()
	if !ok {
		return math.MaxInt64
	}
	rest := time.Until(until)
	rest -= min(rest/10, 100*time.Millisecond) // for who waits for us
	return rest / time.Duration(tries)
}

// Close ends the connections over TLS; who waits on them is told that there is no
// answer. It never fails.
func (c *Connector) Close() error {
	for _, s := range c.servers() {
		s.close()
	}
	return nil
}

func (c *Connector) unavailable(err error) error {
	return ostiary.Unavailable(fmt.Errorf("radius: %w", err))
}

// String names the servers. No way of printing a Connector shows more.
func (c *Connector) String() string {
	if c == nil || c.servers == nil {
		return "radius"
	}
	text := "radius"
	for _, s := range c.servers() {
		text += " " + s.address
	}
	return text
}

// GoString is String.
func (c *Connector) GoString() string { return c.String() }

// Format prints String for every verb.
func (c *Connector) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Connector) LogValue() slog.Value { return slog.StringValue(c.String()) }
