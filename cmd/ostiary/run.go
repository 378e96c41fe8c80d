package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/ostiary/ostiary/server"
)

// The codes that a command ends with.
const (
	exitDone  = 0
	exitFault = 1 // refused or faulty
	exitUsage = 2 // wrong usage
)

// commands is the command line: every setting is a flag, so that --help is the
// whole manual.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Everything at once with no configuration: a sample user system, the sign-in page and a protected page."`
	Serve   serveCommand   `cmd:"" help:"Run the server. SIGHUP reads the configuration anew, SIGTERM lets requests end first."`
	Check   checkCommand   `cmd:"" help:"Read the configuration, connect to everything in it, and say what is wrong and how to mend it."`
	Try     tryCommand     `cmd:"" help:"Make one attempt from the terminal and show every step of the connector, secrets masked."`
	Factor  factorCommand  `cmd:"" help:"List, reset, invite and import the second factors of people."`
	Hash    hashCommand    `cmd:"" help:"Hash a password for a user table or a password file."`
	Schema  schemaCommand  `cmd:"" help:"Print the JSON Schema of the configuration."`
	Secret  secretCommand  `cmd:"" help:"Print a new secret of 32 random bytes."`
	Session sessionCommand `cmd:"" help:"Look into session tokens."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// surroundings are what a command may touch.
type surroundings struct {
	ctx            context.Context
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run runs one command and returns the code to end with.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	around := &surroundings{ctx, getenv, stdin, stdout, stderr}
	var line commands
	helped := false
	parser, err := kong.New(
		&line,
		kong.Name("ostiary"),
		kong.Description("Sign-in for the user system you already have. Start with: ostiary demo"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "ostiary:", err)
		return exitFault
	}
	if len(args) == 0 {
		parser.Stdout = stderr
		_, _ = parser.Parse([]string{"--help"}) // prints the usage
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return exitDone
	case err != nil:
		return misused(stderr, err)
	}
	return around.exit(parsed.Run(around))
}

func misused(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "ostiary:", err)
	fmt.Fprintln(stderr, "Try: ostiary --help")
	return exitUsage
}

// errTold is a failure that the command has told about already.
var errTold = errors.New("told")

// usageError is a mistake on the command line that flags alone don't show.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func (a *surroundings) exit(err error) int {
	var usage usageError
	var faults server.Faults
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errTold):
		return exitFault
	case errors.As(err, &usage):
		return misused(a.stderr, err)
	case errors.As(err, &faults):
		fmt.Fprintln(a.stderr, faults)
		fmt.Fprintln(a.stderr, count(len(faults), "fault"))
		return exitFault
	}
	fmt.Fprintln(a.stderr, "ostiary:", err)
	return exitFault
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
