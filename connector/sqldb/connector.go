package sqldb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// Connector asks one database. Make it with New, close it with Close; it is safe
// for concurrent use.
type Connector struct {
	usernameField, passwordField string
	reveal                       ostiary.Reveal
	database                     *database
	pool                         *pool
	hashes                       *passhash.Pool
	hashing                      *hashing
	rehash                       *rehash // nil without consent
	logger                       *slog.Logger
	now                          func() time.Time

	values  map[string]string // fixed values of the statements
	planner *planner          // nil for the operator's own query
	turn    chan struct{}     // whoever makes the plan holds it
	plan    atomic.Pointer[plan]
	looked  atomic.Int64 // when the plan was made, in Unix nanoseconds
	lookup  reader       // of the lookup, where it is another one than that of the query
}

var _ ostiary.Authorizer = new(Connector).Authorize

// Authorize finds the row of the name and verifies the password. A name that is
// unknown, found twice, or of a person who may not sign in takes as long as a
// wrong password: a hash of the commonest family and cost is verified in its
// place (PWD-6). It returns nil and nil for a refusal, a *ostiary.Refusal for a
// state that may be revealed, and otherwise an error that is
// ostiary.ErrUnavailable.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	typed, password := credentials.Get(c.usernameField), credentials.Get(c.passwordField)
	if typed == "" || password == "" { // PWD-8
		return nil, nil
	}
	plan, err := c.current(ctx)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	p, err := c.find(ctx, plan, typed)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	hash, usable := c.hash(ctx, p)
	match, err := c.hashes.Match(ctx, hash, password)
	ostiary.Trace(ctx, "password verified", slog.String("family", string(hash.Family())), slog.Any("hash", hash),
		slog.Bool("dummy", !usable), slog.Bool("match", match && usable))
	switch {
	case err != nil:
		return nil, c.unavailable(ctx, fmt.Errorf("verifying a password: %w", err))
	case p != nil && p.state != "": // whatever was typed (IDN-5)
		return nil, c.reveal.Refuse(p.state, nil)
	case !match || !usable:
		return nil, nil
	}
	user, err := c.user(ctx, plan, p)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	c.rehash.begin(p, hash, password)
	return user, nil
}

// find asks for a name, and returns the one person of whom it is the name.
func (c *Connector) find(ctx context.Context, plan *plan, typed string) (*person, error) {
	name := typed
	if !usable(typed) {
		name = rand.Text() // nobody's; the usual work is done all the same
	}
	values := plan.reader.ask(name)
	maps.Copy(values, c.values)
	ostiary.Trace(ctx, "query sent", slog.String("statement", plan.byName.text), slog.Any("values", plan.byName.values))
	answer, err := c.pool.ask(ctx, plan.byName, values, 2)
	if classify(err) == unlikelyFault {
		ostiary.Trace(ctx, "no row can have that name")
		return nil, nil
	}
	if err != nil {
		c.forget(plan, err)
		return nil, err
	}
	ostiary.Trace(ctx, "rows found", slog.Int("rows", len(answer.values)))
	if len(answer.values) == 0 {
		c.pretend(answer.columns, plan.reader)
		return nil, nil
	}
	p, err := c.one(answer, plan.reader)
	switch {
	case err != nil || p == nil:
		return nil, err
	case name != typed:
		return nil, nil
	case !plan.reader.named(typed, p):
		ostiary.Trace(ctx, "the row has another name", slog.String("id", p.user.ID))
		c.logger.Warn("sql: the database found somebody whose name is not what was typed", slog.String("id", p.user.ID))
		return nil, nil
	}
	return p, nil
}

// pretend reads a row that is not there: without it, the answer for an unknown
// name would come a few microseconds sooner (PWD-6).
func (c *Connector) pretend(columns []string, r reader) {
	values := make([]any, len(columns))
	for i := range values {
		values[i] = "0"
	}
	if p, err := r.read(columns, values); err == nil {
		_ = r.named("nobody", p)
		_, _ = c.hashing.parse(p)
	}
}

// one reads the only row (SQL-2).
func (c *Connector) one(answer *rows, r reader) (*person, error) {
	switch len(answer.values) {
	case 0:
		return nil, nil
	case 1:
	default:
		c.logger.Warn("sql: more than one row was found for a name; nobody is let in by it")
		return nil, nil
	}
	p, err := r.read(answer.columns, answer.values[0])
	if errors.Is(err, errNoID) {
		c.logger.Warn("sql: a row has no id; nobody is let in by it")
		return nil, nil
	}
	return p, err
}

// hash returns what to verify: the person's hash, or one that takes as long and
// matches nothing. usable is true for the first.
func (c *Connector) hash(ctx context.Context, p *person) (hash passhash.Hash, usable bool) {
	if p == nil {
		return c.hashing.dummy(), false
	}
	hash, err := c.hashing.parse(p)
	switch {
	case errors.Is(err, errNoHash), errors.Is(err, passhash.ErrLocked):
		ostiary.Trace(ctx, "no usable password", slog.String("id", p.user.ID))
		return c.hashing.dummy(), false
	case err != nil:
		ostiary.Trace(ctx, "hash not usable", slog.String("id", p.user.ID), slog.Any("cause", err))
		c.logger.Warn("sql: the stored password can't be used", slog.String("id", p.user.ID), slog.Any("cause", err))
		return c.hashing.dummy(), false
	}
	c.hashing.learn(hash)
	if p.state != "" {
		ostiary.Trace(ctx, "may not sign in", slog.String("id", p.user.ID), slog.String("state", string(p.state)))
		return hash.Dummy(), false
	}
	return hash, true
}

// user completes a person with groups.
func (c *Connector) user(ctx context.Context, plan *plan, p *person) (*ostiary.User, error) {
	user := p.user
	if plan.groups == nil {
		return &user, nil
	}
	groups, err := c.groups(ctx, plan, p.user.ID)
	if err != nil {
		c.forget(plan, err)
		return nil, fmt.Errorf("groups: %w", err)
	}
	user.Groups = groups
	ostiary.Trace(ctx, "groups found", slog.Any("groups", groups))
	return &user, nil
}

// nobody returns the values of a statement in which nobody's name stands.
func (c *Connector) nobody() map[string]string {
	values := map[string]string{"id": "0", "username": "", "email": ""}
	maps.Copy(values, c.values)
	return values
}

// CanLookup reports whether there is a lookup.
func (c *Connector) CanLookup() bool { return c.planner != nil || c.plan.Load().byID != nil }

// Lookup finds a person by id, nil without error when there is none, or one who
// may not sign in, or whose password is locked. Every error is
// ostiary.ErrUnavailable.
func (c *Connector) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	if !usable(userID) {
		return nil, nil
	}
	plan, err := c.current(ctx)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	if plan.byID == nil {
		return nil, c.unavailable(ctx, errors.New("no lookup is configured"))
	}
	values := c.nobody()
	values["id"] = userID
	answer, err := c.pool.ask(ctx, plan.byID, values, 2)
	if classify(err) == unlikelyFault {
		return nil, nil
	}
	if err != nil {
		c.forget(plan, err)
		return nil, c.unavailable(ctx, err)
	}
	reader := plan.reader
	if c.lookup != nil {
		reader = c.lookup
	}
	p, err := c.one(answer, reader)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	// The id once more: some servers take 42x for 42.
	if p == nil || p.user.ID != userID || p.state != "" || !c.hashing.open(p) {
		return nil, nil
	}
	user, err := c.user(ctx, plan, p)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	return user, nil
}

// lookAgain is how long a preset's plan counts before the tables are looked at
// anew: a column that locks people may have come.
const lookAgain = 10 * time.Minute

// current returns the plan. Whoever finds none waits until it is made; whoever
// finds an old one goes on with it while somebody else looks at the tables.
func (c *Connector) current(ctx context.Context) (*plan, error) {
	p := c.plan.Load()
	if p != nil && (c.planner == nil || c.now().Sub(time.Unix(0, c.looked.Load())).Abs() < lookAgain) {
		return p, nil
	}
	if p != nil {
		select {
		case c.turn <- struct{}{}:
		default:
			return p, nil
		}
	} else {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-c.turn }()
	return c.renew(ctx, p)
}

// renew makes a plan in place of an old one, which stays where nothing changed.
// Only who holds the turn may call it.
func (c *Connector) renew(ctx context.Context, old *plan) (*plan, error) {
	if now := c.plan.Load(); now != old && now != nil {
		return now, nil
	}
	fresh, err := c.planner.make(ctx)
	if err != nil {
		return nil, err
	}
	c.looked.Store(c.now().UnixNano())
	if old != nil && old.same(fresh) {
		return old, nil
	}
	c.plan.Store(fresh)
	return fresh, nil
}

// forget drops a plan that does not fit the tables any more.
func (c *Connector) forget(p *plan, err error) {
	if c.planner != nil && classify(err) == missingFault {
		c.plan.CompareAndSwap(p, nil)
	}
}

// unavailable says which database it was.
func (c *Connector) unavailable(ctx context.Context, err error) error {
	return ostiary.Unavailable(fmt.Errorf("%s: %w", c.database.where, describe(ctx, err)))
}

// Close closes the connections and waits for a rehash that is under way.
func (c *Connector) Close() error { return errors.Join(c.rehash.close(), c.pool.close()) }

// String names the database. No way of printing a Connector shows more.
func (c *Connector) String() string {
	if c == nil || c.database == nil {
		return "sqldb"
	}
	return "sqldb " + c.database.where
}

// GoString is String.
func (c *Connector) GoString() string { return c.String() }

// Format prints String for every verb.
func (c *Connector) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Connector) LogValue() slog.Value { return slog.StringValue(c.String()) }
