package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ostiary/ostiary/session"
)

// A service that reads sessions made by a Next.js application with next-auth 4.
func ExampleReader() {
	reader, err := session.NewReader(session.ReaderConfig{
		Secrets: []string{"w8Kx1vQzR4nTb7YcJ2mHs5LfDg9pUe3a"}, // os.Getenv("NEXTAUTH_SECRET")
		Secure:  false,                                        // true where people come over HTTPS
		Now:     func() time.Time { return time.Unix(1768478400, 0) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := func(r *http.Request) string {
		token, err := reader.Read(r)
		switch {
		case errors.Is(err, session.ErrNone):
			return "please sign in"
		case err != nil:
			return "please sign in again: " + err.Error()
		}
		return "hello " + token.Name.Value()
	}

	r, _ := http.NewRequest("GET", "/", nil)
	fmt.Println(hello(r))
	r.AddCookie(&http.Cookie{Name: "next-auth.session-token", Value: "junk"})
	fmt.Println(hello(r))
	// Output:
	// please sign in
	// please sign in again: invalid session token
}

// A service that makes sessions for Auth.js 5 clients, and reads them back.
func ExampleCodec() {
	codec, err := session.New(session.Config{
		Secrets: []string{"w8Kx1vQzR4nTb7YcJ2mHs5LfDg9pUe3a"},
		Format:  session.AuthJSV5,
		Secure:  true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Unix(1768478400, 0)
	token := &session.Token{
		Subject: "42", Name: session.String("Ada"), Picture: session.Null(),
		ID: session.NewID(), IssuedAt: now.Unix(), Expires: now.Add(time.Hour).Unix(),
	}
	if err := token.Set("tenant", "acme"); err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := codec.Seal(token)
	if err != nil {
		fmt.Println(err)
		return
	}
	pieces, err := codec.Split(sealed)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, piece := range pieces {
		fmt.Println(piece.Name)
	}

	h := http.Header{"Cookie": {"theme=dark; " + pieces[0].Name + "=" + pieces[0].Value}}
	opened, err := codec.Open(codec.FromHeader(h).Token, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(opened.Subject, opened.Name, string(opened.Extra.Get("tenant")))
	_, err = codec.Open(sealed, now.Add(2*time.Hour))
	fmt.Println(err)
	// Output:
	// __Secure-authjs.session-token
	// 42 Ada "acme"
	// expired session token
}
