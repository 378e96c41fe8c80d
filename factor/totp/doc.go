// Package totp makes and checks one-time codes by time (TOTP, RFC 6238) and by
// counter (HOTP, RFC 4226): the codes of authenticator apps and of key-ring
// tokens.
//
// A Key is a secret with its parameters. Check says whether a typed code is one of
// the few that are good now, and which time step it is of; State carries the last
// accepted step, so that no code is accepted twice. The caller stores the state by
// a conditional update and refuses when that fails: of the same code submitted
// many times at once, one is accepted (OTP-1).
//
// A code has six digits; whoever may try as often as they like finds it. Bound the
// tries.
package totp
