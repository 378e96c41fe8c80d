package command

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode"

	"github.com/ostiary/ostiary"
)

// maxID is the longest id in bytes.
const maxID = 512

// readUser reads the user of exit status 0.
func readUser(output []byte) (*ostiary.User, error) {
	const what = "the answer"
	members, err := object(what, output, "id", "name", "email", "image", "groups", "claims")
	if err != nil {
		return nil, err
	}
	u := new(ostiary.User)
	if u.ID, err = readID(members["id"]); err != nil {
		return nil, err
	}
	for name, to := range map[string]*string{"name": &u.Name, "email": &u.Email, "image": &u.Image} {
		if *to, err = optionalText(what, members, name); err != nil {
			return nil, err
		}
	}
	if !isAddress(u.Image) {
		u.Image = ""
	}
	if u.Groups, err = readGroups(members["groups"]); err != nil {
		return nil, err
	}
	u.Claims, err = readClaims(members["claims"])
	if err != nil {
		return nil, err
	}
	return u, nil
}

// readID takes a text only: numbers change in the hands of JSON readers.
func readID(raw json.RawMessage) (string, error) {
	id, ok := text(raw)
	if !ok {
		return "", unclear("the answer has no id that is a text")
	}
	if strings.TrimSpace(id) == "" || len(id) > maxID || !isPrintable(id) {
		return "", unclear("the answer's id is empty, too long, or has unprintable characters")
	}
	return id, nil
}

func readGroups(raw json.RawMessage) ([]string, error) {
	if raw == nil || isNull(raw) {
		return nil, nil
	}
	var items []*string
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		return nil, unclear("the answer's groups are not a list of texts")
	}
	groups := make([]string, len(items))
	for i, item := range items {
		if item == nil {
			return nil, unclear("the answer's groups are not a list of texts")
		}
		groups[i] = *item
	}
	return groups, nil
}

func readClaims(raw json.RawMessage) (map[string]any, error) {
	if raw == nil || isNull(raw) {
		return nil, nil
	}
	var claims map[string]any
	if raw[0] != '{' || decode(raw, &claims) != nil {
		return nil, unclear("the answer's claims are not an object")
	}
	return claims, nil
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

// isPrintable refuses control characters and what was not valid text.
func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
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
