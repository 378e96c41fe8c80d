package ldap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
)

// question is a search.
type question struct {
	base   string
	scope  int
	filter string
	most   int // entries
}

// search asks as the account. A connection that was kept may be dead without our
// knowing: then it is asked once more, on a new one.
func (c *Connector) search(ctx context.Context, q question) ([]*goldap.Entry, error) {
	for {
		l, fresh, err := c.searches.take(ctx)
		if err != nil {
			return nil, err
		}
		entries, err := c.ask(ctx, l, q)
		c.searches.give(l, !isNetwork(err))
		if isNetwork(err) && !fresh && ctx.Err() == nil {
			continue
		}
		return entries, err
	}
}

// ask searches on a connection.
func (c *Connector) ask(ctx context.Context, l *link, q question) (entries []*goldap.Entry, err error) {
	request := goldap.NewSearchRequest(q.base, q.scope, goldap.NeverDerefAliases, q.most+1, seconds(c.config.Timeout), false, q.filter, c.wanted(), nil)
	request.EnforceSizeLimit = true // whatever the server sends (CON-2)
	ostiary.Trace(ctx, "search sent", slog.String("base", q.base), slog.String("filter", q.filter))
	err = l.during(ctx, func() error {
		result, err := l.Search(request)
		if result != nil {
			entries = result.Entries
		}
		return err
	})
	switch {
	case goldap.IsErrorWithCode(err, goldap.LDAPResultSizeLimitExceeded), errors.Is(err, goldap.ErrSizeLimitExceeded):
		err = nil // as many as we asked for, and more
		if q.most == 1 && len(entries) == 1 {
			// The server's own limit is lower: what it sent is not the only one (LDP-1).
			return nil, errors.New("there is more than one entry, and the server's size limit keeps it from showing two; raise it for this account")
		}
	case goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject):
		return nil, fmt.Errorf("the base %q is not there, or the account may not see it: %w", q.base, err)
	case goldap.IsErrorWithCode(err, goldap.LDAPResultReferral):
		return nil, errors.New("the server refers to another one, which is not followed; name that one in the URLs")
	}
	if err != nil {
		return nil, err
	}
	ostiary.Trace(ctx, "entries found", slog.Int("entries", len(entries)))
	return entries, nil
}

func seconds(d time.Duration) int { return max(1, int(d/time.Second)) }

// wanted are the attributes that are read.
func (c *Connector) wanted() []string {
	a := c.attributes
	names := []string{a.ID}
	for _, name := range []string{a.Name, a.Email, a.Image, a.Groups} {
		if name != "" {
			names = append(names, name)
		}
	}
	for _, name := range c.config.Claims {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isNetwork reports whether an error is of the connection and not of the server.
func isNetwork(err error) bool {
	var ofLDAP *goldap.Error
	if errors.As(err, &ofLDAP) {
		return ofLDAP.ResultCode >= 200 // those of the library
	}
	return err != nil
}

// people is the question for a person.
func (c *Connector) people(filter string) question {
	scope := goldap.ScopeWholeSubtree
	if c.config.OneLevel {
		scope = goldap.ScopeSingleLevel
	}
	return question{base: c.config.BaseDN, scope: scope, filter: filter, most: 1}
}

// one is the only entry, nil for none and for several (LDP-1).
func (c *Connector) one(ctx context.Context, entries []*goldap.Entry) *goldap.Entry {
	switch {
	case len(entries) == 0:
		return nil
	case len(entries) > 1:
		ostiary.Trace(ctx, "more than one entry is nobody")
		c.config.Logger.Warn("ldap: a filter found more than one entry for a name; nobody is let in by it")
		return nil
	case strings.TrimSpace(entries[0].DN) == "": // a bind as it would be anonymous
		return nil
	}
	return entries[0]
}
