package pam

import (
	"errors"
	"fmt"

	"github.com/ostiary/ostiary"
)

// stack is one transaction with libpam, used by one goroutine that stays on its
// thread. Its errors are *denial, or faults.
type stack interface {
	authenticate() error
	account() error
	// user is the name as the modules left it.
	user() (string, error)
	end()
}

// opener begins a transaction.
type opener func(target) (stack, error)

// target is what a transaction is about.
type target struct {
	service, confDir, name, host string
	// answer is asked by the modules for an answer.
	answer func(echo bool) (string, error)
}

// denial is a no of the stack, with the state that it tells of, if any.
type denial struct {
	state ostiary.State
	cause error
}

func (d *denial) Error() string {
	if d.state == "" {
		return fmt.Sprintf("denied: %v", d.cause)
	}
	return fmt.Sprintf("denied (%s): %v", d.state, d.cause)
}

func (d *denial) Unwrap() error { return d.cause }

var errAskedMore = errors.New("a module asked for more than the password")

// conversation gives the password to the first question without echo, and to no
// other: a second one may be for a code, or for a new password.
type conversation struct {
	password string
	given    bool
	refused  bool
}

func (c *conversation) answer(echo bool) (string, error) {
	if echo || c.given {
		c.refused = true
		return "", errAskedMore
	}
	c.given = true
	return c.password, nil
}
