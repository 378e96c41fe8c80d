// Command empty is the floor of idle memory and of start-up time: a net/http
// server that answers every request with nothing.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	os.Exit(1)
}
