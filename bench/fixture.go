package main

import (
	"strings"
	"time"

	"github.com/ostiary/ostiary/session"
)

// secret is that of the servers.
const secret = "bench: a secret of more than thirty-two bytes, 51f0c2d7"

func formatOf(role string) session.Format {
	if strings.HasSuffix(role, "v5") {
		return session.AuthJSV5
	}
	return session.NextAuthV4
}

// stockCookie is the session of an application of next-auth: 246 bytes of claims, none
// of them ours. The goals are set for it: 409 characters in v4, 585 in v5.
func stockCookie(role string) (string, error) {
	codec, err := session.New(session.Config{Format: formatOf(role), Secrets: session.Secrets{secret}})
	if err != nil {
		return "", err
	}
	now := time.Now().Unix()
	t := &session.Token{
		Name: session.String("Ada Lovelace"), Email: session.String("ada@example.test"),
		Picture: session.String("https://cdn.example.test/avatars/ada.png"), Subject: "42-17",
		IssuedAt: now, Expires: now + 30*24*3600, ID: session.NewID(),
	}
	for name, value := range map[string]string{"role": "administrator", "tenant": "acme-europe-001"} {
		if err := t.Set(name, value); err != nil {
			return "", err
		}
	}
	token, err := codec.Seal(t)
	return codec.CookieName() + "=" + token, err
}
