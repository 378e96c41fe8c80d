package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/ostiary/ostiary/server"
)

type secretCommand struct{}

// Run prints 32 random bytes.
func (*secretCommand) Run(a *surroundings) error {
	var b [32]byte
	rand.Read(b[:]) // crypto/rand never fails
	_, err := fmt.Fprintln(a.stdout, base64.RawURLEncoding.EncodeToString(b[:]))
	return err
}

type schemaCommand struct{}

// Run prints the JSON Schema.
func (*schemaCommand) Run(a *surroundings) error {
	_, err := a.stdout.Write(server.Schema())
	return err
}
