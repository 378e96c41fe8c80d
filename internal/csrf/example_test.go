package csrf_test

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/ostiary/ostiary/internal/csrf"
)

func Example() {
	guard := csrf.New("a secret of at least 32 random bytes")
	token, cookie := guard.Issue() // the token into the form, the other into a cookie

	kept, ok := guard.Verify(cookie) // when the form comes back
	fmt.Println(ok, csrf.Match(kept, token), csrf.Match(kept, "guessed"))
	// Output: true true false
}

func ExampleSameOrigin() {
	header := http.Header{"Origin": {"https://evil.example"}}
	err := csrf.SameOrigin("https://app.example.com", header)
	if cross, ok := errors.AsType[*csrf.CrossSite](err); ok {
		fmt.Println(cross.Reason)
	}
	// Output: origin
}
