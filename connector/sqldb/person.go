package sqldb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/passhash"
)

// person is a row that was read.
type person struct {
	user ostiary.User
	// known are the names by which the row may have been found, by the column
	// they are in.
	known map[string]string
	// state keeps the person out; "" does not.
	state ostiary.State
	// record is the stored password, hasHash false where it is NULL or not read.
	record  passhash.Record
	hasHash bool
	// noColumn: the query does not read the hash at all.
	noColumn bool
}

// reader reads the rows of a query.
type reader interface {
	// read reads a row. Its error is a fault of the query or of the table.
	read(columns []string, values []any) (*person, error)
	// named reports whether the person's name is what was typed.
	named(typed string, p *person) bool
	// ask returns the values for what was typed.
	ask(typed string) map[string]string
}

var (
	errNoID  = errors.New("the id is NULL or empty")
	errIDs   = errors.New("the id is not text or a whole number: convert it in the query")
	errTwice = errors.New("two columns of the result have that name")
)

// cells are a row, by the names of its columns.
type cells struct {
	columns []string
	values  []any
}

// find returns a cell. Letter case is no difference, as in SQL.
func (c cells) find(column string) (value any, found bool, err error) {
	for i, name := range c.columns {
		if !strings.EqualFold(name, column) {
			continue
		}
		if found {
			return nil, false, fmt.Errorf("%s: %w", column, errTwice)
		}
		value, found = c.values[i], true
	}
	return value, found, nil
}

// must returns a cell that has to be there.
func (c cells) must(column string) (any, error) {
	value, found, err := c.find(column)
	if err == nil && !found {
		err = fmt.Errorf("the result has no column %q; it has %s", column, strings.Join(c.columns, ", "))
	}
	return value, err
}

// shown returns a cell that is for showing, "" where there is none.
func (c cells) shown(column string) string {
	value, _, err := c.find(column)
	if err != nil {
		return ""
	}
	return shown(value)
}

// id reads the cell of the id.
func id(value any) (string, error) {
	s, ok := text(value)
	switch {
	case value == nil, ok && s == "":
		return "", errNoID
	case !ok, shown(value) == "":
		return "", errIDs
	}
	return s, nil
}

// presetReader reads the rows of a preset, whose columns have the names that it
// gave them.
type presetReader struct {
	logins  []login
	musts   []must
	hash    string
	hashing *hashing
}

func (r *presetReader) read(columns []string, values []any) (*person, error) {
	row := cells{columns, values}
	value, err := row.must("id")
	if err != nil {
		return nil, err
	}
	p := &person{known: map[string]string{}}
	if p.user.ID, err = id(value); err != nil {
		return nil, err
	}
	for _, l := range r.logins {
		p.known[l.column] = row.shown(l.column)
	}
	p.user.Email, p.user.Image = row.shown("email"), row.shown("image")
	p.user.Name = row.shown("name")
	if first, last := row.shown("first"), row.shown("last"); p.user.Name == "" && first+last != "" {
		p.user.Name = strings.TrimSpace(first + " " + last)
	}
	if p.user.Name == "" {
		p.user.Name = row.shown("username")
	}
	for i, m := range r.musts {
		if value := row.shown(stateColumn(i)); value != "0" && p.state == "" {
			p.state = m.state
		}
	}
	p.record, p.hasHash, err = r.hashing.record(row, r.hash, or(row.shown("username"), row.shown("email")))
	return p, err
}

func (r *presetReader) named(typed string, p *person) bool {
	for _, l := range r.logins {
		if l.matches(typed, p.known[l.column]) {
			return true
		}
	}
	return false
}

func (r *presetReader) ask(typed string) map[string]string {
	values := map[string]string{"username": "", "email": ""}
	for _, l := range r.logins {
		values[l.value] = l.ask(typed)
	}
	return values
}

// ownReader reads the rows of the operator's query.
type ownReader struct {
	columns Columns
	hashing *hashing
	now     func() time.Time
	// lookup: the hash and the login name may be missing.
	lookup bool
}

func (r *ownReader) read(columns []string, values []any) (*person, error) {
	row, c := cells{columns, values}, r.columns
	value, err := row.must(c.ID)
	if err != nil {
		return nil, err
	}
	p := &person{known: map[string]string{c.Username: row.shown(c.Username), c.Email: row.shown(c.Email)}}
	if p.user.ID, err = id(value); err != nil {
		return nil, err
	}
	if _, err := row.must(c.Username); err != nil && !r.lookup {
		return nil, err
	}
	p.user.Name, p.user.Email, p.user.Image = or(row.shown(c.Name), row.shown(c.Username)), row.shown(c.Email), row.shown(c.Image)
	if p.state, err = r.state(row); err != nil {
		return nil, err
	}
	if _, there, err := row.find(c.Hash); err != nil || !there && r.lookup {
		p.noColumn = true
		return p, err
	}
	p.record, p.hasHash, err = r.hashing.record(row, c.Hash, row.shown(c.Username))
	return p, err
}

// state finds out what keeps a person out. Nothing but a clear yes is active,
// nothing but a clear no is not locked.
func (r *ownReader) state(row cells) (ostiary.State, error) {
	if r.columns.Active != "" {
		value, err := row.must(r.columns.Active)
		if err != nil {
			return "", err
		}
		if yes, known := truth(value); !yes || !known {
			return ostiary.Disabled, nil
		}
	}
	if r.columns.Locked != "" {
		value, err := row.must(r.columns.Locked)
		if err != nil {
			return "", err
		}
		if locked(value, r.now()) {
			return ostiary.Locked, nil
		}
	}
	return "", nil
}

func (r *ownReader) named(typed string, p *person) bool {
	for _, name := range p.known {
		if name != "" && counted(name) == counted(typed) {
			return true
		}
	}
	return false
}

func (r *ownReader) ask(typed string) map[string]string { return map[string]string{"username": typed} }
