package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/ostiary/ostiary/server"
	"github.com/ostiary/ostiary/session"
)

// configFlag names the configuration.
type configFlag struct {
	Config string `name:"config" short:"c" placeholder:"FILE" default:"ostiary.yaml" help:"The configuration file (${default})."`
}

func (f configFlag) read(a *surroundings) (*server.Config, error) {
	c, err := server.Read(f.Config, a.getenv)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; name the configuration with --config FILE", err)
	}
	return c, err
}

type serveCommand struct {
	configFlag
	Listen string `name:"listen" placeholder:"ADDRESS" help:"Serve at this address and port instead of that of the configuration."`
}

// Run serves until it is told to stop.
func (s *serveCommand) Run(a *surroundings) error {
	load := func() (*server.Config, error) {
		c, err := s.read(a)
		if err == nil && s.Listen != "" {
			c.Listen = s.Listen
		}
		return c, err
	}
	c, err := load()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	return server.Serve(ctx, server.Options{Config: c, Load: load, Reload: hangup, Log: a.stderr, Idle: trim})
}

type demoCommand struct {
	Listen string `name:"listen" placeholder:"ADDRESS" default:"127.0.0.1:3000" help:"Serve at this address and port (${default})."`
	Wire   string `name:"wire" enum:"next-auth-v4,auth-js-v5" default:"next-auth-v4" help:"The clients to speak with: ${enum}."`
}

// Run shows everything until it is told to stop.
func (d *demoCommand) Run(a *surroundings) error {
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return server.Demo(ctx, server.DemoOptions{
		Listen: d.Listen, Wire: session.Format(d.Wire), Out: a.stdout, Log: a.stderr, Idle: trim,
	})
}

type checkCommand struct {
	configFlag
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints every fault of the configuration; the faults are the result, so
// they go to standard output.
func (c *checkCommand) Run(a *surroundings) error {
	config, err := c.read(a)
	if err == nil {
		err = checkAll(a.ctx, config)
	}
	var faults server.Faults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if c.JSON {
		return printFaults(a, faults)
	}
	if len(faults) == 0 {
		_, err := fmt.Fprintf(a.stdout, "%s: no faults; sign-in at %s\n", c.Config, config.SignInURL())
		return err
	}
	fmt.Fprintln(a.stdout, faults)
	fmt.Fprintln(a.stderr, count(len(faults), "fault"))
	return errTold
}

// checkAll builds the service and asks every user system whether it is there.
func checkAll(ctx context.Context, config *server.Config) error {
	instance, err := config.Build(nil, nil)
	if err != nil {
		return err
	}
	return joined(instance.Check(ctx), config.CheckStore(ctx), instance.Close())
}

func printFaults(a *surroundings, faults server.Faults) error {
	type fault struct {
		File string `json:"file"`
		Line int    `json:"line"`
		Path string `json:"path"`
		Text string `json:"text"`
	}
	list := make([]fault, len(faults))
	for i, f := range faults {
		list[i] = fault(f)
	}
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"ok": len(faults) == 0, "faults": list}); err != nil || len(faults) == 0 {
		return err
	}
	return errTold
}

// firstLine returns the first line of a text that was piped in.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

// joined puts the faults of several checks into one list. What is no fault of the
// configuration goes first.
func joined(errs ...error) error {
	var all server.Faults
	for _, err := range errs {
		var faults server.Faults
		switch {
		case errors.As(err, &faults):
			all = append(all, faults...)
		case err != nil:
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
