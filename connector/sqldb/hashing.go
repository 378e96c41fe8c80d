package sqldb

import (
	"errors"
	"strings"
	"sync"

	"github.com/ostiary/ostiary/passhash"
)

// errNoHash says that the column of the hash is NULL.
var errNoHash = errors.New("there is no password")

// hashing reads stored passwords as a system does, and remembers which kind of
// them is commonest.
type hashing struct {
	system  passhash.System
	options passhash.Options
	columns map[string]string // the system's name of a column to that in the result

	mu   sync.Mutex
	seen map[kind]int
	most kind
	best passhash.Hash // matches nothing
}

// kind is what the time of a hash depends on.
type kind struct {
	family passhash.Family
	cost   passhash.Cost
}

// mostKinds is how many kinds are counted; a table has a handful.
const mostKinds = 64

// hashing finds the system.
func (k *checker) hashing() *hashing {
	config := &k.config
	field, name := "HashSystem", config.HashSystem
	if _, known := presets[config.Preset]; known {
		field, name = "Preset", config.Preset
	}
	system, err := passhash.SystemNamed(name)
	if err != nil {
		k.faultf("%s: %w", field, err)
	}
	h := &hashing{
		system: system,
		options: passhash.Options{
			Limits: config.Limits, Pepper: config.Pepper, OldPeppers: config.OldPeppers,
			SiteSalt: config.SiteSalt, DefaultScheme: config.DefaultScheme, Stretches: config.Stretches,
		},
		columns: map[string]string{}, seen: map[kind]int{},
	}
	for _, name := range system.Columns() {
		h.columns[name] = name
		lower := strings.ToLower(name)
		switch {
		case strings.Contains(lower, "salt"):
			h.columns[name] = or(config.Columns.Salt, name)
		case strings.Contains(lower, "algo"), strings.Contains(lower, "format"):
			h.columns[name] = or(config.Columns.Algorithm, name)
		}
	}
	return h
}

// record takes the stored password out of a row. there is false where it is
// NULL.
func (h *hashing) record(row cells, column, username string) (r passhash.Record, there bool, err error) {
	value, err := row.must(column)
	if err != nil {
		return r, false, err
	}
	r.Stored, there = text(value)
	r.Username, r.Columns = username, make(map[string]string, len(h.columns))
	for name, column := range h.columns {
		value, _, err := row.find(column)
		if err != nil {
			return r, false, err
		}
		if s, ok := text(value); ok {
			r.Columns[name] = s
		}
	}
	return r, there, nil
}

// parse reads a person's hash.
func (h *hashing) parse(p *person) (passhash.Hash, error) {
	if !p.hasHash {
		return passhash.Hash{}, errNoHash
	}
	return h.system.Parse(p.record, h.options)
}

// open reports whether a person has a password that is not locked, or whether
// the query does not say.
func (h *hashing) open(p *person) bool {
	if p.noColumn {
		return true
	}
	_, err := h.parse(p)
	return !errors.Is(err, errNoHash) && !errors.Is(err, passhash.ErrLocked)
}

// learn counts a hash that was read.
func (h *hashing) learn(hash passhash.Hash) {
	k := kind{hash.Family(), hash.Cost()}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.seen[k]; !known && len(h.seen) == mostKinds {
		return
	}
	h.seen[k]++
	if h.best.Family() == "" || h.seen[k] > h.seen[h.most] {
		h.most = k
		h.best = hash.Dummy()
	}
}

// learned reports whether any hash was read yet.
func (h *hashing) learned() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.seen) > 0
}

// dummy returns a hash that matches nothing and takes as long as most people's:
// the commonest kind that was read, or before any was, the system's default.
func (h *hashing) dummy() passhash.Hash {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.best.Family() == "" {
		return h.system.Default(h.options)
	}
	return h.best
}
