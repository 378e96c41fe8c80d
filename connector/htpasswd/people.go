package htpasswd

import (
	"bytes"
	"errors"
	"strings"

	"github.com/ostiary/ostiary/passhash"
)

// people are those of one reading of the file.
type people struct {
	all   map[string]person
	dummy passhash.Hash // of the commonest family and cost
}

// person is what the first line with a name says.
type person struct {
	line  int
	hash  passhash.Hash
	cause error // why the hash is the zero one
}

// usable reports whether the person can sign in; the zero person can't.
func (p person) usable() bool { return p.hash.Family() != "" }

// locked reports whether the person is kept out on purpose.
func (p person) locked() bool { return errors.Is(p.cause, passhash.ErrLocked) }

// find returns the person of that name, byte for byte.
func (p *people) find(name string) (found person, listed bool) {
	found, listed = p.all[name]
	return found, listed
}

// parse reads the lines. Of a name that comes twice the first counts, whatever
// its hash, as in Apache.
func parse(text []byte, limits passhash.Limits) (*people, faults) {
	p, wrong := &people{all: make(map[string]person)}, faults{}
	seen, most, n := map[kind]int{}, 0, 0
	for raw := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		n++
		line, ended := strings.CutSuffix(string(raw), "\n")
		name, stored, err := splitLine(strings.TrimSuffix(line, "\r"))
		if err != nil {
			wrong.add(fault{line: n, cause: err})
			continue
		}
		if _, twice := p.all[name]; name == "" || twice {
			continue
		}
		hash, err := readHash(stored, limits)
		p.all[name] = person{n, hash, err}
		switch {
		case errors.Is(err, passhash.ErrLocked):
		case err != nil:
			wrong.add(fault{n, name, !ended, err})
		default:
			k := kind{hash.Family(), hash.Cost()}
			if seen[k]++; seen[k] > most {
				most, p.dummy = seen[k], hash.Dummy()
			}
		}
	}
	return p, wrong
}

// kind is what the time of a hash depends on.
type kind struct {
	family passhash.Family
	cost   passhash.Cost
}
