package session

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
)

// Extra are claims by their names, undecoded. The zero Extra has none. It is a
// plain value: changing one changes no copy of it.
type Extra struct {
	list []extraClaim // by name
}

type extraClaim struct{ name, value string }

// Get returns the claim as JSON, which is the caller's own, nil when there is none.
func (e Extra) Get(name string) json.RawMessage {
	at, found := e.search(name)
	if !found {
		return nil
	}
	return json.RawMessage(e.list[at].value)
}

// Set adds or replaces a claim, which must be JSON: sealing a token looks.
func (e *Extra) Set(name string, value json.RawMessage) { e.set(name, string(value)) }

func (e *Extra) set(name, value string) {
	at, found := e.search(name)
	after := at
	if found {
		after++
	}
	e.list = slices.Concat(e.list[:at], []extraClaim{{name, value}}, e.list[after:])
}

// Delete removes a claim if it is there.
func (e *Extra) Delete(name string) {
	if at, found := e.search(name); found {
		e.list = slices.Concat(e.list[:at], e.list[at+1:])
	}
}

// Len returns how many claims there are.
func (e Extra) Len() int { return len(e.list) }

// All returns the claims in the order of their names, as Get returns them.
func (e Extra) All() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, c := range e.list {
			if !yield(c.name, json.RawMessage(c.value)) {
				return
			}
		}
	}
}

func (e Extra) search(name string) (at int, found bool) {
	return slices.BinarySearchFunc(e.list, name, func(c extraClaim, name string) int { return strings.Compare(c.name, name) })
}

// add is Set for a list that nobody else has yet. It reports false when the claim
// is there already.
func (e *Extra) add(name, value string) bool {
	c := extraClaim{name, value}
	if n := len(e.list); n == 0 || e.list[n-1].name < name { // as issuers write them
		e.list = append(e.list, c)
		return true
	}
	at, found := e.search(name)
	if !found {
		e.list = slices.Insert(e.list, at, c)
	}
	return !found
}
