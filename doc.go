// Package ostiary is sign-in for the user system that you already have.
//
// Declare in a [Provider] what a person must present and write one [Authorizer]
// that asks your system; [New] makes a [Service] of it. The Service is an
// http.Handler: mounted at its base path it shows the form, speaks the protocol
// of NextAuth.js v4 or Auth.js v5, and hands out an encrypted session cookie.
// [Service.Require] lets only signed-in people through to a handler, which reads
// who they are with [FromContext].
//
// An authorizer answers with exactly one of four outcomes: a [User]; a refusal,
// plain or a [*Refusal] with a code and a sentence; a [*NextStep] that asks for
// more; or any other error, which is unavailable. Whatever is not a clear yes is
// a no: errors, panics, late answers and users without an id never sign anybody
// in.
//
// Users are never stored. What your system said about a person lives in the
// session token and nowhere else; [Store] holds marks of used steps and of ended
// sessions only.
package ostiary
