//go:build unix

package command_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/form"
)

const acme = `#!/bin/sh
read -r request
case $request in
*'"username":"jsmith","password":"open sesame"'*) echo '{"id":"1042","name":"J Smith","groups":["staff"]}' ;;
*) exit 1 ;;
esac
`

func Example() {
	dir, err := os.MkdirTemp("", "acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "check")
	if err := os.WriteFile(file, []byte(acme), 0o700); err != nil {
		fmt.Println(err)
		return
	}

	c, err := command.New(command.Config{Argv: []string{file}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	provider := ostiary.Provider{
		Name:          "Acme",
		Form:          form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
		Authorize:     c.Authorize,
		HonorsContext: true,
	}

	fields, err := form.Compile(provider.Form)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, password := range []string{"open sesame", "guess"} {
		typed, err := fields.Parse(map[string][]string{"username": {"jsmith"}, "password": {password}})
		if err != nil {
			fmt.Println(err)
			return
		}
		user, err := provider.Authorize(context.Background(), typed, nil)
		if user == nil {
			fmt.Println("refused", err)
			continue
		}
		fmt.Println(user.ID, user.Name, user.Groups)
	}
	// Output:
	// 1042 J Smith [staff]
	// refused <nil>
}
