//go:build unix

package command_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
)

// soon is the time that a program gets where it will not use it well.
const soon = time.Second

// number reads what a program wrote with note, when it is there.
func number(t *testing.T, file string) int {
	t.Helper()
	var pid int
	until(t, "a process writes "+file, func() bool {
		text, err := os.ReadFile(file)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil && pid > 0
	})
	return pid
}

// dead reports whether a process is gone, or only waits for whoever reaps it.
func dead(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if os.IsNotExist(err) {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return err != nil || strings.HasPrefix(after, "Z")
}

// leakless fails the test when goroutines are left over at its end.
func leakless(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		until(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before })
	})
}

func TestKilled(t *testing.T) {
	background := func(f, rest string) string {
		return `sh -c 'trap "" TERM; echo $$ >` + f + `.tmp; mv ` + f + `.tmp ` + f + `; while :; do sleep 60; done' & ` + rest
	}
	waitFor := func(f string) string { return `while ! test -e ` + f + `; do sleep 0.01; done; ` }
	for name, row := range map[string]struct {
		argv  func(f string) []string
		want  string
		cause string
		late  bool // it needs all of its time
	}{
		"CON-2 hangs and ignores SIGTERM": {
			func(f string) []string { return ourselves(t, "hang", f) }, "unavailable", "no answer within", true,
		},
		"CON-2 hangs with a child that ignores SIGTERM": {
			func(f string) []string { return script(t, background(f, `wait`)) }, "unavailable", "no answer within", true,
		},
		"CON-2 answers and leaves a child that holds the output": {
			func(f string) []string { return script(t, background(f, waitFor(f)+`echo '{"id":"7"}'`)) }, "user 7", "", false,
		},
		"CON-2 fails and leaves a child": {
			func(f string) []string { return script(t, background(f, waitFor(f)+`exit 4`)) }, "unavailable", "exit status 4", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			leakless(t)
			f := filepath.Join(t.TempDir(), "pid")
			timeout := 5 * time.Second
			if row.late {
				timeout = soon
			}
			c := connect(t, command.Config{Argv: row.argv(f), Timeout: timeout, Grace: 20 * time.Millisecond})
			began := time.Now()
			user, err := c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
			took := time.Since(began)
			if got := outcome(user, err); got != row.want || err != nil && !strings.Contains(err.Error(), row.cause) {
				t.Errorf("got %s (%v), want %s", got, err, row.want)
			}
			if took > timeout+time.Second {
				t.Errorf("it took %v", took)
			}
			pid := number(t, f)
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			until(t, "the process is gone", func() bool { return dead(pid) })
		})
	}
}

// TestEscaped has a child that leaves the group: it can't be ended, but nobody
// waits for it, and what it might still write is not believed.
func TestEscaped(t *testing.T) {
	leakless(t)
	f := filepath.Join(t.TempDir(), "pid")
	c := connect(t, command.Config{Argv: script(t, `setsid sh -c 'echo $$ >`+f+`.tmp; mv `+f+`.tmp `+f+`; exec sleep 60' &
while ! test -e `+f+`; do sleep 0.01; done
echo '{"id":"7"}'`)})
	began := time.Now()
	user, err := c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
	if got := outcome(user, err); got != "unavailable" || !strings.Contains(err.Error(), "holds its standard output") {
		t.Errorf("got %s (%v), want unavailable", got, err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	pid := number(t, f)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	until(t, "the child is gone", func() bool { return dead(pid) })
}

func TestPolite(t *testing.T) {
	dir := t.TempDir()
	c := connect(t, command.Config{Argv: ourselves(t, "polite", filepath.Join(dir, "pid"), filepath.Join(dir, "asked")), Timeout: soon, Grace: time.Minute})
	if got := outcome(c.Authorize(t.Context(), values(t, "jsmith", canary), nil)); got != "unavailable" {
		t.Errorf("got %s, want unavailable", got)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "asked")); err != nil {
		t.Errorf("the program was not asked to end: %v", err)
	}
}

// TestHuge stops a program that never stops writing, long before its time is over.
func TestHuge(t *testing.T) {
	leakless(t)
	began := time.Now()
	c := connect(t, command.Config{Argv: ourselves(t, "flood"), Timeout: time.Minute})
	user, err := c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
	if got := outcome(user, err); got != "unavailable" || !strings.Contains(err.Error(), "more than 65536 bytes") {
		t.Errorf("CON-2: got %s (%v), want unavailable", got, err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestCallerLeaves(t *testing.T) {
	leakless(t)
	f := filepath.Join(t.TempDir(), "pid")
	c := connect(t, command.Config{Argv: ourselves(t, "hang", f), Timeout: time.Minute, Grace: time.Millisecond})
	left := errors.New("the caller left")
	ctx, leave := context.WithCancelCause(t.Context())
	go func() {
		number(t, f)
		leave(left)
	}()
	_, err := c.Authorize(ctx, values(t, "jsmith", canary), nil)
	if !errors.Is(err, ostiary.ErrUnavailable) || !errors.Is(err, left) {
		t.Errorf("CON-1: got %v, want unavailable", err)
	}
	pid := number(t, f)
	until(t, "the program is gone", func() bool { return dead(pid) })
	if got := outcome(c.Authorize(ctx, values(t, "jsmith", canary), nil)); got != "unavailable" {
		t.Errorf("a context that is over: got %s", got)
	}
}

// TestBusy fills all places: as many again wait, the others hear at once, and with
// the end of the programs it works again.
func TestBusy(t *testing.T) {
	leakless(t)
	gate := filepath.Join(t.TempDir(), "gate")
	c := connect(t, command.Config{
		Argv:         script(t, `while ! test -e `+gate+`; do sleep 0.01; done; echo '{"id":"7"}'`),
		MaxProcesses: 2, Timeout: time.Minute,
	})
	var all sync.WaitGroup
	answers := make(chan string, 10)
	for range cap(answers) {
		all.Go(func() { answers <- outcome(c.Authorize(t.Context(), values(t, "jsmith", canary), nil)) })
	}
	for range cap(answers) - 4 {
		if got := <-answers; got != "unavailable" {
			t.Errorf("PWD-9: got %s, want unavailable", got)
		}
	}
	ctx, over := context.WithTimeout(t.Context(), time.Millisecond)
	defer over()
	if got := outcome(c.Authorize(ctx, values(t, "jsmith", canary), nil)); got != "unavailable" {
		t.Errorf("got %s, want unavailable", got)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if got := <-answers; got != "user 7" {
			t.Errorf("after the wait: got %s, want user 7", got)
		}
	}
	all.Wait()
}

func TestClose(t *testing.T) {
	leakless(t)
	dir := t.TempDir()
	c := connect(t, command.Config{Argv: ourselves(t, "hang", filepath.Join(dir, "pid")), Timeout: time.Minute, Grace: time.Millisecond, MaxProcesses: 1})
	answers := make(chan string, 2)
	for range cap(answers) { // one runs, one waits
		go func() { answers <- outcome(c.Authorize(t.Context(), values(t, "jsmith", canary), nil)) }()
	}
	pid := number(t, filepath.Join(dir, "pid"))
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if !dead(pid) {
		t.Error("the program outlives Close")
	}
	for range cap(answers) {
		if got := <-answers; got != "unavailable" {
			t.Errorf("got %s, want unavailable", got)
		}
	}
	if got := outcome(c.Authorize(t.Context(), values(t, "jsmith", canary), nil)); got != "unavailable" {
		t.Errorf("after Close: got %s, want unavailable", got)
	}
}

// TestParallel mixes all of it, for the race detector, and counts what is left.
func TestParallel(t *testing.T) {
	leakless(t)
	c := connect(t, command.Config{Argv: script(t, `read -r r
case $r in
*'"username":"0"'*) echo '{"id":"0"}' ;;
*'"username":"1"'*) echo no >&2; exit 1 ;;
*'"username":"2"'*) kill -9 $$ ;;
*) sleep 60 ;;
esac`), Timeout: soon, Grace: 10 * time.Millisecond, MaxProcesses: 8})
	want := []string{"user 0", "refused", "unavailable", "unavailable"}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if got := outcome(c.Authorize(t.Context(), values(t, strconv.Itoa(i%4), canary), nil)); got != want[i%4] && got != "unavailable" {
				t.Errorf("%d: got %s, want %s", i%4, got, want[i%4])
			}
		})
	}
	all.Wait()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	// None of ours may be left to reap.
	var status syscall.WaitStatus
	if pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
}
