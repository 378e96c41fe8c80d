package sqldb_test

import (
	"strconv"
	"testing"

	"github.com/ostiary/ostiary"
)

// presetCase is a system with real tables.
type presetCase struct {
	preset  string
	file    string // of the vectors
	schemas string // empty: the name of the preset
	engines []string
	prepare []string // statements before any account
	// insert makes account n.
	insert func(n int, v *vector) []command
	// key is the id of account n. Nil: n+1.
	key func(n int) string
	// logins are what account n is signed in by; the first is the usual one.
	logins func(n int) []string
	filter func(v *vector) bool // of the vectors; nil takes all
	states []state
	member []string     // statements that make account 0 a member
	user   ostiary.User // account 0
}

// command is a statement with its values.
type command struct {
	statement string
	values    []any
}

func sqlOf(statement string, values ...any) command { return command{statement, values} }

// state is a change to an account, and what it is in then; "" still signs in.
type state struct {
	name      string
	statement string
	want      ostiary.State
}

func (s state) change(b *base, n int) { b.must(s.statement, b.key(n)) }

func (p *presetCase) schema() string {
	if p.schemas != "" {
		return p.schemas
	}
	return p.preset
}

func (p *presetCase) id(n int) string {
	if p.key != nil {
		return p.key(n)
	}
	return strconv.Itoa(n + 1)
}

func (p *presetCase) login(n int) string { return p.logins(n)[0] }

func (p *presetCase) before(b *base) {
	b.key = func(n int) any {
		if p.key != nil {
			return p.key(n)
		}
		return n + 1
	}
	for _, statement := range p.prepare {
		b.must(statement)
	}
}

func (p *presetCase) add(b *base, n int, v *vector) error {
	for _, c := range p.insert(n, v) {
		if err := b.run(c.statement, c.values...); err != nil {
			return err
		}
	}
	return nil
}

func (p *presetCase) list(tb testing.TB) (kept []vector) {
	for _, v := range vectorsOf(tb, p.file) {
		if p.filter == nil || p.filter(&v) {
			kept = append(kept, v)
		}
	}
	return kept
}
