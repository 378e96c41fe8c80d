// Command bench compares whole processes with their floors: what a session
// check, GET session and a sign-in cost over an empty net/http handler, and how
// much memory and time a start takes. Each server is a process of its own,
// driven over keep-alive loopback; rounds are interleaved and the median of
// their ratios is printed, because absolute numbers drift within minutes.
//
//	go run ./bench [-rounds 60] [-requests 1000] [-only P4] [-profile FOLDER]
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		serve(role)
		return
	}
	var o options
	flag.IntVar(&o.rounds, "rounds", 60, "interleaved rounds of each comparison")
	flag.IntVar(&o.requests, "requests", 1000, "requests of one round")
	only := flag.String("only", "", "the goals to measure: P4, P6, P7, P11; empty means all")
	folder := flag.String("profile", "", "write CPU profiles of the servers to this folder")
	flag.Parse()
	if *folder != "" {
		os.Setenv(profileVariable, *folder)
	}
	if err := run(o, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct{ rounds, requests int }

func run(o options, only string) error {
	for _, c := range comparisons {
		if only != "" && !strings.EqualFold(only, c.goal) {
			continue
		}
		r, err := c.measure(o)
		if err != nil {
			return fmt.Errorf("%s %s: %w", c.goal, c.what, err)
		}
		fmt.Printf("%-4s %-48s %5.2f × floor of %4.1f µs   (middle half %.2f to %.2f, quiet %.2f; must ≤ %.2f, aim ≤ %.2f) %s\n",
			c.goal, c.what, r.ratio, float64(r.floor)/1e3, r.lower, r.upper, r.quiet, c.must, c.aim, grade(r.ratio, c.must, c.aim))
	}
	if only == "" || strings.EqualFold(only, "P11") {
		return measureStart(o)
	}
	return nil
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
