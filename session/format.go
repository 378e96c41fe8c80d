package session

// Format is the token format of one generation of clients: how the key is
// derived, how the token is encrypted, and what the cookie is called. The zero
// value stands for [NextAuthV4] wherever a Format is asked for.
type Format string

const (
	// NextAuthV4 is the format of next-auth 4: A256GCM.
	NextAuthV4 Format = "next-auth-v4"
	// AuthJSV5 is the format of next-auth 5 and @auth/core: A256CBC-HS512
	// under a key that depends on the cookie's name.
	AuthJSV5 Format = "auth-js-v5"
)

// Valid reports whether f is one of the two formats.
func (f Format) Valid() bool { return f == NextAuthV4 || f == AuthJSV5 }

// CookieName returns the name that stock clients give the session cookie:
// next-auth.session-token or authjs.session-token, with __Secure- in front
// when secure is set.
func (f Format) CookieName(secure bool) string {
	name := "next-auth.session-token"
	if f == AuthJSV5 {
		name = "authjs.session-token"
	}
	if secure {
		return "__Secure-" + name
	}
	return name
}

// chunk is the greatest number of characters of a value in one cookie.
func (f Format) chunk() int {
	if f == AuthJSV5 {
		return 4096 - 160
	}
	return 4096 - 163
}

// or returns f, or the default format for the zero value.
func (f Format) or() Format {
	if f == "" {
		return NextAuthV4
	}
	return f
}
