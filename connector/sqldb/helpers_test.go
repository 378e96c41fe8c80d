package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
)

var signInForm = form.Form{
	{Name: "username", Label: "Username"},
	{Name: "password", Label: "Password", Type: "password"},
}

// values are what somebody typed into signInForm; ok is false where the form
// itself refuses it.
func values(username, password string) (v form.Values, ok bool) {
	compiled, err := form.Compile(signInForm)
	if err != nil {
		panic(err)
	}
	v, err = compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	return v, err == nil
}

func credentials(tb testing.TB, username, password string) form.Values {
	tb.Helper()
	v, ok := values(username, password)
	if !ok {
		tb.Fatalf("the form refuses %q", username)
	}
	return v
}

// everything allows what is off by default.
var everything = passhash.Limits{AllowMD5AndSHA1: true, AllowDES: true, AllowPlainText: true}

func connect(tb testing.TB, config sqldb.Config) *sqldb.Connector {
	tb.Helper()
	c, err := sqldb.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Errorf("closing: %v", err)
		}
	})
	return c
}

// signIn writes an answer in one line: the rows of the tables compare it.
func signIn(tb testing.TB, c *sqldb.Connector, username, password string) string {
	tb.Helper()
	typed, ok := values(username, password)
	if !ok {
		return "refused" // by the form
	}
	return verdict(c.Authorize(context.Background(), typed, nil))
}

func verdict(u *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	switch {
	case u != nil && err != nil:
		return "both a user and an error"
	case u != nil:
		return "user " + u.ID
	case err == nil:
		return "refused"
	case errors.As(err, &refusal):
		return "refused " + refusal.Code
	case errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable: " + err.Error()
	}
	return "an error that is none of ours: " + err.Error()
}

// silent fails the test when an error tells what must not be told (LOG-2).
func silent(tb testing.TB, err error, secrets ...string) {
	tb.Helper()
	if err == nil {
		return
	}
	for _, secret := range secrets {
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			if secret != "" && strings.Contains(text, secret) {
				tb.Errorf("LOG-2: the error tells a secret: %s", text)
			}
		}
	}
}
