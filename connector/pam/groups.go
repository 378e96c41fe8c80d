package pam

import (
	"errors"
	"fmt"
	"os/user"
	"strings"

	"github.com/ostiary/ostiary"
)

// addGroups takes groups and full name from the account database of the system.
// Groups that have no name there any more are left out.
func addGroups(u *ostiary.User) error {
	account, err := user.Lookup(u.ID)
	var nobody user.UnknownUserError
	switch {
	case errors.As(err, &nobody):
		return nil
	case err != nil:
		return fmt.Errorf("the account database: %w", err)
	}
	ids, err := account.GroupIds()
	if err != nil {
		return fmt.Errorf("the groups of an account: %w", err)
	}
	for _, id := range ids {
		group, err := user.LookupGroupId(id)
		var nameless user.UnknownGroupIdError
		switch {
		case errors.As(err, &nameless):
			continue
		case err != nil:
			return fmt.Errorf("the groups of an account: %w", err)
		}
		u.Groups = append(u.Groups, group.Name)
	}
	if name := strings.TrimSpace(account.Name); name != "" {
		u.Name = name
	}
	return nil
}
