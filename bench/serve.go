package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

// roleVariable makes a copy of this program the server that it names.
const roleVariable = "OSTIARY_BENCH_ROLE"

// profileVariable names the folder for CPU profiles of the servers.
const profileVariable = "OSTIARY_BENCH_PROFILE"

// serve is the child: it listens, prints its address, and prints the
// microseconds of CPU that it has used for every line on its input, until that
// ends.
func serve(role string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fatal(err)
	}
	handler, err := handlerOf(role, "http://"+strings.Replace(listener.Addr().String(), "127.0.0.1", "localhost", 1))
	if err != nil {
		fatal(err)
	}
	if folder := os.Getenv(profileVariable); folder != "" {
		stop, err := profile(filepath.Join(folder, strings.ReplaceAll(role, " ", "-")+".pprof"))
		if err != nil {
			fatal(err)
		}
		defer stop()
	}
	fmt.Println(listener.Addr())
	go func() { fatal(http.Serve(listener, handler)) }()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		used, err := cpuTime()
		if err != nil {
			fatal(err)
		}
		fmt.Println(used.Microseconds())
	}
}

func profile(file string) (stop func(), err error) {
	w, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); w.Close() }, pprof.StartCPUProfile(w)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench server:", err)
	os.Exit(1)
}

func handlerOf(role, origin string) (http.Handler, error) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	kind, _, _ := strings.Cut(role, " ")
	if kind == "floor" {
		return nothing, nil
	}
	auth, err := service(origin, formatOf(role))
	if err != nil || kind == "service" {
		return auth, err
	}
	protected := auth.Require(nothing)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/auth/") { // for the one sign-in
			auth.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	}), nil
}

func service(origin string, wire session.Format) (*ostiary.Service, error) {
	return ostiary.New(ostiary.Config{
		URL: origin, Wire: wire, Secrets: []string{secret},
		Providers: []ostiary.Provider{{
			Name:          "Acme",
			HonorsContext: true,
			Form:          form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
				if c.Get("username") != "ada" || c.Get("password") != "correct horse" {
					return nil, nil
				}
				return &ostiary.User{
					ID: "42", Name: "Ada Lovelace", Email: "ada@example.test", Image: "https://example.test/ada.png",
					Claims: map[string]any{"role": "editor", "tenant": "acme"},
				}, nil
			},
		}},
	})
}
