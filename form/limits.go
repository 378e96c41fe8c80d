package form

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// limits are the constraints that came as attributes.
type limits struct {
	minLength, maxLength int // UTF-16 code units; 0 and -1 for none
	pattern              *regexp.Regexp
	// min, max, step and base of a number, or of a date in days since 1970.
	// NaN where there is none.
	min, max, step, base float64
}

// leastPasswordLimit is the smallest maxlength a password field may have:
// shorter ones cut long passwords off while they are pasted (NIST SP 800-63B,
// section 3.1.1.2: at least 64 characters).
const leastPasswordLimit = 64

func readLimits(of kind, set attributeSet) (limits, []error) {
	none := math.NaN()
	l := limits{maxLength: -1, min: none, max: none, step: none}
	faults := []error{l.readLengths(of, set)}
	if p := set["pattern"]; p != nil {
		compiled, err := compilePattern(p.Value)
		if err != nil {
			faults = append(faults, fmt.Errorf("attribute \"pattern\" %w", err))
		}
		l.pattern = compiled
	}
	if of&(kindNumber|kindDate) != 0 {
		faults = append(faults, l.readRange(of, set))
	}
	return l, faults
}

func (l *limits) readLengths(of kind, set attributeSet) error {
	if a := set["minlength"]; a != nil {
		l.minLength, _ = strconv.Atoi(a.Value)
	}
	if a := set["maxlength"]; a != nil {
		l.maxLength, _ = strconv.Atoi(a.Value)
	}
	if l.maxLength >= 0 && l.minLength > l.maxLength {
		return fmt.Errorf("attribute \"minlength\" is greater than maxlength: no value would do")
	}
	short := l.maxLength >= 0 && l.maxLength < leastPasswordLimit
	if of == kindPassword && short && set.value("inputmode") != "numeric" && set.value("autocomplete") != "one-time-code" {
		return fmt.Errorf("attribute \"maxlength\" would cut long passwords off: give at least %d or none; if it is a PIN, say so with inputmode numeric", leastPasswordLimit)
	}
	return nil
}

func (l *limits) readRange(of kind, set attributeSet) error {
	for _, bound := range []struct {
		name string
		to   *float64
	}{{"min", &l.min}, {"max", &l.max}} {
		a := set[bound.name]
		if a == nil {
			continue
		}
		n, ok := measure(of, a.Value)
		if !ok {
			return fmt.Errorf("attribute %q must be a %s", bound.name, example(of))
		}
		*bound.to = n
	}
	if l.min > l.max { // false when either is NaN
		return errors.New("attribute \"min\" is greater than max: no value would do")
	}
	if !math.IsNaN(l.min) {
		l.base = l.min
	}
	return l.readStep(set)
}

// readStep takes the step, which HTML lets be 1 where nothing is said: whole
// numbers, or any day.
func (l *limits) readStep(set attributeSet) error {
	a := set["step"]
	switch {
	case a == nil:
		l.step = 1
	case a.Value == "any":
	default:
		n, ok := parseNumber(a.Value)
		if !ok || n <= 0 {
			return errors.New("attribute \"step\" must be a number greater than 0, or any")
		}
		l.step = n
	}
	return nil
}

func example(of kind) string {
	if of == kindDate {
		return "date such as 2006-01-31"
	}
	return "number such as 10 or 2.5"
}
