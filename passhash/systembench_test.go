package passhash_test

import (
	"slices"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// costly returns, of each family, the vector of the greatest cost that matches.
func costly(t testing.TB) map[passhash.Family]func() (passhash.Hash, string) {
	found := map[passhash.Family]func() (passhash.Hash, string){}
	best := map[passhash.Family]passhash.Cost{}
	for file := range leastVectors {
		system, list := systemVectors(t, file)
		for _, v := range list {
			h, err := system.Parse(v.record(), v.options(everything))
			if err != nil || !v.Match || v.MayRefuse || h.Cost().Time <= best[h.Family()].Time {
				continue
			}
			best[h.Family()] = h.Cost()
			found[h.Family()] = func() (passhash.Hash, string) { return h, v.Password }
		}
	}
	return found
}

// BenchmarkSystemMatch is where the estimates of Cost come from.
func BenchmarkSystemMatch(b *testing.B) {
	all := costly(b)
	families := make([]passhash.Family, 0, len(all))
	for family := range all {
		families = append(families, family)
	}
	slices.Sort(families)
	for _, family := range families {
		h, password := all[family]()
		b.Run(string(family), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !h.Match(password) {
					b.Fatal("refused")
				}
			}
			b.ReportMetric(float64(h.Cost().Time.Nanoseconds())*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "estimate/measured")
			b.ReportMetric(float64(h.Cost().Memory), "B/estimate")
		})
	}
}

// BenchmarkSystemParse has every cost bomb and every real default.
func BenchmarkSystemParse(b *testing.B) {
	for _, kind := range []string{"cost", "ordinary"} {
		b.Run(kind, func(b *testing.B) {
			for file := range leastVectors {
				system, list := systemVectors(b, file)
				for _, v := range list {
					if v.Kind != kind {
						continue
					}
					r, o := v.record(), v.options(everything)
					b.Run(v.ID, func(b *testing.B) {
						b.ReportAllocs()
						for b.Loop() {
							_, _ = system.Parse(r, o)
						}
					})
				}
			}
		})
	}
}
