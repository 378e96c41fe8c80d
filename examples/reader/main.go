// Command reader is a Go service behind a front end that signs people in with
// next-auth v4, Auth.js v5 or Ostiary: it reads the same session cookie.
//
//	export OSTIARY_SECRET=…   # what the front end calls NEXTAUTH_SECRET or AUTH_SECRET
//	go run ./examples/reader
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/ostiary/ostiary/session"
)

func main() {
	handler, err := hello(os.Getenv("OSTIARY_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:8081", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// hello greets whoever has a session of either generation.
func hello(secret string) (http.Handler, error) {
	reader, err := session.NewReader(session.ReaderConfig{
		Secrets: []string{secret}, Also: []session.Format{session.AuthJSV5}, // and next-auth v4, the default
	})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := reader.Read(r)
		if err != nil {
			http.Error(w, "please sign in", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "Hello, %s (%s).\n", token.Name.Value(), token.Subject)
	}), nil
}
