package ended_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/ended"
)

// database is what a List follows, at a pace that the test sets.
type database struct {
	elapsed atomic.Int64
	broken  atomic.Bool
	ticks   chan time.Time
	looked  chan bool // tells whether all was asked for
	log     strings.Builder
	list    *ended.List
}

func follow(t *testing.T) *database {
	d := &database{ticks: make(chan time.Time), looked: make(chan bool, 1)}
	d.list = ended.New(ended.Config{
		Look: d.look, Ticks: d.ticks,
		Elapsed: func() time.Duration { return time.Duration(d.elapsed.Load()) },
		Logger:  slog.New(slog.NewTextHandler(&d.log, nil)),
	})
	if err := d.list.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-d.looked
	return d
}

func (d *database) look(_ context.Context, all bool) error {
	d.looked <- all
	if d.broken.Load() {
		return errors.New("no database")
	}
	d.list.Add("from afar", 1)
	return nil
}

// tick has the list look twice, so that what the first found counts. It tells
// whether the first asked for all.
func (d *database) tick() (all bool) {
	for i := range 2 {
		d.ticks <- time.Time{}
		if looked := <-d.looked; i == 0 {
			all = looked
		}
	}
	return all
}

func (d *database) pass(t time.Duration) { d.elapsed.Add(int64(t)) }

func TestFollow(t *testing.T) {
	d := follow(t)
	defer d.list.Close()
	if d.list.Has("a") || !d.list.Has("from afar") {
		t.Error("SES-3 ended elsewhere, yet not ended here")
	}
	d.list.Add("a", 5000)
	d.list.Add("a", 4000)
	if !d.list.Has("a") {
		t.Error("SES-3 ended, yet not ended")
	}
	d.list.Forget(4999, 10)
	if !d.list.Has("a") || d.list.Has("from afar") {
		t.Error("forgotten before its time, or never")
	}
	d.list.Forget(5000, 10)
	if d.list.Has("a") {
		t.Error("never forgotten")
	}
}

func TestWithoutDatabase(t *testing.T) {
	d := follow(t)
	d.broken.Store(true)
	d.pass(59 * time.Second)
	d.tick()
	if d.list.Has("a") {
		t.Error("a fault of less than a minute ends all sessions")
	}
	d.pass(2 * time.Second)
	if !d.list.Has("a") {
		t.Error("SES-5: after a minute without the database a session counts")
	}
	d.broken.Store(false)
	if !d.tick() {
		t.Error("SES-3: after a fault only what is new was asked for")
	}
	if d.list.Has("a") {
		t.Error("SES-5: the database is back, and no session counts")
	}
	d.list.Close()
	if log := d.log.String(); strings.Count(log, "can't ask") != 1 || strings.Count(log, "can ask again") != 1 {
		t.Errorf("got the log\n%s", log)
	}
}

func TestHangingDatabase(t *testing.T) {
	elapsed := new(atomic.Int64)
	ticks, asked := make(chan time.Time), make(chan struct{}, 1)
	first := true
	list := ended.New(ended.Config{
		Ticks: ticks, Elapsed: func() time.Duration { return time.Duration(elapsed.Load()) },
		Look: func(ctx context.Context, _ bool) error {
			if first {
				first = false
				return nil
			}
			asked <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		},
	})
	if err := list.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	ticks <- time.Time{}
	<-asked
	elapsed.Store(int64(61 * time.Second))
	if !list.Has("a") {
		t.Error("SES-5: the database hangs, and a session counts")
	}
	list.Close() // does not wait for the database
}

func TestNoFirstLook(t *testing.T) {
	list := ended.New(ended.Config{Look: func(context.Context, bool) error { return errors.New("no database") }})
	if err := list.Follow(t.Context()); err == nil {
		t.Error("follows what is not there")
	}
	if !list.Has("a") {
		t.Error("SES-5: nobody was asked yet, and a session counts")
	}
	list.Close()
}

func Example() {
	list := ended.New(ended.Config{Look: func(context.Context, bool) error { return nil }})
	defer list.Close()
	fmt.Println(list.Follow(context.Background()), list.Has("a"))
	list.Add("a", time.Now().Add(time.Hour).UnixMilli())
	fmt.Println(list.Has("a"))
	// Output:
	// <nil> false
	// true
}

func BenchmarkHas(b *testing.B) {
	list := ended.New(ended.Config{Look: func(context.Context, bool) error { return nil }})
	if err := list.Follow(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer list.Close()
	for i := range 50_000 {
		list.Add(fmt.Sprint(i), 1<<40)
	}
	for b.Loop() {
		list.Has("no such session")
	}
}
