package server

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind reads one sort of value and describes it for the JSON Schema.
type kind[V any] struct {
	// read fills to. On a fault it leaves to as it is, or in part filled.
	read   func(r *reader, at place, to *V)
	schema func() schema
	// below are the keys of a mapping, for Keys; nil where there are none.
	below func(prefix string) []Key
}

// member is one key of a mapping that is read into a T.
type member[T any] struct {
	key  string
	doc  string // a sentence for the schema and the documentation
	def  string // the default, as documented; "" for none
	must bool   // the key may not be left out
	read func(r *reader, at place, to *T)

	schema func() schema
	below  func(prefix string) []Key
}

// key makes a member that is read by k into the place that into finds.
func key[T, V any](name string, k kind[V], into func(*T) *V, def, doc string) member[T] {
	return member[T]{
		key: name, doc: doc, def: def, schema: k.schema, below: k.below,
		read: func(r *reader, at place, to *T) { k.read(r, at, into(to)) },
	}
}

func (m member[T]) required() member[T] { m.must = true; return m }

// mapping reads the members of a T. Keys that are not in the table are faults.
func mapping[T any](members ...member[T]) kind[T] {
	return kind[T]{
		read:   func(r *reader, at place, to *T) { readMapping(r, at, to, members) },
		schema: func() schema { return mappingSchema(members) },
		below:  func(prefix string) []Key { return listKeys(prefix, members) },
	}
}

func readMapping[T any](r *reader, at place, to *T, members []member[T]) {
	at, ok := r.resolve(at)
	if !ok {
		return
	}
	keys, values, ok := r.entries(at, "keys")
	if !ok {
		return
	}
	seen := make(map[string]bool, len(keys))
	for i, name := range keys {
		seen[name] = true
		j := slices.IndexFunc(members, func(m member[T]) bool { return m.key == name })
		if j < 0 {
			r.unknownKey(at, name, r.lines[at.key(name)], values[i].node.Line, names(members))
			continue
		}
		members[j].read(r, values[i], to)
	}
	for _, m := range members {
		if m.must && !seen[m.key] {
			r.fault(at.key(m.key), r.lineFor(at.path), "is missing: %s", strings.ToLower(m.doc[:1])+m.doc[1:])
		}
	}
}

// later are keys of the finished product that this version does not have, so
// that nobody looks for a spelling mistake.
var later = map[string]string{
	"throttle": "throttling", "gateway": "the gateway", "store.redis": "the redis store",
}

func (r *reader) unknownKey(at place, name string, line, fallback int, known []string) {
	if line == 0 {
		line = fallback
	}
	full := at.key(pathKey(name))
	if what, ok := later[afterBracket(full)]; ok {
		if len(known) > 4 {
			r.fault(full, line, "%s is not in this version", what)
			return
		}
		r.fault(full, line, "%s is not in this version; it has %s", what, list(known))
		return
	}
	if meant := suggest(name, known); meant != "" {
		r.fault(full, line, "unknown key; did you mean %s?", meant)
		return
	}
	if len(known) == 0 {
		r.fault(full, line, "unknown key; there are no keys here")
		return
	}
	r.fault(full, line, "unknown key; here can be %s", list(known))
}

// afterBracket cuts "providers[3]." off a path.
func afterBracket(path string) string {
	return strings.TrimPrefix(path[strings.LastIndexByte(path, ']')+1:], ".")
}

func names[T any](members []member[T]) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = m.key
	}
	return out
}

// list writes "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// listOf reads a list, or a single value as a list of one.
func listOf[V any](k kind[V]) kind[[]V] {
	return kind[[]V]{
		read: func(r *reader, at place, to *[]V) {
			at, ok := r.resolve(at)
			if !ok {
				return
			}
			for _, item := range r.items(at) {
				var v V
				k.read(r, item, &v)
				*to = append(*to, v)
			}
		},
		schema: func() schema {
			list := schema{"type": "array", "items": k.schema()}
			if k.below != nil {
				return list
			}
			return schema{"anyOf": []schema{list, k.schema()}}
		},
		below: func(prefix string) []Key {
			if k.below == nil {
				return nil
			}
			return k.below(prefix + "[]")
		},
	}
}

// optional reads into a pointer, nil when the key is not there.
func optional[V any](k kind[V]) kind[*V] {
	return kind[*V]{
		read: func(r *reader, at place, to **V) {
			v := new(V)
			k.read(r, at, v)
			*to = v
		},
		schema: k.schema, below: k.below,
	}
}

// one reads a single value with a function that returns the value or what is
// wrong with it. The text of a fault may quote s.shown() and nothing else.
func one[V any](describe schema, convert func(s scalar) (V, error)) kind[V] {
	return kind[V]{
		read: func(r *reader, at place, to *V) {
			s, ok := r.scalar(at)
			if !ok {
				return
			}
			v, err := convert(s)
			if err != nil {
				r.faultAt(at, "%v", err)
				return
			}
			*to = v
		},
		schema: func() schema { return orReference(describe) },
	}
}

func text(limit int) kind[string] {
	return one(schema{"type": "string"}, func(s scalar) (string, error) {
		if len(s.text) > limit {
			return "", fmt.Errorf("is longer than %d bytes", limit)
		}
		if !printable(s.text) {
			return "", fmt.Errorf("has a control character or is not UTF-8")
		}
		return s.text, nil
	})
}

// hiddenText is text that no fault and no log may hold.
func hiddenText() kind[secret] { return hidden(func(string) bool { return true }) }

// hidden is hiddenText that may stand in a file that everybody can read, unless
// there is a secret in it.
func hidden(holdsSecret func(text string) bool) kind[secret] {
	return kind[secret]{
		read: func(r *reader, at place, to *secret) {
			s, ok := r.scalar(at)
			if !ok {
				return
			}
			r.hide(s.text)
			if r.public && !s.foreign && holdsSecret(s.text) {
				r.faultAt(at, "a secret stands in a file that everybody on this machine can read; run chmod o-r on the file, or write ${NAME} or ${file:…} here")
			}
			*to = secret{s.text, at.path}
		},
		schema: func() schema { return schema{"type": "string"} },
	}
}

// secret is a text that hides itself however it is printed.
type secret struct{ text, path string }

func (secret) String() string   { return "[secret]" }
func (secret) GoString() string { return "[secret]" }

func boolean() kind[bool] {
	return one(schema{"type": "boolean"}, func(s scalar) (bool, error) {
		switch s.text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return false, fmt.Errorf("must be true or false, not %s", s.shown())
	})
}

func whole[N ~int | ~int64](lowest, highest N, unit string) kind[N] {
	describe := schema{"type": "integer", "minimum": lowest, "maximum": highest}
	if unit != "" {
		unit = " of " + unit
	}
	return one(describe, func(s scalar) (N, error) {
		n, err := strconv.ParseInt(s.text, 10, 64)
		if err != nil || n < int64(lowest) || n > int64(highest) {
			return 0, fmt.Errorf("must be a whole number%s from %d to %d, not %s", unit, lowest, highest, s.shown())
		}
		return N(n), nil
	})
}

// choice reads one of a few words.
func choice[V any](words map[string]V) kind[V] {
	known := slices.Sorted(maps.Keys(words))
	return one(schema{"enum": known}, func(s scalar) (V, error) {
		if v, ok := words[s.text]; ok {
			return v, nil
		}
		var none V
		if meant := suggest(s.text, known); meant != "" && !s.foreign {
			return none, fmt.Errorf("%s is not a choice here; did you mean %s?", s.shown(), meant)
		}
		return none, fmt.Errorf("must be %s, not %s", strings.Join(known, " or "), s.shown())
	})
}

// duration reads 90s, 15m, 12h, 30d, 2w and sums of them.
func duration(lowest, highest time.Duration) kind[time.Duration] {
	describe := schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$`}
	return one(describe, func(s scalar) (time.Duration, error) {
		d, err := parseDuration(s.text)
		if err != nil {
			return 0, fmt.Errorf("%s is not a length of time; write a number and a unit, such as 90s, 15m, 12h or 30d", s.shown())
		}
		if d < lowest || d > highest {
			return 0, fmt.Errorf("must be from %s to %s, not %s", formatDuration(lowest), formatDuration(highest), s.shown())
		}
		return d, nil
	})
}

// orReference lets a value also be a reference such as ${NAME}.
func orReference(s schema) schema {
	if s["type"] == "string" && s["pattern"] == nil {
		return s
	}
	return schema{"anyOf": []schema{s, {"type": "string", "pattern": `\$\{`}}}
}
