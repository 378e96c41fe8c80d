package form

import (
	"fmt"
	"strings"
)

// longestName is the greatest number of characters in a field's name.
const longestName = 64

// reservedNames are words of the sign-in protocol, in lower case: a field of
// that name would be read by the protocol and never reach the connector, or
// worse, steer it.
var reservedNames = map[string]string{
	"csrftoken":   "the page submits its CSRF token under it",
	"callbackurl": "clients submit the destination under it",
	"redirectto":  "clients submit the destination under it",
	"redirect":    "clients submit an option under it",
	"json":        "clients submit an option under it",
	"constructor": "front ends in JavaScript could mistake it for a property of every object",
	"prototype":   "front ends in JavaScript could mistake it for a property of every object",
}

// ownPrefix begins the names that the pages keep for themselves.
const ownPrefix = "ostiary_"

func checkNames(f Form) []error {
	var faults []error
	seen := make(map[string]string, len(f))
	for i := range f {
		name := f[i].Name
		if err := checkName(name, i); err != nil {
			faults = append(faults, err)
			continue
		}
		lower := strings.ToLower(name)
		switch first, ok := seen[lower]; {
		case ok && first == name:
			faults = append(faults, fmt.Errorf("field %q: the name is declared twice: give each field a name of its own", name))
		case ok:
			faults = append(faults, fmt.Errorf("field %q: the name differs from %q only in case: choose another", name, first))
		default:
			seen[lower] = name
		}
	}
	return faults
}

func checkName(name string, i int) error {
	if name == "" {
		return fmt.Errorf("field number %d: the name is missing: every field needs one", i+1)
	}
	if !validName(name) {
		return fmt.Errorf("field %s: the name must begin with a letter, go on with letters, digits, - or _, and have at most %d characters", quote(name), longestName)
	}
	lower := strings.ToLower(name)
	if why, reserved := reservedNames[lower]; reserved {
		return fmt.Errorf("field %q: the name is reserved, since %s: choose another", name, why)
	}
	if strings.HasPrefix(lower, ownPrefix) {
		return fmt.Errorf("field %q: names that begin with %q are kept for the pages: choose another", name, ownPrefix)
	}
	return nil
}

func validName(name string) bool {
	if name == "" || len(name) > longestName || !isLetter(name[0]) {
		return false
	}
	for i := 1; i < len(name); i++ {
		if c := name[i]; !isLetter(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
