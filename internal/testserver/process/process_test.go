package process_test

import (
	"bufio"
	"io"
	"os/exec"
	"testing"

	"github.com/ostiary/ostiary/internal/testserver/process"
)

// A frozen process does not answer until it is thawed.
func TestFreeze(t *testing.T) {
	cat := exec.Command("cat")
	in, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cat.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cat.Process.Kill(); _ = cat.Wait() })
	answers := make(chan string)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			answers <- lines.Text()
		}
	}()
	process.Freeze(cat.Process.Pid)
	if _, err := io.WriteString(in, "hello\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-answers:
		t.Error("a frozen process answers")
	default:
	}
	process.Thaw(cat.Process.Pid)
	if got := <-answers; got != "hello" {
		t.Errorf("got %q", got)
	}
}
