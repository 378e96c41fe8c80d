package chain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Link is one system of a chain. The zero values of its rules are the strict ones.
type Link struct {
	// Name tells the link from the others: lower-case letters, digits, '-' and
	// '_', at most 32. It is part of the ids of its users (see RealmIDs) and must
	// stay what it is.
	Name string
	// Authorize asks the system. It is required.
	Authorize ostiary.Authorizer
	// Lookup finds a user of the system by id. Nil means that it can't.
	Lookup func(ctx context.Context, userID string) (*ostiary.User, error)
	// OnRefused asks the next link when this one refuses without a reason.
	OnRefused bool
	// OnUnavailable asks the next link when this one can't be asked.
	OnUnavailable bool
	// RealmIDs says that the ids of this system are those of the realm, as they
	// are: that 42 here is 42 in every other link with RealmIDs. Otherwise the id
	// is made "name:42".
	RealmIDs bool
}

// Chain is an authorizer made of several. It is safe for concurrent use when its
// links are.
type Chain struct{ links []Link }

// New checks the links and returns every fault it found, joined.
func New(links ...Link) (*Chain, error) {
	var faults []error
	seen := make(map[string]bool)
	for i, l := range links {
		switch {
		case !isName(l.Name):
			faults = append(faults, fmt.Errorf("link %d: Name: %q is not a name of lower-case letters, digits, - and _, at most %d", i+1, l.Name, maxName))
		case seen[l.Name]:
			faults = append(faults, fmt.Errorf("link %d: Name: %q is the name of another one, too", i+1, l.Name))
		case l.Authorize == nil:
			faults = append(faults, fmt.Errorf("link %d (%s): Authorize is missing", i+1, l.Name))
		case i < len(links)-1 && !l.OnRefused && !l.OnUnavailable:
			faults = append(faults, fmt.Errorf("link %d (%s): it never hands on, so what stands behind it is never asked; set OnRefused or OnUnavailable", i+1, l.Name))
		}
		seen[l.Name] = true
	}
	if len(links) == 0 {
		faults = append(faults, errors.New("there are no links"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Chain{append([]Link(nil), links...)}, nil
}

const maxName = 32

func isName(s string) bool {
	return s != "" && len(s) <= maxName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Authorize asks the links in their order, until one of them has the last word.
func (c *Chain) Authorize(ctx context.Context, credentials form.Values, r *http.Request) (*ostiary.User, error) {
	if state, ok := ostiary.StepState(ctx); ok {
		return c.goOn(ctx, state, credentials, r)
	}
	var last error
	for i := range c.links {
		l := &c.links[i]
		ostiary.Trace(ctx, "asking a link of the chain", slog.String("link", l.Name))
		user, err := l.Authorize(ctx, credentials, r)
		if !l.handsOn(user, err) || ctx.Err() != nil {
			return c.answer(i, user, err)
		}
		last = err
	}
	return nil, last
}

// handsOn decides CON-4. The last link hands on to nobody: what it says is then
// what the chain says.
func (l *Link) handsOn(user *ostiary.User, err error) bool {
	var refusal *ostiary.Refusal
	var step *ostiary.NextStep
	switch {
	case errors.As(err, &step), errors.Is(err, ostiary.ErrAccessDenied):
		return false
	case errors.As(err, &refusal):
		return l.OnRefused && refusal.Code == "" && refusal.Sentence == "" && refusal.RetryAfter == 0
	case err != nil:
		return l.OnUnavailable
	}
	return user == nil && l.OnRefused
}

// goOn hands the answer to a step to the link that asked for it.
func (c *Chain) goOn(ctx context.Context, state []byte, credentials form.Values, r *http.Request) (*ostiary.User, error) {
	if len(state) == 0 || int(state[0]) >= len(c.links) {
		return nil, ostiary.Unavailable(errors.New("the step belongs to no link of this chain"))
	}
	i := int(state[0])
	ctx = ostiary.WithStepState(ctx, state[1:])
	user, err := c.links[i].Authorize(ctx, credentials, r.WithContext(ctx))
	return c.answer(i, user, err)
}

// answer puts the mark of the link on what it said: the user's id, and the state
// of a step.
func (c *Chain) answer(i int, user *ostiary.User, err error) (*ostiary.User, error) {
	var step *ostiary.NextStep
	if errors.As(err, &step) {
		marked := *step
		marked.State = append([]byte{byte(i)}, step.State...)
		return nil, &marked
	}
	if err != nil || user == nil {
		return nil, err
	}
	return c.mark(i, user)
}

// mark gives a user the id that the realm knows. A user without one is left so,
// which makes the answer unavailable. An id of the realm that reads like one of a
// link would be two people (I2).
func (c *Chain) mark(i int, user *ostiary.User) (*ostiary.User, error) {
	l := &c.links[i]
	switch {
	case user.ID == "":
		return user, nil
	case !l.RealmIDs:
		marked := *user
		marked.ID = l.Name + ":" + user.ID
		return &marked, nil
	}
	for _, other := range c.links {
		if !other.RealmIDs && strings.HasPrefix(user.ID, other.Name+":") {
			return nil, ostiary.Unavailable(fmt.Errorf("link %s answered an id that reads like one of link %s", l.Name, other.Name))
		}
	}
	return user, nil
}

// CanLookUp reports whether every link can look people up.
func (c *Chain) CanLookUp() bool {
	for i := range c.links {
		if c.links[i].Lookup == nil {
			return false
		}
	}
	return true
}

// Lookup asks the link whose id it is; of links with RealmIDs the first that has
// somebody. A link of those that can't be asked makes the answer unavailable, even
// where one behind it may know.
func (c *Chain) Lookup(ctx context.Context, userID string) (*ostiary.User, error) {
	for i := range c.links {
		l := &c.links[i]
		id := userID
		if !l.RealmIDs {
			var ours bool
			if id, ours = strings.CutPrefix(userID, l.Name+":"); !ours {
				continue
			}
		}
		if l.Lookup == nil {
			return nil, ostiary.Unavailable(fmt.Errorf("link %s can't look people up", l.Name))
		}
		user, err := l.Lookup(ctx, id)
		if err != nil {
			return nil, err
		}
		if user != nil {
			return c.mark(i, user)
		}
	}
	return nil, nil
}
