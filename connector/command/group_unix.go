//go:build unix

package command

import (
	"os/exec"
	"sync"
	"syscall"
)

// setGroup makes the program the leader of a session and a process group of its
// own: one signal reaches all that it starts, and it has no terminal.
func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// group is a program that runs, with the processes that it started.
type group struct {
	cmd *exec.Cmd

	mu   sync.Mutex
	over bool // its number may be that of another group by now
}

func newGroup(cmd *exec.Cmd) *group { return &group{cmd: cmd} }

// wait returns when the program is gone and its pipes are closed. As long as it is
// not reaped its number belongs to it, so that what is left of its group can be
// ended without hitting anybody else.
func (g *group) wait() error {
	early := awaitEnd(g.cmd.Process.Pid)
	if early {
		g.close()
	}
	err := g.cmd.Wait()
	if !early {
		g.close()
	}
	return err
}

func (g *group) close() {
	g.kill()
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
}

func (g *group) terminate() { g.signal(syscall.SIGTERM) }

func (g *group) kill() { g.signal(syscall.SIGKILL) }

func (g *group) signal(signal syscall.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		_ = syscall.Kill(-g.cmd.Process.Pid, signal) // nobody left is as good
	}
}
