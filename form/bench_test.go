package form_test

import (
	"testing"

	"github.com/ostiary/ostiary/form"
)

var twoFields = form.Form{{Name: "username", Label: "Username", Required: true}, {Name: "password", Label: "Password", Type: "password"}}

func BenchmarkParse(b *testing.B) {
	c, err := form.Compile(twoFields)
	if err != nil {
		b.Fatal(err)
	}
	sent := map[string][]string{"username": {"jsmith"}, "password": {"open sesame"}}
	b.ReportAllocs()
	for b.Loop() {
		if v, err := c.Parse(sent); err != nil || v.Get("password") == "" {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := form.Compile(twoFields); err != nil {
			b.Fatal(err)
		}
	}
}
