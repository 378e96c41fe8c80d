// Command library protects a page with the Go library.
//
//	export OSTIARY_SECRET=$(ostiary secret)
//	go run ./examples/library
//
// Then open http://localhost:3000 and sign in as jsmith, password "open sesame".
package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

func main() {
	handler, err := site("http://localhost:3000", os.Getenv("OSTIARY_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:3000", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// site is the whole program: the service below /api/auth/, and a page that only
// signed-in people see.
func site(url, secret string) (http.Handler, error) {
	auth, err := ostiary.New(ostiary.Config{
		URL:     url,
		Secrets: []string{secret},
		Providers: []ostiary.Provider{{
			Name: "Acme",
			Form: form.Form{
				{Name: "username", Label: "Username", Placeholder: "jsmith", Required: true},
				{Name: "password", Label: "Password", Type: "password"},
			},
			Authorize: check,
		}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth)
	mux.Handle("/", auth.Require(http.HandlerFunc(hello)))
	return mux, nil
}

// check stands for your own user system.
func check(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	right := subtle.ConstantTimeCompare([]byte(c.Get("password")), []byte("open sesame"))
	if right != 1 || c.Get("username") != "jsmith" {
		return nil, nil
	}
	return &ostiary.User{ID: "1", Name: "J Smith", Email: "jsmith@example.com"}, nil
}

func hello(w http.ResponseWriter, r *http.Request) {
	who, _ := ostiary.FromContext(r.Context())
	fmt.Fprintf(w, "Hello, %s. Sign out at /api/auth/signout.\n", who.Name)
}
