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
	known := target.Right[target.username()]
	var first, second []time.Duration
	for i := 0; i <= pairs && ctx.Err() == nil; i++ {
		stranger := (strings.ToLower(rand.Text()) + strings.ToLower(rand.Text()))[:max(1, min(len(known), 52))]
		a, ok := target.time(ctx, target.with(known, rand.Text()))
		b, also := target.time(ctx, target.with(stranger, rand.Text()))
		if !ok || !also {
			break
		}
		if i > 0 { // the first one opens connections
			first, second = append(first, a), append(second, b)
		}
	}
	r := paired.Compare(first, second)
	return Report{r.Pairs, r.First, r.Second, r.Difference, r.T}
}

func (t Target) time(ctx context.Context, fields map[string]string) (time.Duration, bool) {
	begun := time.Now()
	a := t.ask(ctx, fields)
	return time.Since(begun), a.kind() == "a refusal"
}

// Timing is a benchmark of Time: one pair an iteration, and the report as metrics.
//
//	func BenchmarkTiming(b *testing.B) { ostiarytest.Timing(b, target) }
//	// go test -run '^$' -bench Timing -benchtime 2000x
func Timing(b *testing.B, target Target) {
	b.Helper()
	if err := target.Check(); err != nil {
		b.Fatalf("ostiarytest.Target: %v", err)
	}
	r := Time(b.Context(), target, b.N)
	if r.Pairs < b.N {
		b.Fatalf("an answer was not a refusal after %d pairs", r.Pairs)
	}
	b.ReportMetric(0, "ns/op") // of no meaning here
	b.ReportMetric(float64(r.Known.Nanoseconds())/1e3, "known-µs")
	b.ReportMetric(float64(r.Unknown.Nanoseconds())/1e3, "unknown-µs")
	b.ReportMetric(r.T, "t")
}
