// Command flood measures what happens to everybody else while many people sign in
// at once: 64 of them against bcrypt and argon2id hashes, and beside them fifty
// session checks a second, in the same process (goals P8, P9 and P10 of
// docs/performance.md). The server is a process of its own, driven over loopback;
// idle and flood are measured in one run of it.
//
// Two ways of hashing are compared, see docs/decisions/0004-hash-pool.md. What other
// programs took of the machine meanwhile is printed too: it is missing in the rest.
//
//	go run ./bench/flood [-people 64] [-seconds 8] [-only "argon2id low"]
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if design := os.Getenv(designVariable); design != "" {
		if err := serve(design, os.Getenv(storedVariable)); err != nil {
			fmt.Fprintln(os.Stderr, "flood server:", err)
			os.Exit(1)
		}
		return
	}
	people := flag.Int("people", 64, "how many sign in at once, each again and again")
	seconds := flag.Int("seconds", 8, "how long the flood lasts; half of that is measured idle before")
	only := flag.String("only", "", "words that the run has, of: bcrypt, argon2id, low, spare; empty means all four runs")
	flag.Parse()
	if err := run(*only, *people, time.Duration(*seconds)*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

// designs are the ways of hashing that are compared, each with each hash.
var designs = []struct{ name, role string }{
	{"threads of low priority", "low"},
	{"one worker less than processors", "spare"},
}

func run(only string, people int, length time.Duration) error {
	for _, hash := range []string{"bcrypt", "argon2id"} {
		for _, design := range designs {
			if !hasAll(design.role+" "+hash, only) {
				continue
			}
			r, err := measure(design.role, hash, people, length)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", hash, design.name, err)
			}
			r.print(hash, design.name)
		}
	}
	return nil
}

func hasAll(role, words string) bool {
	for word := range strings.FieldsSeq(words) {
		if !slices.Contains(strings.Fields(role), word) {
			return false
		}
	}
	return true
}

// result is what one flood showed.
type result struct {
	idle, flood time.Duration // p99 of session checks
	oneHash     time.Duration
	signedIn    int
	shed        int
	lasted      time.Duration
	workers     int
	hashMemory  int64
	peak        int64   // resident, in bytes
	others      float64 // what else kept busy, in processors
}

func (r result) print(hash, design string) {
	calm := max(r.idle, 2*time.Millisecond)
	latency := float64(r.flood) / float64(calm)
	most := float64(runtime.NumCPU()) / r.oneHash.Seconds()
	throughput := float64(r.signedIn) / r.lasted.Seconds() / most
	const mib = 1 << 20
	must, aim := 64*mib+2*int64(r.workers)*r.hashMemory, 32*mib+int64(r.workers)*r.hashMemory*3/2
	fmt.Printf("%s, %s: %d signed in, %d sent away, one hash %v, others took %.1f processors\n",
		hash, design, r.signedIn, r.shed, r.oneHash.Round(time.Millisecond), r.others)
	fmt.Printf("  P8   session check p99 %v idle, %v in the flood: %.2f × (must ≤ 4, aim ≤ 2) %s\n",
		r.idle.Round(10*time.Microsecond), r.flood.Round(10*time.Microsecond), latency, grade(latency, 4, 2))
	fmt.Printf("  P9   %.1f sign-ins a second, %.2f of cores ÷ one hash (must ≥ 0.5, aim ≥ 0.9) %s\n",
		float64(r.signedIn)/r.lasted.Seconds(), throughput, grade(-throughput, -0.5, -0.9))
	fmt.Printf("  P10  peak memory %d MiB (must ≤ %d, aim ≤ %d) %s\n",
		r.peak/mib, must/mib, aim/mib, grade(float64(r.peak), float64(must), float64(aim)))
}

func grade(got, must, aim float64) string {
	switch {
	case got <= aim:
		return "aim"
	case got <= must:
		return "must"
	}
	return "MISSED"
}
