// Package bounds knows what a store may be given, so that all of them refuse the
// same (FAL-7). The errors name the bound and never quote what was given.
package bounds

import (
	"errors"
	"time"

	"github.com/ostiary/ostiary"
)

const (
	maxAccount = 3200
	maxID      = 64
	maxKind    = 64
	maxKey     = 2048
	maxData    = 16 << 10
	maxName    = 512
	maxLimit   = 1 << 30
)

// Errors for what is refused.
var (
	ErrAccount = errors.New("an account is 1 to 3200 bytes of printable ASCII")
	ErrID      = errors.New("the id of a record is 1 to 64 bytes of printable ASCII")
	ErrKind    = errors.New("the kind of a record is 1 to 64 bytes of printable ASCII")
	ErrKey     = errors.New("the key of a record is at most 2048 bytes of printable ASCII")
	ErrData    = errors.New("the data of a record is at most 16 KiB")
	ErrOther   = errors.New("the record names another account than the change")
	ErrName    = errors.New("the key of a mark or budget and the id of a session are 1 to 512 bytes")
	ErrBudget  = errors.New("a budget has a limit of 1 or more and a window of whole seconds")
	ErrTwice   = errors.New("a budget is named twice")
)

// Account checks the name of an account. An account without a name is no account
// without factors: whoever asks for it made a mistake (MFA-3).
func Account(name string) error { return when(!printable(name, 1, maxAccount), ErrAccount) }

// Key reports whether a record can have the key, which is not empty.
func Key(key string) bool { return printable(key, 1, maxKey) }

// Name checks the key of a mark or budget, or the id of a session.
func Name(name string) error { return when(name == "" || len(name) > maxName, ErrName) }

// Budgets checks what is to be spent.
func Budgets(list []ostiary.Budget) error {
	for i, b := range list {
		if b.Limit < 1 || b.Limit > maxLimit || b.Window < time.Second || b.Window%time.Second != 0 {
			return ErrBudget
		}
		if err := Name(b.Key); err != nil {
			return err
		}
		for _, other := range list[:i] {
			if other.Key == b.Key {
				return ErrTwice
			}
		}
	}
	return nil
}

// Change checks a change of an account.
func Change(account string, c ostiary.Change) error {
	if err := Account(account); err != nil {
		return err
	}
	for _, list := range [][]ostiary.Record{c.Add, c.Update, c.Remove} {
		for i := range list {
			if err := named(account, &list[i]); err != nil {
				return err
			}
		}
	}
	for i := range c.Add {
		if err := Record(&c.Add[i]); err != nil {
			return err
		}
	}
	for i := range c.Update {
		if len(c.Update[i].Data) > maxData {
			return ErrData
		}
	}
	for _, m := range c.Once {
		if err := Name(m.Key); err != nil {
			return err
		}
	}
	for _, key := range c.Refund {
		if err := Name(key); err != nil {
			return err
		}
	}
	return nil
}

// named checks what a record is found by.
func named(account string, r *ostiary.Record) error {
	if r.Account != "" && r.Account != account {
		return ErrOther
	}
	return when(!printable(r.ID, 1, maxID), ErrID)
}

// Record checks a record but for its account.
func Record(r *ostiary.Record) error {
	switch {
	case !printable(r.ID, 1, maxID):
		return ErrID
	case !printable(r.Kind, 1, maxKind):
		return ErrKind
	case !printable(r.Key, 0, maxKey):
		return ErrKey
	case len(r.Data) > maxData:
		return ErrData
	}
	return nil
}

// Millis returns t in Unix milliseconds, the next one when t lies between two: a
// mark counts until then, and rather longer than shorter.
func Millis(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

func when(bad bool, err error) error {
	if bad {
		return err
	}
	return nil
}

func printable(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
