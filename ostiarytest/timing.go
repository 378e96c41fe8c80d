package ostiarytest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/paired"
)

// Report is how long an authorizer takes to refuse a wrong password for somebody
// it knows, and for a name that nobody has.
type Report struct {
	// Pairs is how many of each were asked, turn by turn.
	Pairs int
	// Known and Unknown are the medians.
	Known, Unknown time.Duration
	// Difference is the mean of unknown minus known.
	Difference time.Duration
	// T is Student's t of the pairs. From 4.5 on, either way, the clock tells
	// which names exist (PWD-6, IDN-8).
	T float64
}

// String writes the report in one line.
func (r Report) String() string {
	verdict := "no difference that a clock could tell"
	if r.T > 4.5 || r.T < -4.5 {
		verdict = "the clock tells which names exist"
	}
	return fmt.Sprintf("%d pairs: known %v, unknown %v, difference %v, t = %.1f: %s", r.Pairs, r.Known, r.Unknown, r.Difference, r.T, verdict)
}

// Time measures that with so many pairs; two thousand are worth reading. It is a
// report and no test: on a machine that does other things, too, the clock says
// little. It ends early with the context, or when an answer is not a refusal,
// with what there was until then.
func Time(ctx context.Context, target Target, pairs int) Report {
	return target.measure(ctx, pairs, func(fields map[string]string) (time.Duration, bool) {
		begun := time.Now()
		a := target.ask(ctx, fields)
		return time.Since(begun), a.kind() == "a refusal"
	})
}

// measure asks in pairs, now the known name first and now the unknown one.
func (t Target) measure(ctx context.Context, pairs int, ask func(fields map[string]string) (took time.Duration, refused bool)) Report {
	known := t.Right[t.username()]
	var first, second []time.Duration
	for i := 0; i <= pairs && ctx.Err() == nil; i++ {
		stranger := (strings.ToLower(rand.Text()) + strings.ToLower(rand.Text()))[:max(1, min(len(known), 52))]
		names := [2]string{known, stranger}
		var took [2]time.Duration
		for j := range names {
			which := (i + j) % 2
			var refused bool
			if took[which], refused = ask(t.with(names[which], rand.Text())); !refused {
				r := paired.Compare(first, second)
				return Report{r.Pairs, r.First, r.Second, r.Difference, r.T}
			}
		}
		if i > 0 { // the first pair opens connections
			first, second = append(first, took[0]), append(second, took[1])
		}
	}
	r := paired.Compare(first, second)
	return Report{r.Pairs, r.First, r.Second, r.Difference, r.T}
}

// Timing is a benchmark of Time: one pair an iteration, and the report as metrics.
// After that it measures the same from outside: sign-ins over loopback to a
// service that asks the target, whose refusals leave at one pace. That is what
// somebody with a clock has; its t is client-t.
//
//	func BenchmarkTiming(b *testing.B) { ostiarytest.Timing(b, target) }
//	// go test -run '^$' -bench Timing -benchtime 2000x
func Timing(b *testing.B, target Target) {
	b.Helper()
	if err := target.Check(); err != nil {
		b.Fatalf("ostiarytest.Target: %v", err)
	}
	alone := Time(b.Context(), target, b.N)
	c := newClient(b, target)
	if err := c.warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	outside := target.measure(b.Context(), b.N, func(fields map[string]string) (time.Duration, bool) {
		took, err := c.refusal(b.Context(), fields)
		if err != nil {
			b.Error(err)
		}
		return took, err == nil
	})
	if alone.Pairs < b.N || outside.Pairs < b.N {
		b.Fatalf("an answer was not a refusal after %d pairs", min(alone.Pairs, outside.Pairs))
	}
	b.ReportMetric(0, "ns/op") // of no meaning here
	b.ReportMetric(float64(alone.Known.Nanoseconds())/1e3, "known-µs")
	b.ReportMetric(float64(alone.Unknown.Nanoseconds())/1e3, "unknown-µs")
	b.ReportMetric(alone.T, "t")
	b.ReportMetric(float64(outside.Known.Nanoseconds())/1e3, "client-known-µs")
	b.ReportMetric(float64(outside.Unknown.Nanoseconds())/1e3, "client-unknown-µs")
	b.ReportMetric(outside.T, "client-t")
}
