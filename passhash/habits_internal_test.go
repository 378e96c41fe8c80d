package passhash

import (
	"strings"
	"testing"
)

// TestRefusedTakesTheWork: what a form refuses unseen costs the same work as a
// wrong password, so that the time tells nothing.
func TestRefusedTakesTheWork(t *testing.T) {
	for _, row := range []struct {
		name  string
		form  habit
		typed string
	}{
		{"nothing", nil, ""},
		{"blanks alone", habitWordPress, "  "},
		{"NUL", nil, "a\x00b"},
		{"more than 512 bytes", habitDrupal, strings.Repeat("a", 513)},
		{"more than 200 characters", habitDiscourse, strings.Repeat("é", 201)},
		{"bytes that are no text", habitPHPBB, "a\xff"},
		{"a megabyte", nil, strings.Repeat("a", 1<<20)},
		{"wrong", nil, "wrong"},
	} {
		runs := 0
		all := Hash{longest: MaxPassword, matches: func(password string) bool {
			runs++
			if len(password) > MaxPassword {
				t.Errorf("PWD-2 %s: %d bytes are hashed", row.name, len(password))
			}
			return row.name != "wrong"
		}}
		if all.typed(row.form).Match(row.typed) || all.typed(row.form).Dummy().Match(row.typed) || runs != 2 {
			t.Errorf("PWD-6 %s: matches, or was hashed %d times in two", row.name, runs)
		}
	}
}

// TestEndingsAreAllTried: the time does not tell which pepper it was.
func TestEndingsAreAllTried(t *testing.T) {
	for ending, want := range map[string]bool{"new": true, "old": true, "": true, "none": false} {
		runs := 0
		one := Hash{longest: MaxPassword, cost: Cost{Time: 7}, matches: func(password string) bool {
			runs++
			return password == "ada"+ending
		}}
		h := one.behind("new", "old", "")
		if got := h.Match("ada"); got != want || runs != 3 || h.cost.Time != 21 {
			t.Errorf("PWD-6 %q: got %v after %d tries, estimated at %v", ending, got, runs, h.cost.Time)
		}
	}
}
