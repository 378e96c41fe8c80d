package storetest

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// addressVariable tells a process that it is a child, and where the store is.
const addressVariable = "STORETEST_ADDRESS"

// patience is how long anything may take.
const patience = 60 * time.Second

// child is the same test in a process of its own.
type child struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// prefix begins the lines of a child that are for its parent.
const prefix = "storetest: "

// say tells the parent a line, at once.
func say(t *testing.T, line string) {
	if _, err := os.Stdout.WriteString(prefix + line + "\n"); err != nil {
		t.Error(err)
	}
}

// spawn starts the running test once more, in a process that knows the address.
func spawn(t *testing.T, address string, args ...string) *child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range strings.SplitSeq(t.Name(), "/") {
		names = append(names, "^"+regexp.QuoteMeta(name)+"$")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c := &child{command: exec.CommandContext(ctx, program, "-test.run="+strings.Join(names, "/"), "-test.count=1")}
	c.command.Env = append(os.Environ(), addressVariable+"="+strings.Join(append([]string{address}, args...), "\n"))
	c.command.Stderr = os.Stderr
	out, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if c.in, err = c.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	return c
}

// role returns what spawn was given, in the child, and nil in the parent.
func role() []string {
	if told := os.Getenv(addressVariable); told != "" {
		return strings.Split(told, "\n")
	}
	return nil
}

// line returns the next line of a child, and "" when there is none any more.
// What is not meant for the parent is what a test prints when it fails.
func (c *child) line() string {
	for c.out.Scan() {
		if line, ours := strings.CutPrefix(c.out.Text(), prefix); ours {
			return line
		}
		if text := c.out.Text(); text != "PASS" {
			_, _ = os.Stderr.WriteString("child: " + text + "\n")
		}
	}
	return ""
}

// tell sends a child a line.
func (c *child) tell(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

// end lets a child end by itself.
func (c *child) end(t *testing.T) {
	t.Helper()
	_ = c.in.Close()
	c.line()
	if err := c.command.Wait(); err != nil {
		t.Errorf("a child: %v", err)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience / 2); time.Now().Before(end); <-ticker.C {
		if so() {
			return
		}
	}
	t.Errorf("%s: not even after %v", what, patience/2)
}
