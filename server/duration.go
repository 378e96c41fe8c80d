package server

import (
	"errors"
	"regexp"
	"strconv"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

var (
	durationPart = regexp.MustCompile(`^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|w)`)
	unitLength   = map[string]time.Duration{
		"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": week,
	}
)

// parseDuration reads what time.ParseDuration reads, without signs, and days
// and weeks: people don't count the hours of a month.
func parseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	var total float64
	for s != "" {
		m := durationPart.FindStringSubmatch(s)
		if m == nil {
			return 0, errors.New("not a duration")
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, err
		}
		total += n * float64(unitLength[m[2]])
		s = s[len(m[0]):]
	}
	if total <= 0 || total > float64(100*year) {
		return 0, errors.New("out of range")
	}
	return time.Duration(total), nil
}

// formatDuration writes a duration in the largest unit that it is whole in.
func formatDuration(d time.Duration) string {
	for _, unit := range [...]string{"d", "h", "m", "s"} {
		if d > 0 && d%unitLength[unit] == 0 {
			return strconv.FormatInt(int64(d/unitLength[unit]), 10) + unit
		}
	}
	return d.String()
}
