package ostiary

import "github.com/ostiary/ostiary/internal/account"

// Account is the canonical name of a user: the realm and the immutable id in
// it. It is computed once and is the key of everything that belongs to a person.
type Account struct {
	Realm, UserID string
}

// String returns the account as one printable text that no other account has,
// or "" when realm or id can't be part of one.
func (a Account) String() string {
	id, err := account.ID(a.Realm, a.UserID)
	if err != nil {
		return ""
	}
	return id
}
