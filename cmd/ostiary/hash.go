package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ostiary/ostiary/passhash"
)

type hashCommand struct {
	Family string `name:"family" enum:"bcrypt,argon2id" default:"bcrypt" help:"How to hash: ${enum}. bcrypt is read by nearly everything, argon2id is the stronger one."`
}

// Help tells where the password comes from.
func (*hashCommand) Help() string {
	return "The password is asked for, unseen, or read from standard input: its first line. It is never an argument, which everybody on the machine can read."
}

// Run prints the hash.
func (h *hashCommand) Run(a *surroundings) error {
	password, err := readPassword(a)
	if err != nil {
		return err
	}
	if password == "" {
		return errors.New("the password is empty")
	}
	hash, err := passhash.Make(passhash.Family(h.Family), password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, hash)
	return err
}

// readPassword reads a password: twice at a terminal, which shows nothing of it.
func readPassword(a *surroundings) (string, error) {
	file, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(a.stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", errors.New("standard input has no line with a password")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, prompt := range [...]string{"Password: ", "Once more: "} {
		fmt.Fprint(a.stderr, prompt)
		secret, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.stderr)
		if err != nil {
			return "", err
		}
		typed[i] = string(secret)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same")
	}
	return typed[0], nil
}
