package htpasswd_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/form"
)

func Example() {
	dir, err := os.MkdirTemp("", "htpasswd")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "users.htpasswd")

	// What "htpasswd -B" wrote for the password "open sesame".
	line := "jsmith:$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg.\n"
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	people, err := htpasswd.New(htpasswd.Config{File: file})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := ostiary.Provider{
		Name: "Acme",
		Form: form.Form{
			{Name: "username", Label: "Username"},
			{Name: "password", Label: "Password", Type: "password"},
		},
		Authorize:     people.Authorize,
		Lookup:        people.Lookup,
		HonorsContext: true,
	}

	compiled, _ := form.Compile(provider.Form)
	for _, try := range [][2]string{{"jsmith", "open sesame"}, {"jsmith", "guess"}, {"nobody", "guess"}} {
		values, _ := compiled.Parse(map[string][]string{"username": try[:1], "password": try[1:]})
		user, err := provider.Authorize(context.Background(), values, nil)
		switch {
		case err != nil:
			fmt.Println("not available:", err)
		case user == nil:
			fmt.Println("refused")
		default:
			fmt.Println("user", user.ID)
		}
	}
	// Output:
	// user jsmith
	// refused
	// refused
}

// A line that is not in order stops the start, and says how it is mended.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "htpasswd")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "users.htpasswd")
	text := "ada:$apr1$yleqDZUQ$YHjfkhCYPrgYB5jc0swQU.\njsmith\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = htpasswd.New(htpasswd.Config{File: file})
	fmt.Println(strings.ReplaceAll(err.Error(), file, "users.htpasswd"))
	// Output:
	// File: users.htpasswd: line 1: user "ada": weak password hash: apr1; write it anew with htpasswd -B, or allow MD5 and SHA-1 on purpose
	// File: users.htpasswd: line 2: there is no colon between name and hash
}
