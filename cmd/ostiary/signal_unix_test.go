//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSignals: SIGHUP reloads, a second one with a faulty file does not, and
// SIGTERM ends the server with exit code 0.
func TestSignals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ostiary.yaml")
	write := func(extra string) {
		t.Helper()
		text := extra + "url: http://localhost:3000\nsecrets: [" + testSecret + "]\n" +
			"providers: [{fields: {a: {}}, connector: {http: {url: \"http://127.0.0.1:9/\"}}}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	send := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	out, log := io.Pipe()
	code := make(chan int, 1)
	go func() {
		args := []string{"serve", "--config", file, "--listen", "127.0.0.1:0"}
		code <- run(t.Context(), args, func(string) string { return "" }, nil, io.Discard, log)
		log.Close()
	}()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.Contains(line, `"serving"`):
			write("name: Acme\n")
			send(syscall.SIGHUP)
		case strings.Contains(line, `"configuration reloaded"`):
			write("colour: red\n")
			send(syscall.SIGHUP)
		case strings.Contains(line, "not reloaded"):
			if !strings.Contains(line, "ostiary.yaml:1: colour: unknown key") {
				t.Errorf("got %s", line)
			}
			send(syscall.SIGTERM)
		}
	}
	if got := <-code; got != exitDone {
		t.Errorf("got exit code %d, want %d", got, exitDone)
	}
}

// TestDemoRuns: the demonstration prints its address and ends with exit code 0.
func TestDemoRuns(t *testing.T) {
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(t.Context(), []string{"demo", "--listen", "127.0.0.1:0"}, os.Getenv, nil, in, io.Discard)
		in.Close()
	}()
	printed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed = printed || strings.Contains(lines.Text(), "Ostiary is running at  http://localhost:")
		if strings.Contains(lines.Text(), "Ctrl-C") {
			if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := <-code; got != exitDone || !printed {
		t.Errorf("got exit code %d, address printed: %v", got, printed)
	}
}
