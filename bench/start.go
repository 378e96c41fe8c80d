package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// program is a binary whose start and idle memory are measured.
type program struct {
	name, file string
	args       []string
	path       string // of the request whose answer counts as started
}

// started is one measurement of a program.
type started struct {
	answer time.Duration // from exec to the first answer
	memory int64         // resident when idle, in bytes
}

// measureStart is P11: memory and start over an empty net/http server, and the
// two promises about the demonstration.
func measureStart(o options) error {
	folder, err := os.MkdirTemp("", "ostiary-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	programs, err := buildPrograms(folder)
	if err != nil {
		return err
	}
	rounds := min(o.rounds, 9)
	seen := make([][]started, len(programs))
	for range rounds {
		for i, p := range programs {
			m, err := p.start()
			if err != nil {
				return fmt.Errorf("P11 %s: %w", p.name, err)
			}
			seen[i] = append(seen[i], m)
		}
	}
	floor := middle(seen[0])
	fmt.Printf("P11  %-44s %5.1f MB, first answer after %.0f ms\n", programs[0].name, megabytes(floor.memory), millis(floor.answer))
	for i, p := range programs[1:] {
		m := middle(seen[i+1])
		ratio, delay := float64(m.memory)/float64(floor.memory), m.answer-floor.answer
		fmt.Printf("P11  %-44s %5.2f × floor   (%.1f MB; must ≤ 2.50, aim ≤ 2.00) %s; starts %+.0f ms (must ≤ +50, aim ≤ +20) %s\n",
			p.name, ratio, megabytes(m.memory), grade(ratio, 2.5, 2), millis(delay), grade(millis(delay), 50, 20))
		if strings.HasSuffix(p.name, "demo") {
			fmt.Printf("demo %-44s %5.0f ms (must ≤ 300) %s; %.1f MB idle (must ≤ 40) %s\n", "first answer and idle memory",
				millis(m.answer), grade(millis(m.answer), 300, 300), megabytes(m.memory), grade(megabytes(m.memory), 40, 40))
		}
	}
	return nil
}

// buildPrograms builds the floor and the binary as they are shipped, and writes
// a configuration to serve.
func buildPrograms(folder string) ([]program, error) {
	floor, ours := filepath.Join(folder, "empty"), filepath.Join(folder, "ostiary")
	for file, source := range map[string]string{floor: "./bench/empty", ours: "./cmd/ostiary"} {
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", source, err, out)
		}
	}
	config := filepath.Join(folder, "ostiary.yaml")
	text := `url: http://localhost:3000
secrets: ["bench: a secret of more than thirty-two bytes, 51f0c2d7"]
providers:
  - name: Acme
    fields:
      username: {label: Username}
      password: {label: Password, type: password}
    connector:
      http: {url: "http://127.0.0.1:9/login"}
`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return []program{
		{"empty net/http server", floor, nil, "/"},
		{"ostiary serve", ours, []string{"serve", "--config", config, "--listen", "127.0.0.1:0"}, "/api/auth/csrf"},
		{"ostiary demo", ours, []string{"demo", "--listen", "127.0.0.1:0"}, "/api/auth/csrf"},
	}, nil
}

var listening = regexp.MustCompile(`(?:127\.0\.0\.1|localhost):(\d+)`)

// start runs the program until it has answered and become idle.
func (p program) start() (started, error) {
	cmd := exec.Command(p.file, p.args...)
	out, w, err := os.Pipe()
	if err != nil {
		return started{}, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = w, w
	begin := time.Now()
	err = cmd.Start()
	w.Close()
	if err != nil {
		return started{}, err
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	address, err := findAddress(out)
	if err != nil {
		return started{}, err
	}
	answer, err := http.Get("http://" + address + p.path)
	if err != nil {
		return started{}, err
	}
	answer.Body.Close()
	m := started{answer: time.Since(begin)}
	time.Sleep(300 * time.Millisecond) // idle is when nothing has happened for a while
	m.memory, err = resident(cmd.Process.Pid)
	return m, err
}

// findAddress reads what the program prints until an address is in it.
func findAddress(out io.Reader) (string, error) {
	var all strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil && found[1] != "0" {
			return "127.0.0.1:" + found[1], nil
		}
		all.WriteString(lines.Text() + "\n")
	}
	return "", fmt.Errorf("ended without naming an address:\n%s", all.String())
}

// resident reads the resident memory of a process (Linux).
func resident(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	value, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kilobytes, err := strconv.ParseInt(value, 10, 64)
	return kilobytes << 10, err
}

// middle takes the median of both measurements.
func middle(all []started) started {
	answers, memories := make([]time.Duration, 0, len(all)), make([]int64, 0, len(all))
	for _, m := range all {
		answers, memories = append(answers, m.answer), append(memories, m.memory)
	}
	slices.Sort(answers)
	slices.Sort(memories)
	return started{answers[len(answers)/2], memories[len(memories)/2]}
}

func megabytes(n int64) float64      { return float64(n) / (1 << 20) }
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
