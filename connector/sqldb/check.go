package sqldb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"

	"github.com/ostiary/ostiary"
)

// Check connects and sends every statement for somebody who is not there. It
// says what is wrong and how to mend it, as an error that is
// ostiary.ErrUnavailable. It looks anew for the columns of a preset.
func (c *Connector) Check(ctx context.Context) error {
	if c.planner != nil {
		c.plan.Store(nil)
	}
	plan, err := c.current(ctx)
	if err != nil {
		return c.unavailable(ctx, err)
	}
	values := plan.reader.ask(rand.Text())
	maps.Copy(values, c.values)
	answer, err := c.pool.ask(ctx, plan.byName, values, 2)
	if err != nil && classify(err) != unlikelyFault {
		return c.unavailable(ctx, err)
	}
	var faults []error
	if err == nil && len(answer.values) > 0 {
		faults = append(faults, errors.New("Query: finds somebody by a name that is nobody's"))
	}
	if own, ok := plan.reader.(*ownReader); ok && err == nil {
		faults = append(faults, own.checkColumns(answer.columns))
	}
	faults = append(faults, c.tryID(ctx, "GroupsQuery", plan.groups), c.tryID(ctx, "LookupQuery", plan.byID))
	if err := errors.Join(faults...); err != nil {
		return ostiary.Unavailable(fmt.Errorf("%s: %w", c.database.where, err))
	}
	return nil
}

// tryID sends a query, if there is one, for an id that fits numbers and texts.
func (c *Connector) tryID(ctx context.Context, field string, q *query) error {
	if q == nil {
		return nil
	}
	_, err := c.pool.ask(ctx, q, c.nobody(), 1)
	if err == nil || classify(err) == unlikelyFault {
		return nil // an id of another kind, such as a UUID
	}
	return fmt.Errorf("%s: %w", field, describe(ctx, err))
}

// checkColumns finds the columns that the query does not return.
func (r *ownReader) checkColumns(columns []string) error {
	row := cells{columns, make([]any, len(columns))}
	var faults []error
	for _, wanted := range []struct{ field, column string }{
		{"Columns.ID", r.columns.ID},
		{"Columns.Hash", r.columns.Hash},
		{"Columns.Username", r.columns.Username},
		{"Columns.Active", r.columns.Active},
		{"Columns.Locked", r.columns.Locked},
	} {
		if wanted.column == "" {
			continue
		}
		if _, err := row.must(wanted.column); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", wanted.field, err))
		}
	}
	return errors.Join(faults...)
}
