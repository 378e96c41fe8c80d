// Command ostiary is the sign-in server, and the tools around it.
//
// Run "ostiary demo" to see all of it without any configuration, and
// "ostiary --help" for the commands.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
