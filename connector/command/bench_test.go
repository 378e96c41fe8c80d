//go:build unix

package command_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"syscall"
	"testing"

	"github.com/ostiary/ostiary/connector/command"
)

const benchProgram = `read -r request; echo '{"id":"7","name":"J Smith","email":"jsmith@example.com","groups":["staff","ops"]}'`

// ownTime reports what a call costs this process, without the program: the time on
// the clock is mostly the kernel's and the program's.
func ownTime(b *testing.B) func() {
	b.Helper()
	spent := func() int64 {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			b.Fatal(err)
		}
		return usage.Utime.Nano() + usage.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/1e3/float64(b.N), "own-µs/op") }
}

// BenchmarkFloor is a plain run of the same program, and its answer decoded.
// BenchmarkAuthorize is the connector's.
func BenchmarkFloor(b *testing.B) {
	argv := script(b, benchProgram)
	v := values(b, "jsmith", canary)
	defer ownTime(b)()
	b.ReportAllocs()
	for b.Loop() {
		request, _ := json.Marshal(v.Reveal())
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env, cmd.Dir = []string{"PATH=/usr/bin:/bin"}, "/"
		cmd.Stdin = bytes.NewReader(append(request, '\n'))
		text, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var user struct {
			ID, Name, Email string
			Groups          []string
		}
		if err := json.Unmarshal(text, &user); err != nil || user.ID != "7" {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	c := connect(b, command.Config{Argv: script(b, benchProgram)})
	v := values(b, "jsmith", canary)
	defer ownTime(b)()
	b.ReportAllocs()
	for b.Loop() {
		if user, err := c.Authorize(b.Context(), v, nil); err != nil || user.ID != "7" {
			b.Fatal(err)
		}
	}
}
