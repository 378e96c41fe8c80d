// Package httpapi asks an HTTP endpoint whether credentials are right: it posts
// the submitted fields and takes the JSON object of the answer for the user.
//
//	c, err := httpapi.New(httpapi.Config{URL: "https://acme.internal/login"})
//	…
//	provider := ostiary.Provider{Name: "Acme", Form: fields, Authorize: c.Authorize}
//
// What the endpoint answers decides:
//
//	2xx, a JSON object with an id        the user
//	2xx, null or false                   refused
//	4xx                                  refused; "code" and "message" of a JSON body reach the person
//	429                                  refused, come back after Retry-After
//	2xx or 4xx with an object "next"     a next step (see below)
//	everything else                      unavailable
//
// Everything else is: another status, a redirect, no answer in time, an answer
// that is too large, not JSON, without an id, or ambiguous (a name twice in one
// object), and those 4xx that complain about the request instead of the person:
// 405, 406, 407, 408, 411, 413, 414, 415, 417, 421, 425, 426 and 431.
//
// # Next step
//
// An endpoint that needs more answers with
//
//	{"next": {
//	  "code": "sms", "title": "Check your phone", "message": "We sent a code to …42",
//	  "fields": [{"name": "otp", "label": "Code", "inputmode": "numeric"}],
//	  "state": {"transaction": "8f14e4"}
//	}}
//
// All members are optional. The keys of a field are those of a configuration
// file ([form.FromMap]); instead of a list, fields may be an object of names.
// The next call has the new fields and, if there was one, "state" as it was
// (in form encoding as JSON text): the endpoint itself remembers nothing. A
// state may have 1 KiB.
//
// # What is sent where
//
// The address is fixed. Values travel in the body only, byte for byte. There
// are no redirects, no proxies from the environment, no retries of a sign-in,
// no compressed answers. The address that a name resolves to is checked at
// every connection: metadata services and link-local addresses are never
// called, and this machine only where the configuration says so. Errors hold
// neither values nor headers nor anything from the body of an answer.
//
// After several calls without any answer the connector pauses: it says
// unavailable at once for a few seconds, then lets one call try.
package httpapi
