package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

const secret = "e2e: a secret of more than thirty-two bytes, 7c1f0a95d2"

// site is a service under test with a front end around it, on localhost.
type site struct {
	origin string
	wire   session.Format
	client string // the file that /client.js serves

	service *ostiary.Service
}

var generations = map[string]session.Format{"v4": session.NextAuthV4, "v5": session.AuthJSV5}

// open starts a site. The configuration may be changed before.
func open(t *testing.T, wire session.Format, change ...func(*ostiary.Config)) *site {
	t.Helper()
	return start(t, wire, false, change)
}

// openTLS starts a site behind a certificate of its own, so that cookies have
// their secure names.
func openTLS(t *testing.T, wire session.Format, change ...func(*ostiary.Config)) *site {
	t.Helper()
	return start(t, wire, true, change)
}

func start(t *testing.T, wire session.Format, secure bool, change []func(*ostiary.Config)) *site {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	scheme := "http"
	if secure {
		scheme = "https"
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	s := &site{origin: scheme + "://localhost:" + port, wire: wire}

	config := ostiary.Config{
		URL: s.origin, Wire: wire, Secrets: []string{secret},
		Providers: []ostiary.Provider{acme()},
		Callbacks: ostiary.Callbacks{JWT: rename},
	}
	for _, f := range change {
		f(&config)
	}
	auth, err := ostiary.New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.service = auth
	mux.Handle("/api/auth/", auth)
	mux.Handle("/home", auth.Require(http.HandlerFunc(home)))
	mux.Handle("/payroll", auth.RequireFactor("webauthn")(http.HandlerFunc(home)))
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<!doctype html><html lang=en><title>%[1]s</title><h1>%[1]s</h1>", html.EscapeString(r.URL.Path))
	})
	mux.HandleFunc("/client", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><html lang=en><title>client</title><div id=root></div><script src=/client.js></script>")
	})
	mux.HandleFunc("/client.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, s.client)
	})
	return s
}

func (s *site) generation() string {
	if s.wire == session.AuthJSV5 {
		return "v5"
	}
	return "v4"
}

// home is a protected page.
func home(w http.ResponseWriter, r *http.Request) {
	who, _ := ostiary.FromContext(r.Context())
	fmt.Fprintf(w, "<!doctype html><html lang=en><title>home</title><h1>Hello %s</h1>", html.EscapeString(who.Name))
}

// acme is the user system of all tests.
func acme() ostiary.Provider {
	return ostiary.Provider{
		Name: "Acme",
		Form: form.Form{
			{Name: "username", Label: "Username", Placeholder: "jsmith"},
			{Name: "password", Label: "Password", Type: "password"},
		},
		Authorize: authorize,
	}
}

var ada = ostiary.User{ID: "42", Name: "Ada Lovelace", Email: "ada@example.test", Image: "https://example.test/ada.png"}

func authorize(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
	if state, ok := ostiary.StepState(ctx); ok {
		if string(state) == "code sent to step" && c.Get("code") == "123456" {
			return &ostiary.User{ID: "43", Name: "Step Taker", Email: "step@example.test"}, nil
		}
		return nil, nil
	}
	switch c.Get("username") {
	case "ada":
		if c.Get("password") == "correct horse" {
			user := ada
			return &user, nil
		}
	case "big":
		return &ostiary.User{ID: "44", Name: "Big", Claims: map[string]any{"ballast": strings.Repeat("ballast ", 900)}}, nil
	case "code":
		return nil, &ostiary.Refusal{Code: "account_locked", Sentence: "This account is locked. Ask the help desk."}
	case "throw":
		return nil, errors.New("the directory is on fire at 10.0.0.7")
	case "step":
		return nil, &ostiary.NextStep{
			Title: "Check your phone", Sentence: "We sent a code to the number ending in 42.",
			Form:  form.Form{{Name: "code", Label: "Code", Attributes: map[string]any{"autocomplete": "one-time-code", "inputmode": "numeric"}}},
			State: []byte("code sent to step"),
		}
	}
	return nil, nil
}

// rename is the one thing that a client's update may do here.
func rename(_ context.Context, j *ostiary.JWT) error {
	if j.Trigger != "update" {
		return nil
	}
	var wanted struct{ Name string }
	if json.Unmarshal(j.Update, &wanted) == nil && wanted.Name != "" {
		j.Token.Name = session.String(wanted.Name)
	}
	return nil
}
