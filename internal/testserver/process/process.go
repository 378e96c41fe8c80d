// Package process stops the processes of test servers and lets them go on: all of
// their threads, and for sure.
package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take to stop, in the end.
const patience = 10 * time.Second

// Freeze stops a process and its children. It returns when none of their threads
// runs any more: after the signal alone, some still do for a while.
func Freeze(pid int) {
	all := family(pid)
	for _, pid := range all {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if runs := running(all); !runs {
			return
		}
	}
}

// Thaw lets them go on.
func Thaw(pid int) {
	for _, pid := range family(pid) {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

// Kill ends a process and its children without a word to them.
func Kill(pid int) {
	for _, pid := range family(pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// family are a process and its children, itself first.
func family(pid int) []int {
	all := []int{pid}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, child := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(child); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}

// running reports whether a thread of them is not stopped. Where there is no
// /proc nobody can tell.
func running(pids []int) bool {
	for _, pid := range pids {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if _, state, found := strings.Cut(string(text), ") "); err == nil && found && !strings.HasPrefix(state, "T") && !strings.HasPrefix(state, "Z") {
				return true
			}
		}
	}
	return false
}
