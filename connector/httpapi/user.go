package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/ostiary/ostiary"
)

// mapping is a compiled Map, with the statuses of a yes.
type mapping struct {
	id, name, email, groups, ok, code, message, next path
	image                                            []path // the first that finds something
	claims                                           map[string]path
	statuses                                         []int
}

func (m *mapping) success(status int) bool {
	if len(m.statuses) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(m.statuses, status)
}

// confirmed reads the explicit yes, if there has to be one.
func (m *mapping) confirmed(root *object) (bool, error) {
	if len(m.ok.segments) == 0 {
		return true, nil
	}
	v, _ := m.ok.find(root)
	yes, isBool := v.(bool)
	if !isBool {
		return false, unclear("%q in the answer is not true or false", m.ok.text)
	}
	return yes, nil
}

// refusal takes code and sentence from an answer, if it has them.
func (m *mapping) refusal(root *object, status int) *ostiary.Refusal {
	r := &ostiary.Refusal{Cause: fmt.Errorf("the endpoint answered %d", status)}
	if root == nil {
		return r
	}
	if v, ok := m.code.find(root); ok {
		if code, ok := v.(string); ok && len(code) <= 64 && isPrintable(code) {
			r.Code = code
		}
	}
	if v, ok := m.message.find(root); ok {
		text, _ := v.(string)
		r.Sentence = oneLine(text)
	}
	return r
}

// user takes what is declared from an answer, and nothing else (HTC-4).
func (m *mapping) user(root *object) (*ostiary.User, error) {
	id, err := m.userID(root)
	if err != nil {
		return nil, err
	}
	u := &ostiary.User{ID: id}
	if u.Name, err = m.name.string(root); err != nil {
		return nil, err
	}
	if u.Email, err = m.email.string(root); err != nil {
		return nil, err
	}
	if u.Image, err = m.picture(root); err != nil {
		return nil, err
	}
	if u.Groups, err = m.groups.list(root); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(m.claims)) {
		if v, ok := m.claims[name].find(root); ok {
			if u.Claims == nil {
				u.Claims = make(map[string]any, len(m.claims))
			}
			u.Claims[name] = plain(v)
		}
	}
	return u, nil
}

// maxID is the longest id in bytes.
const maxID = 512

func (m *mapping) userID(root *object) (string, error) {
	v, _ := m.id.find(root)
	var id string
	switch v := v.(type) {
	case string:
		id = v
	case json.Number:
		// 0 is what an empty record of a statically typed language says: every
		// wrong password would sign in as the same user.
		if id = v.String(); !isWhole(id) || id == "0" || id == "-0" {
			return "", unclear("%q in the answer is not a whole number other than 0", m.id.text)
		}
	default:
		return "", unclear("%q in the answer is not an id: it must be a text or a whole number", m.id.text)
	}
	if strings.TrimSpace(id) == "" || len(id) > maxID || !isPrintable(id) {
		return "", unclear("%q in the answer is not an id: it is empty, too long, or has unprintable characters", m.id.text)
	}
	return id, nil
}

func (m *mapping) picture(root *object) (string, error) {
	for _, p := range m.image {
		text, err := p.string(root)
		if err != nil {
			return "", err
		}
		if isAddress(text) {
			return text, nil
		}
	}
	return "", nil
}

// isAddress reports whether text is an http or https URL or a path. A data URL
// would fill the session cookie, and others have no business in an img element.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return false
	}
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") || u.Scheme == "" && strings.HasPrefix(text, "/")
}

// string reads a text; "" when there is none.
func (p path) string(root *object) (string, error) {
	v, ok := p.find(root)
	if !ok {
		return "", nil
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", p.mismatch("a text")
}

// list reads texts and whole numbers; nil when there are none.
func (p path) list(root *object) ([]string, error) {
	v, ok := p.find(root)
	if !ok {
		return nil, nil
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		switch item := item.(type) {
		case string:
			out = append(out, item)
		case json.Number:
			if !isWhole(item.String()) {
				return nil, p.mismatch("a list of texts")
			}
			out = append(out, item.String())
		default:
			return nil, p.mismatch("a list of texts")
		}
	}
	return out, nil
}

// mismatch is a value of another type than expected: a fault where somebody
// named this very place, and unknown where it is only a guess of ours.
func (p path) mismatch(want string) error {
	if !p.explicit {
		return nil
	}
	return unclear("%q in the answer is not %s", p.text, want)
}

// isWhole reports whether a JSON number has neither fraction nor exponent.
func isWhole(number string) bool { return !strings.ContainsAny(number, ".eE") }

// isPrintable refuses control characters and what was not valid text.
func isPrintable(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

// oneLine makes a sentence fit for a page and a log line.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}
