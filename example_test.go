package ostiary_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// exampleSecret stands for 32 random bytes from the environment.
const exampleSecret = "b7Qx2mKz9Lw4Rt8Vn5Hc3Yp6Jd0SfGaEuOi1Tk=="

// serve mounts a service and an application behind it, on loopback.
func serve(config ostiary.Config, app http.Handler) (site *httptest.Server, person *http.Client) {
	mux := http.NewServeMux()
	site = httptest.NewUnstartedServer(mux)
	config.URL = "http://" + site.Listener.Addr().String()
	config.Secrets = []string{exampleSecret}
	auth, err := ostiary.New(config)
	if err != nil {
		panic(err)
	}
	mux.Handle("/api/auth/", auth)
	mux.Handle("/", auth.Require(app))
	site.Start()
	jar, _ := cookiejar.New(nil)
	return site, &http.Client{Jar: jar}
}

// ask signs in the way a program does: one CSRF token, one POST.
func ask(site *httptest.Server, person *http.Client, fields url.Values) string {
	res, err := person.Get(site.URL + "/api/auth/csrf")
	if err != nil {
		panic(err)
	}
	var csrf struct{ CSRFToken string }
	json.NewDecoder(res.Body).Decode(&csrf)
	res.Body.Close()
	fields.Set("csrfToken", csrf.CSRFToken)
	fields.Set("json", "true")
	res, err = person.PostForm(site.URL+"/api/auth/callback/credentials", fields)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	var answer struct {
		Code, Message string
		Next          *struct{ Title string }
	}
	json.NewDecoder(res.Body).Decode(&answer)
	text := strings.TrimSpace(fmt.Sprintln(res.StatusCode, answer.Code, answer.Message))
	if answer.Next != nil {
		text += " — " + answer.Next.Title
	}
	return text
}

func visit(site *httptest.Server, person *http.Client) string {
	res, err := person.Get(site.URL + "/")
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return fmt.Sprint(res.StatusCode, " ", string(text))
}

func hello(w http.ResponseWriter, r *http.Request) {
	s, _ := ostiary.FromContext(r.Context())
	fmt.Fprintf(w, "Hello %s (%s)", s.Name, s.Account.UserID)
}

// The whole of it: declare what to ask for, ask your system, get a session.
func Example() {
	site, person := serve(ostiary.Config{
		Providers: []ostiary.Provider{{
			Name: "Acme",
			Form: form.Form{
				{Name: "username", Label: "Username", Placeholder: "jsmith"},
				{Name: "password", Label: "Password", Type: "password"},
			},
			Authorize: func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
				if c.Get("username") != "jsmith" || c.Get("password") != "open sesame" { // your system
					return nil, nil
				}
				return &ostiary.User{ID: "1", Name: "J Smith"}, nil
			},
		}},
	}, http.HandlerFunc(hello))
	defer site.Close()

	fmt.Println(ask(site, person, url.Values{"username": {"jsmith"}, "password": {"guess"}}))
	fmt.Println(ask(site, person, url.Values{"username": {"jsmith"}, "password": {"open sesame"}}))
	fmt.Println(visit(site, person))
	// Output:
	// 401 credentials
	// 200
	// 200 Hello J Smith (1)
}

// A refusal may say why, where the person may know.
func ExampleRefusal() {
	site, person := serve(ostiary.Config{
		Providers: []ostiary.Provider{{
			Form: form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
				return nil, &ostiary.Refusal{
					Code: "account_locked", Sentence: "Your account is locked. Call 4711.", RetryAfter: time.Hour,
				}
			},
		}},
	}, http.HandlerFunc(hello))
	defer site.Close()

	fmt.Println(ask(site, person, url.Values{"username": {"jsmith"}, "password": {"open sesame"}}))
	// Output:
	// 429 account_locked Your account is locked. Call 4711.
}

// A system that sends a code asks for it in a next step: the same authorizer is
// called again, with the fields of that step and the state that it left.
func ExampleNextStep() {
	code := &ostiary.NextStep{
		Form: form.Form{{Name: "code", Label: "Code"}}, State: []byte("jsmith"), Code: "sms", Title: "Check your phone",
	}
	site, person := serve(ostiary.Config{
		Providers: []ostiary.Provider{{
			Form: form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: func(ctx context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
				name, ok := ostiary.StepState(ctx)
				switch {
				case !ok && c.Get("password") == "open sesame":
					return nil, code
				case ok && c.Get("code") == "123456":
					return &ostiary.User{ID: string(name), Name: "J Smith"}, nil
				}
				return nil, nil
			},
		}},
	}, http.HandlerFunc(hello))
	defer site.Close()

	fmt.Println(ask(site, person, url.Values{"username": {"jsmith"}, "password": {"open sesame"}}))
	fmt.Println(ask(site, person, url.Values{"code": {"123456"}}))
	fmt.Println(visit(site, person))
	// Output:
	// 401 sms — Check your phone
	// 200
	// 200 Hello J Smith (jsmith)
}

// Whoever is not signed in gets no further: programs are told so, and browsers
// are sent to sign in and back.
func ExampleService_Require() {
	auth, err := ostiary.New(ostiary.Config{
		URL: "https://app.example.com", Secrets: []string{exampleSecret},
		Providers: []ostiary.Provider{{
			Authorize: func(context.Context, form.Values, *http.Request) (*ostiary.User, error) { return nil, nil },
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	app := auth.Require(http.HandlerFunc(hello))

	program := httptest.NewRecorder()
	app.ServeHTTP(program, httptest.NewRequest(http.MethodGet, "/inbox", nil))
	fmt.Println(program.Code)

	browser := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/inbox", nil)
	request.Header.Set("Accept", "text/html")
	app.ServeHTTP(browser, request)
	fmt.Println(browser.Code, browser.Header().Get("Location"))
	// Output:
	// 401
	// 302 https://app.example.com/api/auth/signin?callbackUrl=https%3A%2F%2Fapp.example.com%2Finbox
}

// New reports every fault of a configuration at once.
func ExampleNew() {
	_, err := ostiary.New(ostiary.Config{URL: "http://app.example.com", Secrets: []string{exampleSecret}})
	fmt.Println(err)
	// Output:
	// URL: "http://app.example.com" is plain http and not loopback, so sessions could be read on the way; use https
	// Providers: none; declare at least one with an Authorize function
}
