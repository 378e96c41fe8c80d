package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// nonsense is an answer that says nothing clear: unavailable.
type nonsense struct{ what error }

func (n *nonsense) Error() string { return n.what.Error() }
func (n *nonsense) Unwrap() error { return n.what }

func unclear(format string, values ...any) error {
	return &nonsense{fmt.Errorf(format, values...)}
}

// aboutRequest are the 4xx that complain about how we ask, or about what is
// between us and the endpoint. They say nothing about the person.
var aboutRequest = []int{
	http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusProxyAuthRequired,
	http.StatusRequestTimeout, http.StatusLengthRequired, http.StatusRequestEntityTooLarge,
	http.StatusRequestURITooLong, http.StatusUnsupportedMediaType, http.StatusExpectationFailed,
	http.StatusMisdirectedRequest, http.StatusTooEarly, http.StatusUpgradeRequired,
	http.StatusRequestHeaderFieldsTooLarge,
}

// judge decides what an answer to a sign-in comes down to (CON-1, HTC-3).
func (c *Connector) judge(answer *reply) (*ostiary.User, error) {
	switch status := answer.status; {
	case c.mapping.success(status):
		return c.judgeSuccess(answer)
	case status >= 400 && status < 500 && !slices.Contains(aboutRequest, status):
		return nil, c.judgeRefusal(answer)
	}
	return nil, badStatus(answer.status)
}

func badStatus(status int) error {
	if status >= 300 && status < 400 {
		return unclear("answered %d: redirects are not followed", status)
	}
	return unclear("answered %d", status)
}

func (c *Connector) judgeSuccess(answer *reply) (*ostiary.User, error) {
	root, refused, err := answer.object()
	if err != nil || refused {
		return nil, err
	}
	if v, ok := c.mapping.next.find(root); ok {
		next, ok := v.(*object)
		if !ok {
			return nil, unclear("%q in the answer is not an object", c.mapping.next.text)
		}
		return nil, nextStep(next)
	}
	if yes, err := c.mapping.confirmed(root); err != nil {
		return nil, err
	} else if !yes {
		return nil, c.mapping.refusal(root, answer.status)
	}
	return c.mapping.user(root)
}

// judgeRefusal reads code, sentence or next step of a refusal. A body that can't
// be read changes nothing about the no.
func (c *Connector) judgeRefusal(answer *reply) error {
	root, _, err := answer.object()
	if err != nil {
		root = nil
	}
	if root != nil {
		v, _ := c.mapping.next.find(root)
		if next, ok := v.(*object); ok {
			return nextStep(next)
		}
	}
	refusal := c.mapping.refusal(root, answer.status)
	if answer.status == http.StatusTooManyRequests {
		refusal.RetryAfter = retryAfter(answer.retry, c.now())
	}
	return refusal
}

// judgeLookup decides what an answer to a lookup comes down to.
func (c *Connector) judgeLookup(answer *reply, id string) (*ostiary.User, error) {
	if answer.status == http.StatusNotFound || answer.status == http.StatusGone {
		return nil, nil
	}
	if !c.mapping.success(answer.status) {
		return nil, badStatus(answer.status)
	}
	root, gone, err := answer.object()
	if err != nil || gone {
		return nil, err
	}
	if yes, err := c.mapping.confirmed(root); err != nil || !yes {
		return nil, err
	}
	user, err := c.mapping.user(root)
	if err == nil && user.ID != id {
		return nil, unclear("answered another user than the one asked for")
	}
	return user, err
}

// object reads the body: an object, or null or false, which the seed of this
// connector takes for "no such user".
func (r *reply) object() (root *object, no bool, err error) {
	if r.fault != nil {
		return nil, false, unclear("answered %d: %w", r.status, r.fault)
	}
	v, err := decode(r.body)
	if err != nil {
		return nil, false, unclear("answered %d: the body %w", r.status, err)
	}
	switch v := v.(type) {
	case *object:
		return v, false, nil
	case nil:
		return nil, true, nil
	case bool:
		if !v {
			return nil, true, nil
		}
	}
	return nil, false, unclear("answered %d: the body %w", r.status, errors.New("is not a JSON object"))
}

const (
	// patience is for 429 without a usable Retry-After.
	patience    = 10 * time.Second
	maxPatience = 24 * time.Hour
)

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	wait := patience
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, time.Second), maxPatience)
}
