package ostiary

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
)

// A State is what keeps out a person whose account exists. Which one it is, is
// the operator's to tell or to keep (IDN-4): see Reveal.
type State string

// The states that connectors know of. A system that has no word for one never
// reports it.
const (
	// Locked: too many failures, or an administrator's lock. Its code is
	// "account_locked".
	Locked State = "locked"
	// Disabled: switched off, or not yet confirmed. Its code is
	// "account_disabled".
	Disabled State = "disabled"
	// Expired: the account or its password ran out. Its code is
	// "account_expired".
	Expired State = "expired"
	// MustChange: the password has to be changed first, at the system itself.
	// Its code is "password_must_change".
	MustChange State = "must_change"
)

var stateCodes = map[State]string{
	Locked:     "account_locked",
	Disabled:   "account_disabled",
	Expired:    "account_expired",
	MustChange: "password_must_change",
}

// Code is the stable code that a client program reads, "" for no known state.
func (s State) Code() string { return stateCodes[s] }

// isStateCode reports whether a code is one that the pages have a sentence for.
func isStateCode(code string) bool {
	for _, known := range stateCodes {
		if code == known {
			return true
		}
	}
	return false
}

var _ encoding.TextUnmarshaler = (*State)(nil)

// UnmarshalText accepts the known states only.
func (s *State) UnmarshalText(text []byte) error {
	state := State(text)
	if state.Code() == "" {
		return fmt.Errorf("%q is no state; they are %s", text, strings.Join([]string{
			string(Locked), string(Disabled), string(Expired), string(MustChange),
		}, ", "))
	}
	*s = state
	return nil
}

// Reveal lists the states that a person may learn of; to whoever asks for
// another's account they tell that it exists. The zero value tells none: every
// refusal looks like that of a wrong password.
type Reveal []State

// Refuse returns what an authorizer hands back for a person in a state: nil,
// which with a nil user is the plain refusal, unless the state is listed. cause
// is for the log of a revealed one and may be nil.
func (r Reveal) Refuse(state State, cause error) error {
	if state.Code() == "" || !slices.Contains(r, state) {
		return nil
	}
	return &Refusal{Code: state.Code(), Cause: cause}
}
