package sqldb

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text reads a value of a driver as text. It is not there when it is NULL, or of
// a kind that has no one spelling.
func text(value any) (s string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// shown reads a value that is for showing; what is no text is left out.
func shown(value any) string {
	s, _ := text(value)
	if !utf8.ValidString(s) {
		return ""
	}
	return s
}

// truth reads what a system means by yes or no. known is false for NULL and for
// what is neither.
func truth(value any) (yes, known bool) {
	if b, packed := value.([]byte); packed && len(b) == 1 && b[0] <= 1 { // a bit(1) of MySQL
		return b[0] == 1, true
	}
	s, ok := text(value)
	if !ok {
		return false, false
	}
	s = strings.ToLower(strings.TrimSpace(s))
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f != 0, true
	}
	switch s {
	case "t", "true", "y", "yes", "on", "\x01":
		return true, true
	case "f", "false", "n", "no", "off", "\x00":
		return false, true
	}
	return false, false
}

// moments are how databases write a time; without a zone it is UTC, which is
// what the sessions are set to.
var moments = []string{
	"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02",
}

func moment(value any) (time.Time, bool) {
	if t, ok := value.(time.Time); ok {
		return t, true
	}
	s, _ := text(value)
	for _, layout := range moments {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// locked reads a value that keeps a person out: yes, or a time that is still to
// come. What can't be read does, too.
func locked(value any, now time.Time) bool {
	if value == nil {
		return false
	}
	if s, ok := text(value); ok && strings.TrimSpace(s) == "" {
		return false
	}
	if strings.HasPrefix(shown(value), "0000-00-00") { // never, in MySQL
		return false
	}
	if t, ok := moment(value); ok {
		return t.After(now)
	}
	yes, known := truth(value)
	return yes || !known
}
