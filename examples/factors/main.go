// A program with users of its own and second factors beside them: an
// authenticator app, a security key or a passkey, and recovery codes. Run it, open
// http://localhost:3000, sign in as ada with the password "open sesame", and add a
// factor on the page that follows.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
	"github.com/ostiary/ostiary/factor/totp"
	"github.com/ostiary/ostiary/factor/webauthn"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/store/sqlite"
)

const address = "http://localhost:3000"

func main() {
	secret := os.Getenv("OSTIARY_SECRET") // made by `ostiary secret`; without it the factors are gone at the next start
	if secret == "" {
		secret = rand.Text() + rand.Text()
	}
	store, err := sqlite.Open(context.Background(), sqlite.Config{Path: "factors.db"})
	if err != nil {
		log.Fatal(err)
	}
	handler, err := site(secret, store)
	if err != nil {
		log.Fatal(err)
	}
	server := http.Server{Addr: "127.0.0.1:3000", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	log.Println("open", address)
	log.Fatal(server.ListenAndServe())
}

// site is the whole program: sign-in, an account page, and two pages of ours.
func site(secret string, store ostiary.Store) (http.Handler, error) {
	kinds, err := factors()
	if err != nil {
		return nil, err
	}
	auth, err := ostiary.New(ostiary.Config{
		URL: address, Secrets: []string{secret}, Store: store, Name: "Example", Logger: slog.Default(),
		Providers: []ostiary.Provider{{
			Form:      form.Form{{Name: "username", Label: "Username"}, {Name: "password", Label: "Password", Type: "password"}},
			Authorize: authorize, Lookup: lookup,
		}},
		Factors: ostiary.Factors{Kinds: kinds, Passkeys: true, RememberDevice: 30 * 24 * time.Hour},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth)
	mux.Handle("/", auth.Require(page(`<a href="/payroll">Payroll</a>, <a href="/api/auth/account">your factors</a>`)))
	mux.Handle("/payroll", auth.RequireFactor()(page("Only with a second factor.")))
	return mux, nil
}

func factors() ([]ostiary.Factor, error) {
	app, err1 := totp.New(totp.Config{Issuer: "Example"})
	key, err2 := webauthn.New(webauthn.Config{RPID: "localhost", RPName: "Example", Origins: []string{address}})
	paper, err3 := recovery.New(recovery.Config{})
	return []ostiary.Factor{app, key, paper}, errors.Join(err1, err2, err3)
}

// The user system: yours.

var ada = ostiary.User{ID: "42", Name: "Ada Lovelace", Email: "ada@example.com"}

func authorize(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	if c.Get("username") != "ada" || c.Get("password") != "open sesame" {
		return nil, nil
	}
	return &ada, nil
}

func lookup(_ context.Context, id string) (*ostiary.User, error) {
	if id != ada.ID {
		return nil, nil
	}
	return &ada, nil
}

func page(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := ostiary.FromContext(r.Context())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><title>Example</title><p>Hello %s. %s</p>", html.EscapeString(who.Name), text)
	})
}
