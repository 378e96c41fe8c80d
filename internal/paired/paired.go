// Package paired compares two durations that were measured turn by turn, so that
// whatever else the machine does hits both alike.
package paired

import (
	"math"
	"slices"
	"time"
)

// Report is what a series of pairs comes to.
type Report struct {
	// Pairs is how many there were.
	Pairs int
	// First and Second are the medians of the two.
	First, Second time.Duration
	// Difference is the mean of second minus first.
	Difference time.Duration
	// T is the statistic of Student's paired test: the difference in units of its
	// own uncertainty. Beyond 4.5 either way it is no accident. It is 0 for fewer
	// than two pairs, and for pairs that do not differ at all.
	T float64
}

// Compare makes the report of two series of the same length; what one has beyond
// the other does not count. One pair in twenty at each end of the differences is
// left out: a pause of the machine says nothing about either.
func Compare(first, second []time.Duration) Report {
	n := min(len(first), len(second))
	if n == 0 {
		return Report{}
	}
	differences := make([]float64, n)
	for i := range n {
		differences[i] = float64(second[i] - first[i])
	}
	slices.Sort(differences)
	cut := n / 20
	mean, t := student(differences[cut : n-cut])
	return Report{n, median(first[:n]), median(second[:n]), time.Duration(mean), t}
}

func student(x []float64) (mean, t float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	if n < 2 {
		return mean, 0
	}
	var square float64
	for _, v := range x {
		square += (v - mean) * (v - mean)
	}
	if square == 0 {
		return mean, 0
	}
	return mean, mean / math.Sqrt(square/(n-1)/n)
}

func median(x []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(x))
	return sorted[len(sorted)/2]
}
