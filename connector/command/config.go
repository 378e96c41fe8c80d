package command

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Config says which program is run, and how. Argv is required.
type Config struct {
	// Argv is the program, with an absolute path, and its arguments. They are the
	// same for everybody. The file must belong to root or to the user that this
	// process runs as, and neither it nor a folder above it may be writable by
	// others; a sticky folder such as /tmp may.
	Argv []string
	// CheckArgs are the arguments that Check runs the program with, instead of
	// those of Argv and with nothing to read: exit 0 says that all is well. Empty
	// means that Check does not run it.
	CheckArgs []string
	// Env is the environment of the program, beside PATH: nothing of our own is
	// handed on. A PATH in it replaces the usual one. What is logged of the
	// program's standard error has its values masked.
	Env map[string]string
	// Dir is the working directory. Empty means the root of the file system.
	Dir string
	// Lookup says that the program knows the action "lookup".
	Lookup bool

	// Timeout is how long one run may take. Zero means 5 seconds. It ends with
	// the context, too.
	Timeout time.Duration
	// Grace is how long the program may take to end after SIGTERM, before
	// SIGKILL. Nobody waits for it. Zero means 1 second.
	Grace time.Duration
	// MaxProcesses is how many programs may run at once. As many again may wait
	// for one to end; beyond that the answer is unavailable at once. Zero means 16.
	MaxProcesses int

	// PasswordField is the field of the form that must not be empty: then nothing
	// is run and the answer is refused (PWD-8). Empty means "password"; a form
	// without such a field is not concerned.
	PasswordField string
	// Logger gets the standard error of the program and what was wrong with its
	// answers. Nil is silent.
	Logger *slog.Logger
}

const (
	defaultTimeout   = 5 * time.Second
	defaultGrace     = time.Second
	defaultProcesses = 16
	maxProcesses     = 4096
)

// settled returns a copy with the defaults in it.
func (c Config) settled() Config {
	c.Argv = slices.Clone(c.Argv)
	c.CheckArgs = slices.Clone(c.CheckArgs)
	c.Env = maps.Clone(c.Env)
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.MaxProcesses == 0 {
		c.MaxProcesses = defaultProcesses
	}
	if c.PasswordField == "" {
		c.PasswordField = "password"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Dir == "" && len(c.Argv) > 0 {
		c.Dir = filepath.VolumeName(c.Argv[0]) + string(filepath.Separator)
	}
	return c
}

// check returns every fault of a settled Config.
func (c Config) check() error {
	faults := []error{checkProgram(c.Argv), checkDir(c.Dir)}
	faults = append(faults, checkTexts("Argv", c.Argv), checkTexts("CheckArgs", c.CheckArgs))
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(c.Env[name], 0) {
			faults = append(faults, fmt.Errorf("Env: %q and its value can't be in an environment", name))
		}
	}
	if c.Timeout < 0 {
		faults = append(faults, fmt.Errorf("Timeout: %v is negative", c.Timeout))
	}
	if c.Grace < 0 {
		faults = append(faults, fmt.Errorf("Grace: %v is negative", c.Grace))
	}
	if c.MaxProcesses < 0 || c.MaxProcesses > maxProcesses {
		faults = append(faults, fmt.Errorf("MaxProcesses: %d is not from 1 to %d", c.MaxProcesses, maxProcesses))
	}
	return errors.Join(faults...)
}

func checkTexts(field string, list []string) error {
	if slices.ContainsFunc(list, func(s string) bool { return strings.ContainsRune(s, 0) }) {
		return fmt.Errorf("%s: an argument can't have a NUL byte", field)
	}
	return nil
}

// environment is what the program sees, in a fixed order.
func (c Config) environment() []string {
	env := make([]string, 0, len(c.Env)+1)
	if _, given := c.Env["PATH"]; !given {
		env = append(env, "PATH="+usualPath())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		env = append(env, name+"="+c.Env[name])
	}
	return env
}
