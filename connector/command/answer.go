package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/strictjson"
)

// The exit statuses that mean something.
const (
	statusUser    = 0
	statusRefused = 1
	statusNext    = 2
)

// nonsense is an answer that can't be understood. Its text quotes nothing of the
// answer, which may hold what the program was told.
type nonsense struct{ text string }

func (n *nonsense) Error() string { return n.text }

func unclear(format string, args ...any) *nonsense { return &nonsense{fmt.Sprintf(format, args...)} }

// judge decides what an answer to a sign-in comes down to (CON-1).
func judge(status int, output []byte) (*ostiary.User, error) {
	switch status {
	case statusUser:
		return readUser(output)
	case statusRefused:
		return nil, readRefusal(output)
	case statusNext:
		return nil, readNext(output)
	}
	return nil, unclear("exit status %d", status)
}

// judgeLookup decides what an answer to a lookup comes down to.
func judgeLookup(status int, output []byte, id string) (*ostiary.User, error) {
	switch status {
	case statusUser:
		user, err := readUser(output)
		if err == nil && user.ID != id {
			return nil, unclear("answered another user than the one asked for")
		}
		return user, err
	case statusRefused:
		// Interpreters end so when they crash.
		if _, err := strictjson.Object(output); err != nil {
			return nil, unclear("exit status 1 of a lookup without a JSON object: {} says that there is no such user")
		}
		return nil, nil
	}
	return nil, unclear("exit status %d of a lookup", status)
}

// readRefusal is nil, the refusal that tells nothing, unless the program wrote
// what the person may know. An answer that can't be read changes nothing about
// the no.
func readRefusal(output []byte) error {
	members, err := strictjson.Object(output)
	if err != nil {
		return nil
	}
	r := new(ostiary.Refusal)
	if code, ok := text(members["code"]); ok && len(code) <= maxCode && isPrintable(code) {
		r.Code = code
	}
	if sentence, ok := text(members["message"]); ok {
		r.Sentence = oneLine(sentence)
	}
	var seconds int64
	if raw := members["retry_after"]; raw != nil && json.Unmarshal(raw, &seconds) == nil && seconds > 0 {
		r.RetryAfter = min(time.Duration(min(seconds, 1<<31))*time.Second, maxPatience)
	}
	if *r == (ostiary.Refusal{}) {
		return nil
	}
	return r
}

const (
	maxCode     = 64
	maxPatience = 24 * time.Hour
)

// object reads a JSON object that has no other members than those named.
func object(what string, raw []byte, known ...string) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, unclear("%s is empty", what)
	}
	members, err := strictjson.Object(raw)
	if err != nil {
		return nil, unclear("%s is %v", what, err)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, name) {
			return nil, unclear("%s has a member that it can't have; there are %q", what, known)
		}
	}
	return members, nil
}

// text reads a JSON text; it is not ok for anything else.
func text(raw json.RawMessage) (s string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(raw, &s) == nil
}

// optionalText reads a text that may be missing or null.
func optionalText(what string, members map[string]json.RawMessage, name string) (string, error) {
	raw, there := members[name]
	if !there || isNull(raw) {
		return "", nil
	}
	s, ok := text(raw)
	if !ok {
		return "", unclear("%s: %s is not a text", what, name)
	}
	return s, nil
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// decode reads a value as encoding/json does, numbers as they are written.
func decode(raw []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(to)
}
