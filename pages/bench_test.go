package pages_test

import (
	"io"
	"testing"

	"github.com/ostiary/ostiary/pages"
)

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pages.New(pages.Config{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstPage is New and the first page, whose templates are made then.
func BenchmarkFirstPage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := newRenderer(b, pages.Config{}).SignIn(io.Discard, "en", seed()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignIn(b *testing.B) {
	r := newRenderer(b, pages.Config{})
	failed := seed()
	failed.Problem = &pages.Problem{Code: "CredentialsSignin", Reference: "K7Q2-M4XW"}
	for _, row := range []struct {
		name string
		p    pages.SignIn
	}{{"first", seed()}, {"failed", failed}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := r.SignIn(io.Discard, "en", row.p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLanguage(b *testing.B) {
	r := newRenderer(b, pages.Config{})
	for _, row := range []struct{ name, accept string }{{"usual", "de-DE,de;q=0.9,en;q=0.8"}, {"matcher", "ja,sv;q=0.9,fr;q=0.8"}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			req := request("/", row.accept)
			for b.Loop() {
				r.Language(req)
			}
		})
	}
}
