package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ostiary/ostiary/session"
)

const testSecret = "G8pNq3Yw0Kc5vTz1mXr7bLs2dFh9jEu4aQi6oPx8kRw"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ostiary": main})
}

// TestScripts runs the binary as a person at a terminal does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("OSTIARY_SECRET", testSecret)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"seal": seal},
	})
}

// seal WIRE LIFE FILE [COOKIE] writes a token that is good for LIFE from now.
func seal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: seal WIRE LIFE FILE [COOKIE]")
	}
	cookie := ""
	if len(args) > 3 {
		cookie = args[3]
	}
	life, err := time.ParseDuration(args[1])
	ts.Check(err)
	codec, err := session.New(session.Config{Secrets: []string{testSecret}, Format: session.Format(args[0]), CookieName: cookie})
	ts.Check(err)
	now := time.Now()
	token, err := codec.Seal(&session.Token{
		Subject: "1", Name: session.String("J Smith"), Groups: []string{"readers"},
		IssuedAt: now.Unix(), Expires: now.Add(life).Unix(),
	})
	ts.Check(err)
	ts.Setenv("TOKEN", token)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(token+"\n"), 0o600))
}
