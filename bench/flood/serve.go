package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// designVariable makes a copy of this program the server, with a pool of that design;
// storedVariable is everybody's hash.
const (
	designVariable = "OSTIARY_FLOOD_DESIGN"
	storedVariable = "OSTIARY_FLOOD_STORED"
)

const password = "correct horse battery staple"

func parse(stored string) (passhash.Hash, error) {
	var anySystem passhash.System
	return anySystem.Parse(passhash.Record{Stored: stored}, passhash.Options{})
}

// serve is the child. It prints the number of workers and its address; it ends with
// its input.
func serve(design, stored string) error {
	hash, err := parse(stored)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	pool := passhash.NewPoolWith(passhash.PoolConfig{LowPriority: design == "low"})
	handler, err := application(listener.Addr().String(), pool, hash)
	if err != nil {
		return err
	}
	fmt.Println(pool.Workers(), listener.Addr())
	go func() {
		fmt.Fprintln(os.Stderr, http.Serve(listener, handler))
		os.Exit(1)
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		// until the driver is gone
	}
	return nil
}

func application(address string, pool *passhash.Pool, hash passhash.Hash) (http.Handler, error) {
	auth, err := ostiary.New(ostiary.Config{
		URL: "http://localhost:" + address[strings.LastIndexByte(address, ':')+1:], Secrets: []string{"flood: a secret of more than thirty-two bytes, 9c1f04ab"},
		Providers: []ostiary.Provider{{
			HonorsContext: true,
			Form:          form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: func(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
				match, err := pool.Match(ctx, hash, c.Get("password"))
				if err != nil {
					return nil, ostiary.Unavailable(err)
				}
				if !match {
					return nil, nil
				}
				return &ostiary.User{ID: c.Get("username")}, nil
			},
		}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth)
	mux.Handle("/", auth.Require(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	return mux, nil
}
