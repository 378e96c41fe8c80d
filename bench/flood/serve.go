package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

// roleVariable makes a copy of this program the server: "low bcrypt".
const roleVariable = "OSTIARY_FLOOD_ROLE"

const password = "correct horse battery staple"

// serve is the child. It prints how long one hash takes, its memory, the number of
// workers, and its address; it ends with its input.
func serve(role string) error {
	design, family, _ := strings.Cut(role, " ")
	text, err := passhash.Make(passhash.Family(family), password)
	if err != nil {
		return err
	}
	var anySystem passhash.System
	hash, err := anySystem.Parse(passhash.Record{Stored: text}, passhash.Options{})
	if err != nil {
		return err
	}
	begun := time.Now()
	const times = 3
	for range times {
		if !hash.Match(password) {
			return fmt.Errorf("%s does not match", family)
		}
	}
	one := time.Since(begun) / times
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	pool := passhash.NewPoolWith(passhash.PoolConfig{LowPriority: design == "low"})
	handler, err := application(listener.Addr().String(), pool, hash)
	if err != nil {
		return err
	}
	fmt.Println(one.Microseconds(), hash.Cost().Memory, pool.Workers(), listener.Addr())
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
