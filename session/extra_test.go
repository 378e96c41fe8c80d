package session_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/session"
)

// TestExtra holds a list of claims to a map, whatever is done to both, and copies of
// it to what they were.
func TestExtra(t *testing.T) {
	var e session.Extra
	want := map[string]string{}
	seed := uint32(1)
	dice := func(sides uint32) uint32 { seed = seed*1664525 + 1013904223; return seed >> 16 % sides }
	for i := range 2000 {
		before, was := e, maps.Clone(want)
		name, value := fmt.Sprint("claim-", dice(40)), fmt.Sprint(i)
		if dice(3) == 0 {
			e.Delete(name)
			delete(want, name)
		} else {
			e.Set(name, json.RawMessage(value))
			want[name] = value
		}
		if string(e.Get(name)) != want[name] {
			t.Fatalf("%s is %s, want %s", name, e.Get(name), want[name])
		}
		for e, want := range map[*session.Extra]map[string]string{&e: want, &before: was} {
			got := map[string]string{}
			var names []string
			for name, value := range e.All() {
				got[name] = string(value)
				names = append(names, name)
			}
			if !maps.Equal(got, want) || e.Len() != len(want) || !slices.IsSorted(names) {
				t.Fatalf("step %d: got %v, want %v", i, got, want)
			}
		}
	}
}

// TestExtraInAnyOrder reads what other issuers write: claims in any order, and none
// twice.
func TestExtraInAnyOrder(t *testing.T) {
	names := strings.Split("m c x a z b y d k", " ")
	var members []string
	for i, name := range names {
		members = append(members, fmt.Sprintf(`%q:%d`, name, i))
	}
	text := `{` + strings.Join(members, ",")
	if token, ok := session.ScanClaims(text + `}`); !ok || token.Extra.Len() != len(names) || string(token.Extra.Get("k")) != "8" {
		t.Errorf("got %+v, %v", token, ok)
	}
	for _, name := range names {
		if _, ok := session.ScanClaims(text + fmt.Sprintf(`,%q:1}`, name)); ok {
			t.Errorf("JWE-8 %s is there twice", name)
		}
	}
}
