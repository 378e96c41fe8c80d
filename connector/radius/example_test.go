package radius_test

import (
	"fmt"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
)

func Example() {
	c, err := radius.New(radius.Config{
		Servers: []radius.Server{
			{Address: "192.0.2.7", Secret: ostiary.NewSecret("f8rTz0pWm3kXq1vN")},
			{Address: "192.0.2.8", Secret: ostiary.NewSecret("Qe7uLb2sYd9hCj5a")},
		},
		Groups: []string{radius.AttributeClass},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c)
	for _, warning := range c.Warnings() {
		fmt.Println(warning)
	}
	// Output:
	// radius 192.0.2.7:1812 192.0.2.8:1812
	// 192.0.2.7:1812 is asked over UDP, where the shared secret and MD5 alone protect passwords: use TLS (RadSec), or a network that nobody else is on
	// 192.0.2.8:1812 is asked over UDP, where the shared secret and MD5 alone protect passwords: use TLS (RadSec), or a network that nobody else is on
}
