package htpasswd

import (
	"errors"
	"fmt"
)

// fault is a line that is not in order.
type fault struct {
	line int
	// person is who can't sign in because of it; empty when the line is none of
	// a password file.
	person string
	// open: it is the last line and has no end, so that more may be to come.
	open  bool
	cause error
}

// grave reports whether the file is not to be trusted because of it.
func (f fault) grave() bool { return f.person == "" || f.open }

func (f fault) Error() string {
	if f.person == "" {
		return fmt.Sprintf("line %d: %v", f.line, f.cause)
	}
	return fmt.Sprintf("line %d: user %q: %v", f.line, f.person, f.cause)
}

// maxShown is how many faults of either sort are told of one file.
const maxShown = 20

// faults are those of one reading, in the order of the lines. A file of another
// kind may have millions: those beyond the first are counted and not kept.
type faults struct {
	shown        []fault
	grave, minor int
}

func (f *faults) add(one fault) {
	n := &f.minor
	if one.grave() {
		n = &f.grave
	}
	if *n++; *n <= maxShown {
		f.shown = append(f.shown, one)
	}
}

// all makes one error of the faults, nil of none. What it joins are single ones.
func (f *faults) all(file string) error {
	return f.join(file, f.grave+f.minor, func(fault) bool { return true })
}

// worst is all of the grave ones.
func (f *faults) worst(file string) error { return f.join(file, f.grave, fault.grave) }

func (f *faults) join(file string, total int, counts func(fault) bool) error {
	var errs []error
	for _, one := range f.shown {
		if counts(one) && len(errs) < maxShown {
			errs = append(errs, fmt.Errorf("File: %s: %w", file, one))
		}
	}
	if more := total - len(errs); more > 0 {
		errs = append(errs, fmt.Errorf("File: %s: %d more lines are not in order", file, more))
	}
	return errors.Join(errs...)
}
