// Package webauthn is the factor of security keys and passkeys (Web
// Authentication, Level 3), those of the old U2F interface among them.
//
// A script of the page talks to the key; what it is asked and what comes back are
// JSON in the shape of @simplewebauthn/browser 9, which the clients of Auth.js
// use: bytes are base64url, but the user handle is text. The checks and the forms
// of attestation are those of github.com/go-webauthn/webauthn; this package
// decides what follows from them, and no type of that module leaves it.
package webauthn
