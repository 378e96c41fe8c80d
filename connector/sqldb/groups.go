package sqldb

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// mostGroups is how many groups a person may have: a session has to hold them.
const mostGroups = 1000

// groups asks for the groups of an id.
func (c *Connector) groups(ctx context.Context, plan *plan, userID string) ([]string, error) {
	values := c.nobody()
	values["id"] = userID
	answer, err := c.pool.ask(ctx, plan.groups, values, mostGroups)
	if err != nil {
		return nil, err
	}
	if answer.more {
		return nil, fmt.Errorf("more than %d rows", mostGroups)
	}
	var names []string
	for _, row := range answer.values {
		found, err := readGroups(row, plan.form)
		if err != nil {
			c.logger.Warn("sql: the groups can't be read; the person has none of them", slog.String("id", userID), slog.Any("cause", err))
		}
		names = append(names, found...)
	}
	return names, nil
}

// readGroups reads the groups of a row. Those that are no text, or empty, are
// left out.
func readGroups(row []any, f groupForm) ([]string, error) {
	var parts []string
	for _, value := range row {
		part := shown(value)
		if part == "" {
			return nil, nil
		}
		parts = append(parts, part)
	}
	joined := strings.Join(parts, "/")
	switch f {
	case phpGroups:
		return parseCapabilities(joined)
	case commaGroups:
		var names []string
		for name := range strings.SplitSeq(joined, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
		return names, nil
	}
	return []string{joined}, nil
}
