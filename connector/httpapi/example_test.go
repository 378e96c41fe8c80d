package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
	"github.com/ostiary/ostiary/form"
)

// yourEndpoint is the user system that exists already.
func yourEndpoint(w http.ResponseWriter, r *http.Request) {
	var in struct{ Username, Password string }
	w.Header().Set("Content-Type", "application/json")
	switch err := json.NewDecoder(r.Body).Decode(&in); {
	case err != nil || in.Password != "open sesame":
		fmt.Fprint(w, `null`)
	case in.Username == "mallory":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"code": "account_locked", "message": "This account is locked."}`)
	default:
		fmt.Fprint(w, `{"id": 1, "name": "J Smith", "email": "jsmith@example.com"}`)
	}
}

func Example() {
	system := httptest.NewServer(http.HandlerFunc(yourEndpoint))
	defer system.Close()

	acme, err := httpapi.New(httpapi.Config{URL: system.URL + "/your/endpoint"})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := ostiary.Provider{
		Name: "Acme",
		Form: form.Form{
			{Name: "username", Label: "Username", Placeholder: "jsmith"},
			{Name: "password", Label: "Password", Type: "password"},
		},
		Authorize: acme.Authorize,
	}

	for _, try := range [][2]string{{"jsmith", "open sesame"}, {"jsmith", "guess"}, {"mallory", "open sesame"}} {
		compiled, _ := form.Compile(provider.Form)
		values, _ := compiled.Parse(map[string][]string{"username": try[:1], "password": try[1:]})
		user, err := provider.Authorize(context.Background(), values, nil)
		var refusal *ostiary.Refusal
		switch {
		case user != nil:
			fmt.Println("user", user.ID, user.Name, user.Email)
		case errors.As(err, &refusal):
			fmt.Println("refused:", refusal.Code, "–", refusal.Sentence)
		case err == nil:
			fmt.Println("refused")
		}
	}
	// Output:
	// user 1 J Smith jsmith@example.com
	// refused
	// refused: account_locked – This account is locked.
}

func ExampleMap() {
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"success": true, "data": {"uid": "u-7", "displayName": "Ada", "roles": [{"name": "staff"}], "org": {"id": 42}}}`)
	}))
	defer system.Close()

	acme, err := httpapi.New(httpapi.Config{
		URL:     system.URL,
		Headers: map[string]ostiary.Secret{"Authorization": ostiary.NewSecret("Bearer of our own")},
		Map: httpapi.Map{
			OK: "success", ID: "data.uid", Name: "data.displayName", Groups: "data.roles.*.name",
			Claims: map[string]string{"tenant": "data.org.id"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := acme.Authorize(context.Background(), form.Values{}, nil)
	fmt.Println(user.ID, user.Name, user.Groups, user.Claims["tenant"], err)
	// Output: u-7 Ada [staff] 42 <nil>
}
