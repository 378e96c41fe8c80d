package ldap

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

var _ ostiary.Authorizer = new(Connector).Authorize

// Authorize finds the person and binds as them. A name that is unknown, or found
// twice, costs the same questions: somebody who can't exist is bound as in their
// place (PWD-6). It returns nil and nil for a refusal, a *ostiary.Refusal for a
// state that may be revealed, ostiary.ErrAccessDenied for who is in none of the
// required groups, and otherwise an error that is ostiary.ErrUnavailable.
func (c *Connector) Authorize(ctx context.Context, credentials form.Values, _ *http.Request) (*ostiary.User, error) {
	password := credentials.Get(c.config.PasswordField)
	if password == "" || credentials.Get(c.config.UsernameField) == "" || strings.IndexByte(password, 0) >= 0 { // PWD-8, LDP-1
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, ostiary.Unavailable(err)
	}
	if c.user != nil {
		return c.bindFirst(ctx, credentials, password)
	}
	return c.searchFirst(ctx, credentials, password)
}

// searchFirst finds the entry as the account and then binds as it.
func (c *Connector) searchFirst(ctx context.Context, credentials form.Values, password string) (*ostiary.User, error) {
	filter, ok := c.filter.make(credentials)
	if !ok {
		filter, _ = c.filter.fill(func(string) string { return rand.Text() }, func(s string) string { return s })
	}
	entries, err := c.search(ctx, c.people(filter))
	if err != nil {
		return nil, ostiary.Unavailable(err)
	}
	entry := c.one(ctx, entries)
	dn := c.nobody()
	if entry != nil {
		dn = entry.DN
	}
	v := c.bind(ctx, dn, password, nil)
	if v.err != nil {
		return nil, ostiary.Unavailable(v.err)
	}
	switch {
	case entry == nil:
		return nil, nil
	case !v.right:
		return nil, c.config.Reveal.Refuse(v.state, nil)
	}
	return c.admit(ctx, c.search, entry)
}

// nobody is the name of somebody who can't exist: a bind as them locks nobody.
func (c *Connector) nobody() string {
	name := "cn=" + rand.Text()
	if c.config.BaseDN != "" {
		name += "," + c.config.BaseDN
	}
	return name
}

// bindFirst binds as the person and then reads their entry with their own rights.
func (c *Connector) bindFirst(ctx context.Context, credentials form.Values, password string) (*ostiary.User, error) {
	name, ok := c.user.make(credentials)
	if !ok {
		name = c.nobody()
	}
	var user *ostiary.User
	var refused error
	v := c.bind(ctx, name, password, func(l *link) error {
		ask := func(ctx context.Context, q question) ([]*goldap.Entry, error) { return c.ask(ctx, l, q) }
		entry, err := c.own(ctx, ask, name, credentials)
		if err != nil || entry == nil {
			return err
		}
		user, refused = c.admit(ctx, ask, entry)
		return nil
	})
	switch {
	case v.err != nil:
		return nil, ostiary.Unavailable(v.err)
	case !ok:
		return nil, nil
	case !v.right:
		return nil, c.config.Reveal.Refuse(v.state, nil)
	}
	return user, refused
}

// own reads the entry of who is bound.
func (c *Connector) own(ctx context.Context, ask asker, name string, credentials form.Values) (*goldap.Entry, error) {
	q := question{base: name, scope: goldap.ScopeBaseObject, filter: "(objectClass=*)", most: 1}
	if !c.user.dn {
		filter, ok := c.filter.make(credentials)
		if !ok {
			return nil, nil
		}
		// Who has somebody else's name as user principal name is bound by their own
		// password, but must not be taken for them: two entries are nobody (IDN-2).
		q = c.people("(|" + filter + "(userPrincipalName=" + string(inFilter(name)) + "))")
	}
	entries, err := ask(ctx, q)
	if err != nil {
		return nil, err
	}
	entry := c.one(ctx, entries)
	if entry == nil {
		return nil, errors.New("the person is bound, but their entry can't be read: let them read it, or give the connector a BindDN")
	}
	return entry, nil
}

// bind checks a password, on a connection that is used for nothing else, and then
// runs what is to be asked as that person.
func (c *Connector) bind(ctx context.Context, dn, password string, then func(*link) error) verdict {
	l, _, err := c.passwords.take(ctx)
	if err != nil {
		return verdict{err: err}
	}
	request := goldap.NewSimpleBindRequest(dn, password, []goldap.Control{goldap.NewControlBeheraPasswordPolicy()})
	var v verdict
	err = l.during(ctx, func() error {
		result, err := l.SimpleBind(request)
		v = judge(result, err)
		if v.right && then != nil {
			v.err = then(l)
		}
		return nil
	})
	if err != nil {
		v = verdict{err: err}
	}
	c.passwords.give(l, !isNetwork(v.err))
	ostiary.Trace(ctx, "bind as the person", slog.String("dn", dn), slog.Bool("right", v.right), slog.String("state", string(v.state)))
	return v
}

// admit completes a person whose password was right.
func (c *Connector) admit(ctx context.Context, ask asker, entry *goldap.Entry) (*ostiary.User, error) {
	groups, err := c.groups(ctx, ask, entry)
	if err != nil {
		return nil, ostiary.Unavailable(err)
	}
	if !c.allowed(groups) {
		ostiary.Trace(ctx, "in none of the required groups")
		return nil, ostiary.ErrAccessDenied
	}
	user, err := c.userOf(entry, groups)
	if err != nil {
		return nil, ostiary.Unavailable(err)
	}
	return user, nil
}

// CanLookup reports whether there is an account to search with.
func (c *Connector) CanLookup() bool { return c.user == nil }

// Lookup finds a person by id, nil without error when there is none, or one who is
// in none of the required groups. Whether an account is locked shows at its next
// sign-in only. Every error is ostiary.ErrUnavailable.
func (c *Connector) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	if c.user != nil {
		return nil, ostiary.Unavailable(errors.New("there is no BindDN to look people up with"))
	}
	value, ok := c.idFilter(userID)
	if !ok {
		return nil, nil
	}
	entries, err := c.search(ctx, c.people("("+c.attributes.ID+"="+string(value)+")"))
	if err != nil {
		return nil, ostiary.Unavailable(err)
	}
	entry := c.one(ctx, entries)
	if entry == nil {
		return nil, nil
	}
	user, err := c.admit(ctx, c.search, entry)
	switch {
	case errors.Is(err, ostiary.ErrAccessDenied):
		return nil, nil
	case err != nil:
		return nil, err
	case user.ID != userID: // matching rules take other spellings
		return nil, nil
	}
	return user, nil
}

// Check connects, looks for the base and for anybody at all, and says what is wrong and how to mend it.
func (c *Connector) Check(ctx context.Context) error {
	if c.user != nil {
		l, _, err := c.passwords.take(ctx)
		if err == nil {
			c.passwords.give(l, true)
		}
		return err
	}
	filter, _ := c.filter.fill(func(string) string { return rand.Text() }, func(s string) string { return s })
	if _, err := c.search(ctx, c.people(filter)); err != nil {
		return err
	}
	base := question{base: c.config.BaseDN, scope: goldap.ScopeBaseObject, filter: "(objectClass=*)", most: 1}
	entries, err := c.search(ctx, base)
	if err == nil && len(entries) == 0 {
		err = fmt.Errorf("the base %q is not there, or the account may not see it", c.config.BaseDN)
	}
	if err != nil {
		return err
	}
	return c.checkFilter(ctx)
}

// checkFilter asks for anybody at all: a filter that finds nobody, or an id that
// can't be read, refuses everybody without a word.
func (c *Connector) checkFilter(ctx context.Context) error {
	filter, _ := c.filter.fill(func(string) string { return "*" }, func(s string) string { return s })
	anybody := c.people(filter)
	anybody.most = 2
	entries, err := c.search(ctx, anybody)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return fmt.Errorf("the filter finds nobody below %q, whatever is typed (asked: %s): check Filter, Preset and BaseDN, or let the account read the attributes of the filter",
			c.config.BaseDN, filter)
	}
	_, err = c.id(entries[0])
	return err
}

// Close ends the connections that nobody uses; the others end with their question.
func (c *Connector) Close() error {
	c.searches.close()
	c.passwords.close()
	return nil
}

// String names the servers. No way of printing a Connector shows more.
func (c *Connector) String() string {
	if c == nil || len(c.servers) == 0 {
		return "ldap"
	}
	return "ldap " + c.servers[0].url
}

// GoString is String.
func (c *Connector) GoString() string { return c.String() }

// Format is String, for every verb.
func (c *Connector) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Connector) LogValue() slog.Value { return slog.StringValue(c.String()) }
