package form

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// check holds one submitted value against its field. A Problem without a code
// means that the value is fine.
func (fd *field) check(value string) Problem {
	if p := fd.checkBytes(value); p.Code != "" {
		return p
	}
	switch {
	case fd.kind == kindCheckbox:
		return fd.checkTick(value)
	case value == "" && fd.required:
		return fd.problem(CodeRequired)
	case fd.fixed && value != fd.value:
		return fd.problem(CodeFixed)
	case fd.kind == kindSelect:
		if _, ok := fd.options[value]; !ok && value != "" {
			return fd.problem(CodeBadValue)
		}
		return Problem{}
	case value == "":
		return Problem{} // HTML holds an empty value against required alone
	}
	return fd.checkContent(value)
}

// checkBytes looks at the value as bytes, before anything reads it as text.
func (fd *field) checkBytes(value string) Problem {
	switch {
	case len(value) > fd.maxBytes:
		return fd.problem(CodeTooLong)
	case !utf8.ValidString(value):
		return fd.problem(CodeEncoding)
	case !fd.secret && hasControl(value):
		return fd.problem(CodeEncoding)
	}
	return Problem{}
}

func (fd *field) checkTick(value string) Problem {
	on, known := fd.tick(value)
	switch {
	case !known:
		return fd.problem(CodeBadValue)
	case !on && fd.required:
		return fd.problem(CodeRequired)
	}
	return Problem{}
}

// tick reads a checkbox. Browsers send the declared value or nothing; front
// ends that submit what they hold in a variable send true or false.
func (fd *field) tick(value string) (on, known bool) {
	switch value {
	case fd.value, "true":
		return true, true
	case "", "false":
		return false, true
	}
	return false, false
}

// checkContent holds a value that is not empty against type and limits.
func (fd *field) checkContent(value string) Problem {
	if !wellFormed(fd.kind, value) {
		return fd.problem(CodeBadValue)
	}
	l := &fd.limits
	if l.minLength > 0 || l.maxLength >= 0 {
		switch n := utf16Length(value); {
		case n < l.minLength:
			return fd.problem(CodeTooShort)
		case l.maxLength >= 0 && n > l.maxLength:
			return fd.problem(CodeTooLong)
		}
	}
	if l.pattern != nil && !l.pattern.MatchString(value) {
		return fd.problem(CodePattern)
	}
	if fd.kind&(kindNumber|kindDate) == 0 {
		return Problem{}
	}
	n, _ := measure(fd.kind, value)
	switch {
	case n < l.min:
		return fd.problem(CodeTooSmall)
	case n > l.max:
		return fd.problem(CodeTooLarge)
	case !onStep(n, l.base, l.step):
		return fd.problem(CodeBadValue)
	}
	return Problem{}
}

func hasControl(value string) bool {
	for i := 0; i < len(value); i++ {
		if c := value[i]; c < ' ' || c >= 0x7f {
			return strings.ContainsFunc(value[i:], unicode.IsControl)
		}
	}
	return false
}

func utf16Length(value string) int {
	n := 0
	for _, r := range value {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// wellFormed checks the syntax that HTML asks of a type.
func wellFormed(of kind, value string) bool {
	switch of {
	case kindEmail:
		return validEmail(value)
	case kindURL:
		return validURL(value)
	case kindNumber, kindDate:
		_, ok := measure(of, value)
		return ok
	}
	return true
}

// measure gives the number that a value stands for, dates in days since 1970.
func measure(of kind, value string) (float64, bool) {
	if of == kindDate {
		return parseDate(value)
	}
	return parseNumber(value)
}

// parseNumber reads a valid floating-point number (HTML, section 2.3.4.3):
// unlike strconv it takes no plus sign, no Inf, no hexadecimal and no
// underscore, and asks for a digit after the point.
func parseNumber(value string) (float64, bool) {
	rest := strings.TrimPrefix(value, "-")
	rest, before := skipDigits(rest)
	if strings.HasPrefix(rest, ".") {
		var after int
		if rest, after = skipDigits(rest[1:]); after == 0 {
			return 0, false
		}
	} else if before == 0 {
		return 0, false
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		var digits int
		if rest, digits = skipDigits(rest); digits == 0 {
			return 0, false
		}
	}
	if rest != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil
}

func skipDigits(s string) (rest string, n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[n:], n
}

// parseDate reads a valid date string (HTML, section 2.3.5.2) up to the year
// 9999.
func parseDate(value string) (float64, bool) {
	t, err := time.Parse(time.DateOnly, value)
	if err != nil || len(value) != len(time.DateOnly) || t.Year() < 1 {
		return 0, false
	}
	return math.Floor(float64(t.Unix()) / 86400), true
}

// onStep reports whether n is a whole number of steps from base, as nearly as
// binary fractions can tell.
func onStep(n, base, step float64) bool {
	if math.IsNaN(step) {
		return true
	}
	return math.Abs(math.Remainder(n-base, step)) <= step/(1<<20)
}

// validEmail follows the expression that HTML gives for e-mail addresses
// (section 4.10.5.1.5), which is narrower than RFC 5322 on purpose.
func validEmail(value string) bool {
	local, domain, found := strings.Cut(value, "@")
	if !found || local == "" {
		return false
	}
	for i := 0; i < len(local); i++ {
		if c := local[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if !validHostLabel(label) {
			return false
		}
	}
	return true
}

func validHostLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := 0; i < len(label); i++ {
		if c := label[i]; !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// validURL asks for an absolute address, as type url does.
func validURL(value string) bool {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return false
	}
	u, err := url.Parse(value)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "")
}
