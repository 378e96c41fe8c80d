package server_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/server"
)

// FuzzConfig: reading any file ends without a panic; every fault has a line of
// the file and no secret in it.
func FuzzConfig(f *testing.F) {
	const canary = "canary-9f8e7d6c5b4a39281706"
	for _, seed := range []string{
		minimal, "url: x\nsecrets: ${CANARY}", "secrets: [\"${CANARY}\"]\nproviders: [{connector: {http: {url: \"${CANARY}\"}}}]",
		"a: &a [*a]", "? {a: b}\n: c", "name: !!binary aGk=", "<<: {url: x}", "url: ${file:/etc/passwd}", "%YAML 1.2\n---\n- \x00",
		"providers: [{fields: {a: {options: [{value: a, label: b}, c, {d: e}], title: '${CANARY}'}}}]",
		"theme: {logo: '${CANARY}'}\npages: {sign_in: '${CANARY}'}\ntemplates: ${CANARY}", "listen: ${CANARY}\nname: *${CANARY}",
	} {
		f.Add(seed)
	}
	getenv := func(name string) string {
		if name == "CANARY" {
			return canary
		}
		return ""
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file:") {
			return // it would read the files of this machine
		}
		c, err := server.Parse("fuzz.yaml", []byte(text), getenv)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v", c, err)
		}
		if err == nil {
			return
		}
		var faults server.Faults
		if !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("got %T, want Faults", err)
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") +
			strings.Count(text, "\u2028") + strings.Count(text, "\u2029") + 1
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > lines {
				t.Errorf("line %d of %d: %v", fault.Line, lines, fault)
			}
			if fault.Text == "" || strings.Contains(fault.Error(), canary) && !strings.Contains(text, canary) {
				t.Errorf("bad fault %v", fault)
			}
		}
	})
}
