package server

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader walks the nodes of one file along the table of keys and collects what
// is wrong. It never stops at the first fault.
type reader struct {
	file   string // as named in faults
	dir    string // what relative paths count from
	getenv func(string) string
	public bool // everybody on the machine can read the file

	faults Faults
	lines  map[string]int // where each key stands, by its path
	hidden []string       // secrets, and whatever came from outside the file
	nodes  int
}

// place is a value in the file: the node and the path of keys that leads to it.
type place struct {
	path string
	node *yaml.Node
}

func (p place) key(name string) string {
	if p.path == "" {
		return name
	}
	return p.path + "." + name
}

func (r *reader) fault(path string, line int, format string, args ...any) {
	r.faults = append(r.faults, Fault{
		File: r.file, Line: max(line, 1), Path: path, Text: fmt.Sprintf(format, args...),
	})
}

func (r *reader) faultAt(at place, format string, args ...any) {
	r.fault(at.path, at.node.Line, format, args...)
}

// lineFor returns the line of a key, or that of the nearest key above it.
func (r *reader) lineFor(path string) int {
	for path != "" {
		if line, ok := r.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// hide keeps a value out of everything that is printed.
func (r *reader) hide(value string) {
	if len(value) >= 6 { // what is shorter is part of too many words
		r.hidden = append(r.hidden, value)
	}
}

// redact takes hidden values out of a text.
func (r *reader) redact(text string) string {
	for _, value := range r.hidden {
		text = strings.ReplaceAll(text, value, "[hidden]")
	}
	return text
}

// resolve follows aliases and bounds how much a file with many of them unfolds to.
func (r *reader) resolve(at place) (place, bool) {
	if r.nodes++; r.nodes >= maxNodes {
		if r.nodes == maxNodes {
			r.faultAt(at, "the file unfolds to more than %d values; use fewer aliases", maxNodes)
		}
		return at, false
	}
	for range 8 {
		if at.node.Kind != yaml.AliasNode {
			return at, true
		}
		alias := at.node
		at.node = alias.Alias
	}
	return at, false
}

// entries returns the pairs of a mapping in the order of the file. Keys that
// are doubled or not plain text are faults and left out. Nothing after the
// colon is an empty mapping.
func (r *reader) entries(at place, what string) (keys []string, values []place, ok bool) {
	if isNull(at.node) {
		return nil, nil, true
	}
	if at.node.Kind != yaml.MappingNode {
		r.faultAt(at, "must be a mapping of %s, not %s", what, kindName(at.node))
		return nil, nil, false
	}
	first := make(map[string]int)
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		k := at.node.Content[i]
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" || k.Tag == "!!null" {
			r.fault(at.path, k.Line, "a key here is not plain text; merge keys (<<) are not supported, write the keys out")
			continue
		}
		if line, twice := first[k.Value]; twice {
			r.fault(at.path, k.Line, "%s is here twice, first in line %d; keep one", shownKey(k.Value), line)
			continue
		}
		first[k.Value] = k.Line
		if printableKey(k.Value) {
			r.lines[at.key(k.Value)] = k.Line
		}
		keys = append(keys, k.Value)
		values = append(values, place{at.key(pathKey(k.Value)), withLine(at.node.Content[i+1], k.Line)})
	}
	return keys, values, true
}

// withLine gives a value that is left out the line of its key.
func withLine(n *yaml.Node, line int) *yaml.Node {
	if n.Line > 0 {
		return n
	}
	clone := *n
	clone.Line = line
	return &clone
}

// items returns the members of a list. A single value stands for a list of one.
func (r *reader) items(at place) []place {
	if isNull(at.node) {
		return nil
	}
	if at.node.Kind == yaml.ScalarNode {
		return []place{at}
	}
	if at.node.Kind != yaml.SequenceNode {
		r.faultAt(at, "must be a list, not %s", kindName(at.node))
		return nil
	}
	places := make([]place, len(at.node.Content))
	for i, n := range at.node.Content {
		places[i] = place{fmt.Sprintf("%s[%d]", at.path, i), n}
		r.lines[places[i].path] = n.Line
	}
	return places
}

// scalar is a single value, with its references filled in.
type scalar struct {
	text    string
	foreign bool // came, in part, from outside the file
	quoted  bool
	tag     string
}

// scalar reads a single value. It reports false when there is a fault.
func (r *reader) scalar(at place) (s scalar, ok bool) {
	at, ok = r.resolve(at)
	switch {
	case !ok:
		return s, false
	case at.node.Kind != yaml.ScalarNode:
		r.faultAt(at, "must be a single value, not %s", kindName(at.node))
		return s, false
	case isNull(at.node):
		r.faultAt(at, "has no value; give it one or take the key out")
		return s, false
	}
	text, foreign, problems := r.interpolate(at.node.Value)
	for _, problem := range problems {
		r.faultAt(at, "%s", problem)
	}
	quoted := at.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	return scalar{text, foreign, quoted, at.node.Tag}, len(problems) == 0
}

// shown returns a value as a fault may print it: not what came from elsewhere.
func (s scalar) shown() string {
	if s.foreign || len(s.text) > 60 || !printable(s.text) {
		return "the value"
	}
	return fmt.Sprintf("%q", s.text)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return "a single value"
}

// printableKey tells a key that somebody chose from a secret that slipped into
// a key's place.
func printableKey(key string) bool { return len(key) <= 40 && printable(key) }

func pathKey(key string) string {
	if printableKey(key) {
		return key
	}
	return "?"
}

func shownKey(key string) string {
	if printableKey(key) {
		return fmt.Sprintf("%q", key)
	}
	return "a key"
}

func printable(s string) bool {
	for _, c := range s {
		if c < ' ' || c == 0x7f || c == '\uFFFD' || (c >= 0x80 && c <= 0xa0) {
			return false
		}
	}
	return true
}
