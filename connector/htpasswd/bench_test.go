package htpasswd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/passhash"
)

// BenchmarkAuthorize is the connector without the time of a hash, which for
// {SHA} is next to nothing, among ten thousand people.
func BenchmarkAuthorize(b *testing.B) {
	const sha = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="
	hash, err := passhash.Parse(sha, passhash.Limits{AllowMD5AndSHA1: true})
	if err != nil {
		b.Fatal(err)
	}
	at := newBed(b, htpasswd.Config{AllowMD5AndSHA1: true}, many(10_000, sha)...)
	typed := credentials(b, "user77", "wrong")
	b.Run("connector", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = at.Authorize(b.Context(), typed, nil)
		}
	})
	b.Run("hash alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			hash.Match("wrong")
		}
	})
}

// BenchmarkLook is a sign-in that looks at the file: one that did not change, and
// one of ten thousand people that did.
func BenchmarkLook(b *testing.B) {
	lines := many(10_000, horseBcr)
	at := newBed(b, htpasswd.Config{}, lines...)
	b.Run("unchanged", func(b *testing.B) {
		at.clock.pass(time.Hour)
		for b.Loop() {
			at.clock.pass(tick)
			_, _ = at.Lookup(b.Context(), "nobody")
		}
	})
	b.Run("changed", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			at.clock.pass(time.Hour)
			at.write(append([]string{fmt.Sprintf("# %d", i)}, lines...)...)
			b.StartTimer()
			_, _ = at.Lookup(b.Context(), "nobody")
		}
	})
}

// many are lines of so many people.
func many(n int, hash string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = strings.Join([]string{fmt.Sprintf("user%d", i), hash}, ":")
	}
	return lines
}
