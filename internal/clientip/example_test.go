package clientip_test

import (
	"fmt"
	"net/http"

	"github.com/ostiary/ostiary/internal/clientip"
)

func Example() {
	trusted, err := clientip.ParseTrusted([]string{"10.0.0.0/8"})
	if err != nil {
		fmt.Println(err)
		return
	}
	resolver := clientip.New(trusted)

	request := &http.Request{RemoteAddr: "10.0.0.1:40000", Header: http.Header{
		"X-Forwarded-For": {"1.1.1.1, 2001:db8:1:2::3, 10.0.0.2"}, // the first is what the browser made up
	}}
	address := resolver.From(request)
	fmt.Println(address, clientip.Network(address))
	// Output: 2001:db8:1:2::3 2001:db8:1:2::/64
}
