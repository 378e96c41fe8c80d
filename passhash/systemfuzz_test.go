package passhash_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

// FuzzSystem: a record is refused by one of the five errors, which does not tell
// it, or has a cost within the limits, and matches neither what nobody chose nor
// itself. Reading it takes little memory, whatever it asks for.
func FuzzSystem(f *testing.F) {
	for file := range leastVectors {
		system, list := systemVectors(f, file)
		for _, v := range list {
			r := v.record()
			var columns [2]string
			for i, name := range system.Columns()[:min(2, len(system.Columns()))] {
				columns[i] = r.Columns[name]
			}
			f.Add(system.String(), r.Stored, columns[0], columns[1])
		}
	}
	limits := passhash.Limits{
		BcryptCost: 4, CryptRounds: 1100, Time: 5 * time.Millisecond, Memory: 1 << 20,
		AllowMD5AndSHA1: true, AllowDES: true,
	}
	f.Fuzz(func(t *testing.T, name, stored, first, second string) {
		system, err := passhash.SystemNamed(name)
		if err != nil {
			return
		}
		r := passhash.Record{Stored: stored, Columns: map[string]string{}, Username: "ada"}
		for i, column := range system.Columns()[:min(2, len(system.Columns()))] {
			if value := [...]string{first, second}[i]; value != "" {
				r.Columns[column] = value
			}
		}
		h, err := system.Parse(r, passhash.Options{Limits: limits})
		if err != nil {
			checkFault(t, h, stored, err)
			return
		}
		cost := h.Cost()
		if cost.Time <= 0 || cost.Memory <= 0 || cost.Memory > 1<<20 || cost.Time > 10*time.Millisecond {
			t.Errorf("%s %q: %v is beyond the limits: %+v", name, stored, h, cost)
		}
		if h.Match("no such password 5e1f") || h.Match("") || h.Match(stored) || h.Match("a\x00") {
			t.Errorf("%s %q: matches what it should not", name, stored)
		}
		if strings.Contains(h.String(), stored) {
			t.Errorf("%s %q is printed: %v", name, stored, h)
		}
		system.RehashDue(h)
	})
}
