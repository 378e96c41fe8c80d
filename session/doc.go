// Package session seals and opens session tokens in the two forms that
// NextAuth.js v4 and Auth.js v5 use, and carries them in cookies.
//
// A service that only wants to know who is asking starts with [NewReader] and
// [Reader.Read]: given the secret that the issuer uses, it reads the session
// cookie of a request, whoever made it: Ostiary, next-auth v4, or Auth.js v5.
// A service that makes sessions uses a [Codec]: [Codec.Seal], [Codec.Split]
// and the reverse, [Codec.FromHeader] and [Codec.Open].
//
// A token is a compact JWE (RFC 7516) under a key derived from the secret. It
// is encrypted and authenticated, not signed: whoever can read tokens can also
// make them. Only the form that an issuer writes is accepted; other algorithms,
// compressed tokens, loose base64, repeated or misspelt claims are refused.
//
// The package needs nothing but the standard library and keeps no state.
package session
