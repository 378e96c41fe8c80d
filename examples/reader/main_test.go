package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ostiary/ostiary/session"
)

func TestReader(t *testing.T) {
	const secret = "example only: xK3vQ9zLr2TbW7cNf1eJh5sMd8gYp4aR"
	handler, err := hello(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []session.Format{session.NextAuthV4, session.AuthJSV5} {
		codec, err := session.New(session.Config{Secrets: []string{secret}, Format: format})
		if err != nil {
			t.Fatal(err)
		}
		token, err := codec.Seal(&session.Token{Subject: "1", Name: session.String("Ada"), Expires: time.Now().Add(time.Hour).Unix()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: codec.CookieName(), Value: token})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got, want := w.Body.String(), "Hello, Ada (1).\n"; got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}
