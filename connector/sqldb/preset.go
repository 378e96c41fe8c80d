package sqldb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ostiary/ostiary"
)

// preset is what is known of a system: its tables, who may sign in, and how it
// spells names.
type preset struct {
	engines engine
	// prefix is the default beginning of the names of tables.
	prefix string
	logins []login
	// shapes are the layouts of different versions, the newest first.
	shapes []shape
	// values are fixed ones for placeholders.
	values map[string]string
}

// shape is one layout of a system's tables. Its texts are SQL in which names
// stand in double quotes, {p} for the prefix of the tables, and the words of
// dialects for what differs between servers. They are all ours.
type shape struct {
	// needs is a column that only this layout has, as the end of a SELECT. Empty
	// means that the layout is not in question.
	needs string
	from  string
	id    string
	// columns are what is read, beside the id, under which name.
	columns map[string]string
	// further are columns that only some installations have.
	further []further
	// hash is the column of the stored password.
	hash string
	// match finds by :username and :email.
	match string
	// only leaves out rows that are no accounts. Empty leaves out none.
	only   string
	must   []must
	groups []grouping
}

// further is a column that is read where it is there.
type further struct {
	where      string // like shape.needs
	name, read string
}

// must is what has to be true of a row, or else the account is in a state.
// Where it can't be told, it is.
type must struct {
	state ostiary.State
	be    string
	// where is a column that must be there for this to be asked, like
	// shape.needs. Empty means always.
	where string
	// on are the engines that it is for. Zero means all.
	on engine
}

// grouping finds the groups of :id.
type grouping struct {
	needs string // like shape.needs
	query string
	form  groupForm
}

// groupForm is how groups are written.
type groupForm int

const (
	plainGroups groupForm = iota // a row each, two columns joined by a slash
	commaGroups                  // a list with commas
	phpGroups                    // a serialised array of PHP, name to true
)

// Presets returns the names of the presets, in order.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// dialects are the words that differ between servers.
var dialects = map[engine]map[string]string{
	postgres: {
		"{now}":     "now()",
		"{utcnow}":  "(now() AT TIME ZONE 'UTC')",
		"{unixnow}": "extract(epoch FROM now())",
		"{wikinow}": "now()",
		"{lower}":   "lower",
		"{text}":    "text",
	},
	mysql: {
		"{now}":     "UTC_TIMESTAMP()",
		"{utcnow}":  "UTC_TIMESTAMP()",
		"{unixnow}": "UNIX_TIMESTAMP()",
		"{wikinow}": "DATE_FORMAT(UTC_TIMESTAMP(), '%Y%m%d%H%i%S')",
		"{lower}":   "", // the collation compares so
		"{text}":    "char",
	},
	sqlite: {
		"{now}":     "strftime('%Y-%m-%d %H:%M:%S', 'now')",
		"{utcnow}":  "strftime('%Y-%m-%d %H:%M:%S', 'now')",
		"{unixnow}": "CAST(strftime('%s', 'now') AS integer)",
		"{wikinow}": "strftime('%Y%m%d%H%M%S', 'now')",
		"{lower}":   "lower",
		"{text}":    "text",
	},
}

// dialect writes a text of a preset for a server.
func dialect(text string, e engine, prefix string) string {
	pairs := []string{"{p}", prefix}
	if e == mysql {
		pairs = append(pairs, `"`, "`")
	}
	for word, means := range dialects[e] {
		pairs = append(pairs, word, means)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// checkPrefix finds what can't be part of the name of a table.
func checkPrefix(prefix string) error {
	if len(prefix) > 40 || strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return fmt.Errorf("%.60q: a prefix has letters, digits and underscores, at most 40", prefix)
	}
	return nil
}

// stateColumn is the name in the result of the n-th must.
func stateColumn(n int) string { return fmt.Sprintf("state_%d", n) }

// selects writes the beginning of a shape's query: everything but its WHERE.
func (s *shape) selects(musts []must) string {
	var b strings.Builder
	fmt.Fprintf(&b, `SELECT %s AS "id"`, s.id)
	for _, name := range slices.Sorted(maps.Keys(s.columns)) {
		fmt.Fprintf(&b, `, %s AS "%s"`, s.columns[name], name)
	}
	for i, m := range musts {
		fmt.Fprintf(&b, `, CASE WHEN (%s) THEN 0 ELSE 1 END AS "%s"`, m.be, stateColumn(i))
	}
	fmt.Fprintf(&b, " FROM %s WHERE ", s.from)
	if s.only != "" {
		fmt.Fprintf(&b, "(%s) AND ", s.only)
	}
	return b.String()
}

// byName and byID are the two queries of a shape. That two rows are enough to
// refuse, the server may know.
func (s *shape) byName(musts []must) string { return s.selects(musts) + "(" + s.match + ") LIMIT 2" }

func (s *shape) byID(musts []must) string { return s.selects(musts) + "(" + s.id + " = :id) LIMIT 2" }
