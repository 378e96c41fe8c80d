package passhash_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

var families = slices.Sorted(maps.Keys(samples))

// samples are one value a family, all of the password "open sesame", at the
// least cost that there is.
var samples = map[passhash.Family]string{
	passhash.Bcrypt:      "$2y$04$vit2jmW4nmiQ6xMJWIjPXe1mM3Au5xBMZZ1W2/2G6NVfZ0HipI3y2",
	passhash.SHA256Crypt: "$5$rounds=1000$saltsaltsaltsalt$5DMrnQ8l4B70xaxkdLE.nqNkUtNNdaIXUhEAFRasne0",
	passhash.SHA512Crypt: "$6$rounds=1000$saltsaltsaltsalt$If1Ji8YOEsM/hDcYBVXT0eVvv1BFpQvQkkJd9bpfZ9sGBwVZH/UFSLWh1NL8vWBGHUm3O0nc5Hb.R729fsTl11",
	passhash.APR1:        "$apr1$saltsalt$HIDXe7D36X22w1CH4M1cQ.",
	passhash.MD5Crypt:    "$1$saltsalt$Yo6tRKYGO/jWyb1etwHDS/",
	passhash.SHA1:        "{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=",
}

func BenchmarkParse(b *testing.B) {
	for _, family := range families {
		stored := samples[family]
		b.Run(string(family), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := passhash.Parse(stored, anything); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("cost bomb", func(b *testing.B) {
		b.ReportAllocs()
		bomb := "$6$rounds=999999999$saltsalt$" + strings.Repeat(".", 86)
		for b.Loop() {
			if _, err := passhash.Parse(bomb, anything); err == nil {
				b.Fatal("accepted")
			}
		}
	})
}

// BenchmarkMatch is where the estimates of Cost come from.
func BenchmarkMatch(b *testing.B) {
	for _, family := range families {
		h := parse(b, samples[family])
		b.Run(string(family), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !h.Match("open sesame") {
					b.Fatal("refused")
				}
			}
			b.ReportMetric(float64(h.Cost().Time.Nanoseconds())*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "estimate/measured")
		})
	}
}
