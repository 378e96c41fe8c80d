package server_test

import (
	"fmt"

	"github.com/ostiary/ostiary/server"
)

func ExampleParse() {
	_, err := server.Parse("ostiary.yaml", []byte(`url: https://id.example.com
lissten: 127.0.0.1:3000
secrets: ["${OSTIARY_SECRET}"]
session: {lifetime: 30}
providers:
  - fields: {password: {type: password, onclick: "steal()"}}
    connector: {http: {url: https://acme.internal/login}}
`), nil)
	fmt.Println(err)
	// Output:
	// ostiary.yaml:2: lissten: unknown key; did you mean listen?
	// ostiary.yaml:3: secrets[0]: the environment variable OSTIARY_SECRET is not set; set it, or use ${file:…}
	// ostiary.yaml:4: session.lifetime: "30" is not a length of time; write a number and a unit, such as 90s, 15m, 12h or 30d
	// ostiary.yaml:6: providers[0].fields.password.onclick: is not allowed: it runs script; put behaviour into a script of your own template
}
