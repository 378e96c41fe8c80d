package server

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/ostiary/ostiary/connector/command"
)

// commandSettings are the keys of connector.command.
type commandSettings struct {
	config command.Config
	env    []named[secret]
}

func commandKeys() kind[commandSettings] {
	type config = commandSettings
	return mapping(
		key("argv", listOf(text(4000)), func(c *config) *[]string { return &c.config.Argv }, "",
			"The program and its arguments, the same for everybody; without a path from the root it counts from the folder of this file.").required(),
		key("lookup", boolean(), func(c *config) *bool { return &c.config.Lookup }, "false",
			"The program knows the action lookup, for session.recheck."),
		key("check_args", listOf(text(4000)), func(c *config) *[]string { return &c.config.CheckArgs }, "it is not run",
			"The arguments that `ostiary check` runs the program with instead; exit 0 says that all is well."),
		key("env", pairs(hiddenText()), func(c *config) *[]named[secret] { return &c.env }, "none",
			"The environment of the program, beside PATH; the values are secrets."),
		key("dir", text(1000), func(c *config) *string { return &c.config.Dir }, "/",
			"The working directory of the program."),
		key("timeout", duration(10*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Timeout }, "5s",
			"How long one run may take."),
		key("grace", duration(time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Grace }, "1s",
			"How long the program may take to end after SIGTERM, before SIGKILL."),
		key("max_processes", whole(1, 4096, "processes"), func(c *config) *int { return &c.config.MaxProcesses }, "16",
			"How many programs may run at once."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field that must not be empty, if there is one: then nothing is run and the answer is no."),
	)
}

func (s *commandSettings) keyOf(word string) string { return keyOfField(commandKeys(), word) }
func (s *commandSettings) asks() []asked            { return nil } // it sends whatever is there
func (s *commandSettings) looksUp() bool            { return s.config.Lookup }

func (s *commandSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.Logger = w.logger
	config.Argv = append([]string(nil), config.Argv...)
	if len(config.Argv) > 0 && !filepath.IsAbs(config.Argv[0]) && strings.ContainsRune(config.Argv[0], filepath.Separator) {
		config.Argv[0] = w.path(config.Argv[0])
		if absolute, err := filepath.Abs(config.Argv[0]); err == nil {
			config.Argv[0] = absolute
		}
	}
	config.Env = make(map[string]string, len(s.env))
	for _, e := range s.env {
		config.Env[e.name] = e.value.text
	}
	connector, err := command.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	if connector.CanLookup() {
		made.lookup = connector.Lookup
	}
	return made, nil
}
