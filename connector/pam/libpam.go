//go:build pam && cgo && unix

package pam

import (
	"errors"
	"fmt"

	lib "github.com/msteinert/pam/v2"

	"github.com/ostiary/ostiary"
)

const built = true

// openStack begins a transaction with libpam.
func openStack(to target) (stack, error) {
	talk := lib.ConversationFunc(func(style lib.Style, _ string) (string, error) {
		switch style {
		case lib.PromptEchoOff:
			return to.answer(false)
		case lib.PromptEchoOn:
			return to.answer(true)
		}
		return "", nil // a message, for a terminal
	})
	tx, err := begin(to, talk)
	if err != nil {
		return nil, fmt.Errorf("pam_start: %w", err)
	}
	s := &transaction{tx}
	if err := s.describe(to); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func begin(to target, talk lib.ConversationHandler) (*lib.Transaction, error) {
	if to.confDir != "" {
		return lib.StartConfDir(to.service, to.name, talk, to.confDir)
	}
	return lib.Start(to.service, to.name, talk)
}

// flags: modules write no messages, and an account without a password is none.
const flags = lib.Silent | lib.DisallowNullAuthtok

type transaction struct{ tx *lib.Transaction }

// describe tells the modules where the question comes from.
func (t *transaction) describe(to target) error {
	if err := t.tx.SetItem(lib.Tty, "ostiary"); err != nil {
		return fmt.Errorf("pam_set_item: %w", err)
	}
	if to.host == "" {
		return nil
	}
	if err := t.tx.SetItem(lib.Rhost, to.host); err != nil {
		return fmt.Errorf("pam_set_item: %w", err)
	}
	return nil
}

func (t *transaction) authenticate() error {
	return classify("pam_authenticate", authenticateStates, t.tx.Authenticate(flags))
}

func (t *transaction) account() error {
	return classify("pam_acct_mgmt", accountStates, t.tx.AcctMgmt(flags))
}

func (t *transaction) user() (string, error) {
	name, err := t.tx.GetItem(lib.User)
	if err != nil {
		return "", fmt.Errorf("pam_get_item: %w", err)
	}
	return name, nil
}

func (t *transaction) end() { _ = t.tx.End() } // nothing is left to do about it

// The denials of each call (pam_authenticate(3), pam_acct_mgmt(3)). Every other
// code is a fault of the stack.
var (
	authenticateStates = map[lib.Error]ostiary.State{
		lib.ErrAuth:        "",
		lib.ErrUserUnknown: "",
		lib.ErrPermDenied:  "",
		lib.ErrMaxtries:    ostiary.Locked,
		lib.ErrAcctExpired: ostiary.Expired,
		// Of these the manuals speak under pam_acct_mgmt; some modules return them
		// here.
		lib.ErrNewAuthtokReqd: ostiary.MustChange,
		lib.ErrAuthtokExpired: ostiary.Expired,
		lib.ErrCredExpired:    ostiary.Expired,
	}
	accountStates = map[lib.Error]ostiary.State{
		lib.ErrAuth:           "",
		lib.ErrUserUnknown:    "",
		lib.ErrMaxtries:       ostiary.Locked,
		lib.ErrPermDenied:     ostiary.Disabled,
		lib.ErrAcctExpired:    ostiary.Expired,
		lib.ErrAuthtokExpired: ostiary.Expired,
		lib.ErrCredExpired:    ostiary.Expired,
		lib.ErrNewAuthtokReqd: ostiary.MustChange,
	}
)

func classify(call string, states map[lib.Error]ostiary.State, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", call, err)
	var code lib.Error
	if errors.As(err, &code) {
		if state, ok := states[code]; ok {
			return &denial{state: state, cause: err}
		}
	}
	return err
}
