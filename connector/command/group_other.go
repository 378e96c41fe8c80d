//go:build !unix

package command

import "os/exec"

// setGroup does nothing: there are no process groups here.
func setGroup(*exec.Cmd) {}

// group is a program that runs. What it starts is beyond reach.
type group struct{ cmd *exec.Cmd }

func newGroup(cmd *exec.Cmd) *group { return &group{cmd} }

func (g *group) wait() error { return g.cmd.Wait() }

// terminate ends it: there is no way to ask politely.
func (g *group) terminate() { g.kill() }

func (g *group) kill() { _ = g.cmd.Process.Kill() }
