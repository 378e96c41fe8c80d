package ostiary_test

import (
	"net/http"
	"slices"
	"strings"
)

// departure is a rule by which our answer differs from a recorded one on
// purpose; docs/departures.md tells users the same. Without apply the exchange
// can't be compared at all.
type departure struct {
	why   string
	match func(e *exchange) bool
	apply func(e *exchange, w *want)
}

var departures = []departure{
	{
		why:   "configuration faults stop the start",
		match: suite("dbonly", "dbonlyPages", "nosecret", "emptysecrets", "untrusted"),
	},
	{
		why:   "CSRF checks can't be switched off",
		match: suite("skipcsrf"),
	},
	{
		why:   "next to the Pages Router handler, the App Router's says the same in other types and words",
		match: func(e *exchange) bool { return e.ID == "app-update-nocsrf" || e.ID == "app-callback-get" },
	},
	{
		why:   "an undeclared field is refused and never reaches the authorizer (PAG-8)",
		match: ids("multi-login-ldap", "multi-login-ldap-fail"),
	},
	{
		why:   "a user without id is no user (CON-1)",
		match: ids("login-noid"),
	},
	{
		why:   "GET callback can't sign in, and says so with 405",
		match: ids("callback-get-credentials", "callback-get", "callback-get-x"),
		apply: func(e *exchange, w *want) {
			switch {
			case !e.v5:
				w.status = http.StatusMethodNotAllowed
			case e.spoken():
				w.status = http.StatusBadRequest
			}
		},
	},
	{
		why: "a malformed callbackUrl is the default page, never a configuration fault (RED-4)",
		match: ids("signin-page-callbackurl-relative", "session-callbackurl-cookie-bad", "login-bad-callback-string",
			"pages-signin-callbackUrl-javascript-Aalert-Foops", "pages-signin-callbackUrl-javascript-Aalert-",
			"pages-signin-badcallback-is-errorpage", "signin-page-callbackurl-js", "csrf-callbackurl-js"),
	},
	{
		why:   "body types that the contract does not know are 415 (CSR-6)",
		match: ids("login-text-plain", "login-multipart", "login-no-contenttype"),
	},
	{
		why:   "the provider's id is no error code",
		match: ids("pages-signin-credentials"),
		apply: func(e *exchange, w *want) { w.location, _, _ = strings.Cut(w.location, "&error=credentials") },
	},
	{
		why:   "error=undefined is left out",
		match: ids("pages-error"),
		apply: func(_ *exchange, w *want) { w.location = strings.TrimSuffix(w.location, "?error=undefined") },
	},
	{
		why:   "a custom page with a query gets an ampersand",
		match: ids("pagesquery-login-null"),
		apply: func(_ *exchange, w *want) { w.url = strings.Replace(w.url, "?error", "&error", 1) },
	},
	{
		why:   "the base path ends at a slash",
		match: ids("prefix-path"),
	},
	{
		why:   "an address of the SignIn callback becomes absolute, and foreign ones the default page",
		match: ids("denyString-form", "denyStringExt-form"),
		apply: func(e *exchange, w *want) {
			w.location = "http://localhost:3000"
			if e.ID == "denyString-form" {
				w.location += "/blocked?why=1"
			}
		},
	},
	{
		why:   "the text of an error that is not meant for people stays in the log",
		match: func(e *exchange) bool { return !e.v5 && strings.HasPrefix(e.field("username"), "throw") },
		apply: func(e *exchange, w *want) {
			if e.field("password") == "" { // refused before (PWD-8)
				w.url = "http://localhost:3000/api/auth/error?error=CredentialsSignin&provider=credentials"
				return
			}
			w.url = "http://localhost:3000/api/auth/error?error=Configuration"
		},
	},
	{
		why:   "an error of the SignIn callback is AccessDenied in v4, too",
		match: ids("denyThrow-json"),
		apply: func(_ *exchange, w *want) { w.url = "http://localhost:3000/api/auth/error?error=AccessDenied" },
	},
	{
		why:   "a missing password is refused before the authorizer (PWD-8)",
		match: ids("pages-login-throw-x", "pages-login-throw-form"),
		apply: func(_ *exchange, w *want) {
			at := "http://localhost:3000/login?error=CredentialsSignin&code=credentials"
			if w.url != "" {
				w.url = at
			} else {
				w.location = at
			}
		},
	},
	{
		why:   "cookies of other names are not ours to delete",
		match: ids("session-garbage-chunks"),
		apply: func(_ *exchange, w *want) { w.cookies = w.cookies[:len(w.cookies)-1] },
	},
	{
		why:   "the scheme of the address decides cookie security",
		match: suite("forceSecure"),
	},
	{
		why:   "cookie and token live equally long, from the first one on",
		match: func(e *exchange) bool { return e.ID == "shortage-login" && !e.v5 },
		apply: func(_ *exchange, w *want) { w.claims["exp"] = w.cookies[len(w.cookies)-1].Expires.Unix() },
	},
	{
		why:   "there is one life, of the session",
		match: suite("jwtage"),
	},
	{
		why: "a failed sign-in looks failed",
		match: func(e *exchange) bool {
			if e.ID == "signin-post-unknown" { // the CSRF check passed
				return false
			}
			return e.Request.Method == http.MethodPost && strings.Contains(e.Response.Body, "error") || strings.Contains(e.Response.Body, "csrf=true")
		},
		apply: func(e *exchange, w *want) {
			if e.spoken() || w.status == http.StatusOK {
				w.status = failedStatus(e, w.url, w.status)
			}
		},
	},
}

// failedStatus is the status that a failure's address calls for.
func failedStatus(e *exchange, url string, recorded int) int {
	if strings.Contains(e.ID, "callback-") { // no attempt at all
		return http.StatusBadRequest
	}
	for part, status := range map[string]int{
		"csrf=true": 403, "MissingCSRF": 403, "AccessDenied": 403, "CredentialsSignin": 401, "Configuration": 503,
	} {
		if strings.Contains(url, part) {
			return status
		}
	}
	return recorded
}

func ids(list ...string) func(*exchange) bool {
	return func(e *exchange) bool { return slices.Contains(list, e.ID) }
}

func suite(list ...string) func(*exchange) bool {
	return func(e *exchange) bool { return slices.Contains(list, e.Suite) }
}
