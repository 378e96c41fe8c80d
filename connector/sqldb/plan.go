package sqldb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"

	"github.com/ostiary/ostiary"
)

// plan is what is sent to the database, and how the answer is read.
type plan struct {
	byName, byID, groups *query // byID and groups may be nil
	form                 groupForm
	reader               reader
}

// same reports whether two plans send the same.
func (p *plan) same(other *plan) bool {
	return p.byName.text == other.byName.text && p.byID.text == other.byID.text &&
		(p.groups == nil) == (other.groups == nil) && (p.groups == nil || p.groups.text == other.groups.text)
}

// planner makes the plan of a preset once it can look at the tables: which
// layout there is, and which columns that only some installations have.
type planner struct {
	preset  *preset
	engine  engine
	prefix  string
	groups  *query // of the operator, in place of the preset's
	hashing *hashing
	ask     func(ctx context.Context, q *query, most int) (*rows, error) // for nobody
}

// errNoLayout says that none of the tables of a preset are there.
var errNoLayout = errors.New("none of the preset's tables are there, or the database user may read none of them: is it the right preset, table prefix, database and search path?")

// make asks the database what it has.
func (p *planner) make(ctx context.Context) (*plan, error) {
	s, err := p.shape(ctx)
	if err != nil {
		return nil, err
	}
	if s, err = p.complete(ctx, s); err != nil {
		return nil, err
	}
	var musts []must
	for _, m := range s.must {
		there, err := p.asked(ctx, m)
		if err != nil {
			return nil, err
		}
		if there {
			musts = append(musts, m)
		}
	}
	reader := &presetReader{logins: p.preset.logins, musts: musts, hash: s.hash, hashing: p.hashing}
	if !p.hashing.learned() {
		p.sample(ctx, s, reader)
	}
	out := &plan{groups: p.groups, reader: reader}
	if out.byName, err = p.query(s.byName(musts)); err != nil {
		return nil, err
	}
	if out.byID, err = p.query(s.byID(musts)); err != nil {
		return nil, err
	}
	if out.groups != nil {
		return out, nil
	}
	return out, p.findGroups(ctx, s, out)
}

// sampled is how many people are looked at to find out how most passwords are
// stored. They are the newest, where ids grow.
const sampled = 50

// sample learns which kind of hash is commonest, so that the first unknown name
// takes as long as the others (PWD-6). That it can't is no fault: what is wrong
// shows with the first query.
func (p *planner) sample(ctx context.Context, s *shape, r *presetReader) {
	q, err := p.query(fmt.Sprintf("%s1 = 1 ORDER BY %s DESC LIMIT %d", s.selects(r.musts), s.id, sampled))
	if err != nil {
		return
	}
	answer, err := p.ask(ctx, q, sampled)
	if err != nil {
		return
	}
	for _, values := range answer.values {
		if found, err := r.read(answer.columns, values); err == nil {
			if hash, err := p.hashing.parse(found); err == nil {
				p.hashing.learn(hash)
			}
		}
	}
	ostiary.Trace(ctx, "looked how passwords are stored", slog.Int("rows", len(answer.values)), slog.Any("commonest", p.hashing.dummy()))
}

// shape finds the layout that is there.
func (p *planner) shape(ctx context.Context) (*shape, error) {
	for i := range p.preset.shapes {
		s := &p.preset.shapes[i]
		if there, err := p.there(ctx, s.needs, true); err != nil {
			return nil, err
		} else if there {
			return s, nil
		}
	}
	return nil, errNoLayout
}

// complete adds the further columns that are there.
func (p *planner) complete(ctx context.Context, s *shape) (*shape, error) {
	whole := *s
	whole.columns = maps.Clone(s.columns)
	for _, f := range s.further {
		there, err := p.there(ctx, f.where, false)
		if err != nil {
			return nil, err
		}
		if there {
			whole.columns[f.name] = f.read
		}
	}
	return &whole, nil
}

// asked reports whether a condition is one of this database. That its column may
// not be read is no reason to go on without it.
func (p *planner) asked(ctx context.Context, m must) (bool, error) {
	if m.on != 0 && m.on&p.engine == 0 {
		return false, nil
	}
	return p.there(ctx, m.where, false)
}

func (p *planner) findGroups(ctx context.Context, s *shape, out *plan) error {
	for _, g := range s.groups {
		there, err := p.there(ctx, g.needs, true)
		if err != nil {
			return err
		}
		if there {
			out.form = g.form
			out.groups, err = p.query(g.query)
			return err
		}
	}
	return nil
}

// there reports whether a column is there. MySQL says of a table that is not
// there that it may not be read; for whom that is no difference, lenient.
func (p *planner) there(ctx context.Context, needs string, lenient bool) (bool, error) {
	if needs == "" {
		return true, nil
	}
	text := dialect("SELECT "+needs+" WHERE 1 = 0", p.engine, p.prefix)
	_, err := p.ask(ctx, &query{statement: statement{text: text}}, 1)
	kind := classify(err)
	found := err == nil
	ostiary.Trace(ctx, "looked for a column", slog.String("column", dialect(needs, p.engine, p.prefix)), slog.Bool("found", found))
	switch {
	case found:
		return true, nil
	case kind == missingFault, kind == deniedFault && lenient && p.engine == mysql:
		return false, nil
	}
	return false, err
}

// presetValues are the values that a preset's text may have places for; the
// first two are what was typed.
var presetValues = []string{"username", "email", "id", "realm", "norealm", "model", "oldmodel"}

func (p *planner) query(text string) (*query, error) {
	s, err := parseStatement(dialect(text, p.engine, p.prefix), p.engine, presetValues...)
	if err != nil {
		return nil, fmt.Errorf("preset: %w", err)
	}
	return &query{statement: s}, nil
}
