package bounds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/bounds"
)

func long(n int) string { return strings.Repeat("x", n) }

func budget(key string, limit int, window time.Duration) error {
	return bounds.Budgets([]ostiary.Budget{{Key: "another", Limit: 1, Window: time.Hour}, {Key: key, Limit: limit, Window: window}})
}

func add(r ostiary.Record) error {
	return bounds.Change("ldap:ada", ostiary.Change{Add: []ostiary.Record{r}})
}

func update(r ostiary.Record) error {
	return bounds.Change("ldap:ada", ostiary.Change{Update: []ostiary.Record{r}})
}

func remove(r ostiary.Record) error {
	return bounds.Change("ldap:ada", ostiary.Change{Remove: []ostiary.Record{r}})
}

func TestBounds(t *testing.T) {
	for name, row := range map[string]struct{ got, want error }{
		"an account":                  {bounds.Account("ldap:ada"), nil},
		"the longest account":         {bounds.Account(long(3200)), nil},
		"no account":                  {bounds.Account(""), bounds.ErrAccount},
		"an account too long":         {bounds.Account(long(3201)), bounds.ErrAccount},
		"an account on two lines":     {bounds.Account("ldap:a\nb"), bounds.ErrAccount},
		"an account beyond ASCII":     {bounds.Account("ldap:ä"), bounds.ErrAccount},
		"no change":                   {bounds.Change("ldap:ada", ostiary.Change{}), nil},
		"a change of nobody":          {bounds.Change("", ostiary.Change{}), bounds.ErrAccount},
		"a record":                    {add(ostiary.Record{ID: "1", Kind: "totp"}), nil},
		"the longest record":          {add(ostiary.Record{ID: long(64), Kind: "k", Key: long(2048), Data: make([]byte, 16<<10)}), nil},
		"a record of the account":     {add(ostiary.Record{ID: "1", Kind: "totp", Account: "ldap:ada"}), nil},
		"a record of somebody else":   {add(ostiary.Record{ID: "1", Kind: "totp", Account: "ldap:eve"}), bounds.ErrOther},
		"a record without id":         {add(ostiary.Record{Kind: "totp"}), bounds.ErrID},
		"an id too long":              {add(ostiary.Record{ID: long(65), Kind: "totp"}), bounds.ErrID},
		"a record of no kind":         {add(ostiary.Record{ID: "1"}), bounds.ErrKind},
		"a key with a NUL":            {add(ostiary.Record{ID: "1", Kind: "totp", Key: "a\x00b"}), bounds.ErrKey},
		"a key too long":              {add(ostiary.Record{ID: "1", Kind: "totp", Key: long(2049)}), bounds.ErrKey},
		"too much data":               {add(ostiary.Record{ID: "1", Kind: "totp", Data: make([]byte, 16<<10+1)}), bounds.ErrData},
		"an update":                   {update(ostiary.Record{ID: "1"}), nil},
		"an update of somebody else":  {update(ostiary.Record{ID: "1", Account: "ldap:eve"}), bounds.ErrOther},
		"an update with too much":     {update(ostiary.Record{ID: "1", Data: make([]byte, 16<<10+1)}), bounds.ErrData},
		"a removal":                   {remove(ostiary.Record{ID: "1"}), nil},
		"a removal of nothing":        {remove(ostiary.Record{}), bounds.ErrID},
		"a mark without a key":        {bounds.Change("ldap:ada", ostiary.Change{Once: []ostiary.Mark{{}}}), bounds.ErrName},
		"a refund of nothing":         {bounds.Change("ldap:ada", ostiary.Change{Refund: []string{""}}), bounds.ErrName},
		"a name":                      {bounds.Name("\x00\xff"), nil},
		"no name":                     {bounds.Name(""), bounds.ErrName},
		"a name too long":             {bounds.Name(long(513)), bounds.ErrName},
		"a budget":                    {budget("k", 1, time.Second), nil},
		"a budget of nothing":         {budget("k", 0, time.Second), bounds.ErrBudget},
		"a budget of a split second":  {budget("k", 1, 1500*time.Millisecond), bounds.ErrBudget},
		"a budget for no time":        {budget("k", 1, 0), bounds.ErrBudget},
		"a budget without a name":     {budget("", 1, time.Second), bounds.ErrName},
		"a budget beyond what counts": {budget("k", 1<<31, time.Second), bounds.ErrBudget},
		"a budget twice":              {budget("another", 1, time.Second), bounds.ErrTwice},
	} {
		if !errors.Is(row.got, row.want) {
			t.Errorf("FAL-7 %s: got %v, want %v", name, row.got, row.want)
		}
	}
	if !bounds.Key(long(2048)) || bounds.Key(long(2049)) || bounds.Key("") || bounds.Key("\x7f") {
		t.Error("FAL-7: the keys of records are others")
	}
}

func TestMillis(t *testing.T) {
	for nanos, want := range map[int64]int64{0: 7000, 1: 7001, 999_999: 7001, 1_000_000: 7001, 1_000_001: 7002} {
		if got := bounds.Millis(time.Unix(7, nanos)); got != want {
			t.Errorf("7 s and %d ns: got %d, want %d", nanos, got, want)
		}
	}
}

func ExampleAccount() {
	fmt.Println(bounds.Account("ldap:ada"))
	fmt.Println(bounds.Account(""))
	// Output:
	// <nil>
	// an account is 1 to 3200 bytes of printable ASCII
}
