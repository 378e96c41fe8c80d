package paired_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/paired"
)

func Example() {
	known := []time.Duration{10 * time.Millisecond, 12 * time.Millisecond, 11 * time.Millisecond}
	unknown := []time.Duration{11 * time.Millisecond, 13 * time.Millisecond, 13 * time.Millisecond}
	r := paired.Compare(known, unknown)
	fmt.Println(r.Pairs, r.First, r.Second, r.Difference.Round(time.Microsecond), math.Round(r.T))
	// Output: 3 11ms 13ms 1.333ms 4
}

func TestCompare(t *testing.T) {
	series := func(base time.Duration, n int) []time.Duration {
		out := make([]time.Duration, n)
		for i := range out {
			out[i] = base + time.Duration(i*7919%101)*time.Microsecond // the same bustle in all series
		}
		return out
	}
	noisy := series(time.Millisecond, 200)
	for i := range noisy {
		noisy[i] += time.Duration(i*6007%97-48) * time.Microsecond
	}
	for _, row := range []struct {
		name          string
		first, second []time.Duration
		differs       bool
	}{
		{"nothing", nil, nil, false},
		{"one pair", series(1, 1), series(2, 1), false},
		{"the same", series(time.Millisecond, 100), series(time.Millisecond, 100), false},
		{"noise", series(time.Millisecond, 200), noisy, false},
		{"noise and a tenth of a millisecond", series(900*time.Microsecond, 200), noisy, true},
		{"of unequal length", series(time.Millisecond, 100), series(time.Millisecond, 50), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := paired.Compare(row.first, row.second)
			if got := math.Abs(r.T) > 4.5; got != row.differs {
				t.Errorf("%+v", r)
			}
			if r.Pairs != min(len(row.first), len(row.second)) {
				t.Errorf("%d pairs", r.Pairs)
			}
		})
	}
}

// A pause of the machine is not a difference.
func TestOutliersDoNotCount(t *testing.T) {
	first, second := make([]time.Duration, 100), make([]time.Duration, 100)
	for i := range first {
		first[i], second[i] = time.Duration(1000+i%3), time.Duration(1000+i%5)
	}
	before := paired.Compare(first, second)
	second[50] = time.Second
	if after := paired.Compare(first, second); after.Difference > before.Difference+10 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}
