package httpapi

import (
	"errors"
	"strconv"
	"strings"
)

// path is a compiled dotted path. An empty one finds nothing.
type path struct {
	text     string
	segments []string
	explicit bool // given in the configuration, not a default
}

// none is the path that the configuration writes to take nothing.
const none = "-"

func compilePath(given, fallback string) (path, error) {
	text := given
	if text == "" {
		text = fallback
	}
	p := path{text: text, explicit: given != ""}
	if text == none || text == "" {
		return p, nil
	}
	var segment strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			segment.WriteByte(text[i])
		case c == '.':
			p.segments = append(p.segments, segment.String())
			segment.Reset()
		default:
			segment.WriteByte(c)
		}
	}
	p.segments = append(p.segments, segment.String())
	for _, s := range p.segments {
		if s == "" {
			return p, errors.New("has an empty segment: write names with single dots between them")
		}
	}
	return p, nil
}

// find follows the path. It reports false when there is nothing, or null.
func (p path) find(v any) (any, bool) {
	if len(p.segments) == 0 {
		return nil, false
	}
	found := follow(v, p.segments)
	return found, found != nil
}

func follow(v any, segments []string) any {
	if len(segments) == 0 {
		return v
	}
	first, rest := segments[0], segments[1:]
	switch v := v.(type) {
	case *object:
		return follow(v.members[first], rest)
	case []any:
		if first == "*" {
			return each(v, rest)
		}
		if i, err := strconv.Atoi(first); err == nil && i >= 0 && i < len(v) {
			return follow(v[i], rest)
		}
	}
	return nil
}

func each(list []any, rest []string) any {
	found := make([]any, 0, len(list))
	for _, item := range list {
		if v := follow(item, rest); v != nil {
			found = append(found, v)
		}
	}
	return found
}
