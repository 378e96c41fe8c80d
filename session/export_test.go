package session

// For tests of the two readers of claims against each other, and of the keys.
var (
	DecodeClaims = decodeClaims
	ParseClaims  = parseClaims
)

// ScanClaims reports whether the scanner alone read the claims.
func ScanClaims(text string) (*Token, bool) {
	s := scanner{text: text, token: new(Token)}
	return s.token, s.scan()
}

// Derive returns a format's key.
func (f Format) Derive(secret, salt string) ([]byte, error) {
	if f == AuthJSV5 {
		return f.derive(secret, salt, 64)
	}
	return f.derive(secret, salt, 32)
}

// Decode decodes base64url that must stand for n bytes.
func Decode(s string, n int) ([]byte, bool) {
	dst := make([]byte, n)
	return dst, decode(dst, s)
}
