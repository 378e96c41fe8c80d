package factors

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// TestFull fills a store of eight of each (THR-10: local maps have caps).
func TestFull(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := New(func() time.Time { return now })
	s.limit = 8
	ctx := context.Background()
	add := func(id string) error {
		r := ostiary.Record{ID: id, Kind: ".pending", Expires: now.Add(time.Minute)}
		return s.Change(ctx, "a:"+id, ostiary.Change{Add: []ostiary.Record{r}})
	}
	spend := func(key string) error {
		_, err := s.Spend(ctx, ostiary.Budget{Key: key, Limit: 1, Window: time.Minute})
		return err
	}
	take := func(key string) error {
		_, err := s.TakeOnce(ctx, key, now.Add(time.Minute))
		return err
	}
	for i := range 8 {
		id := strconv.Itoa(i)
		if err := errors.Join(add(id), spend(id), take(id)); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	for name, err := range map[string]error{"record": add("9"), "budget": spend("9"), "mark": take("9")} {
		if !errors.Is(err, ErrFull) {
			t.Errorf("one %s too many: got %v, want ErrFull", name, err)
		}
	}
	now = now.Add(time.Minute) // all are over
	if err := errors.Join(add("9"), spend("9"), take("9")); err != nil {
		t.Errorf("when all are over: %v", err)
	}
	if len(s.owner)+len(s.accounts)+len(s.keys)+len(s.marks)+len(s.budgets) != 4 {
		t.Errorf("kept beyond their time: %d records, %d marks, %d budgets", len(s.owner), len(s.marks), len(s.budgets))
	}
}
