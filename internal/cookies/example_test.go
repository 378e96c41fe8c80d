package cookies_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ostiary/ostiary/internal/cookies"
)

func Example() {
	c := cookies.Cookie{Name: "__Host-next-auth.csrf-token", Secure: true, HTTPOnly: true}
	fmt.Println(c.Check())
	fmt.Println(c.String("token|hash"))
	fmt.Println(c.StringFor("token|hash", time.Hour))
	fmt.Println(c.Deletion())
	// Output:
	// <nil>
	// __Host-next-auth.csrf-token=token%7Chash; Path=/; HttpOnly; Secure; SameSite=Lax
	// __Host-next-auth.csrf-token=token%7Chash; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax
	// __Host-next-auth.csrf-token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax
}

func ExampleRead() {
	header := http.Header{"Cookie": {"theme=dark; name=a%7Cb; name=planted"}}
	value, n := cookies.Read(header, "name")
	fmt.Println(value, n)
	// Output: a|b 2
}
