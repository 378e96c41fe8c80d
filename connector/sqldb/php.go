package sqldb

import (
	"errors"
	"strconv"
	"strings"
)

var errPHP = errors.New("is not a serialised array of PHP, name to true or false")

// parseCapabilities reads the roles of a WordPress user, a serialised array of
// PHP such as a:1:{s:6:"editor";b:1;}. Only those that are true count.
func parseCapabilities(s string) ([]string, error) {
	rest, ok := strings.CutPrefix(s, "a:")
	if !ok {
		return nil, errPHP
	}
	count, rest, ok := phpNumber(rest, ":{")
	if !ok {
		return nil, errPHP
	}
	var names []string
	for range count {
		var name string
		if name, rest, ok = phpText(rest); !ok {
			return nil, errPHP
		}
		switch {
		case strings.HasPrefix(rest, "b:1;"):
			names = append(names, name)
		case !strings.HasPrefix(rest, "b:0;"):
			return nil, errPHP
		}
		rest = rest[len("b:1;"):]
	}
	if rest != "}" {
		return nil, errPHP
	}
	return names, nil
}

// phpNumber reads a count up to its end.
func phpNumber(s, end string) (n int, rest string, ok bool) {
	digits, rest, ok := strings.Cut(s, end)
	if !ok || len(digits) > 6 || strings.Trim(digits, "0123456789") != "" {
		return 0, "", false
	}
	n, err := strconv.Atoi(digits)
	return n, rest, err == nil
}

// phpText reads s:6:"editor"; whose length is in bytes.
func phpText(s string) (text, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "s:")
	if !ok {
		return "", "", false
	}
	n, s, ok := phpNumber(s, `:"`)
	if !ok || len(s) < n || !strings.HasPrefix(s[n:], `";`) {
		return "", "", false
	}
	return s[:n], s[n+2:], true
}
