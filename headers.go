package ostiary

// header is one line of an answer, its value ready to be put into the map of
// headers, where nobody changes it in place.
type header struct {
	name  string
	value []string
}

// securityHeaders are sent with every answer, errors and redirects included
// (PAG-1, PAG-2); a page has a policy of its own in place of the first. They are
// made once.
func (s *Service) securityHeaders() []header {
	h := []header{
		{"Content-Security-Policy", []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}},
		{"X-Frame-Options", []string{"DENY"}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"same-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
		{"Cache-Control", []string{"private, no-cache, no-store"}},
	}
	if s.secure {
		h = append(h, header{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return h
}

// Of what only a page can do, and of what the contract sends with GET csrf and
// GET session only (section 2).
var (
	varyCookie  = []string{"Cookie"} // not with a POST: its answer is never kept for another request
	permissions = []string{"publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()"}
	pragma      = []string{"no-cache"}
	expired     = []string{"0"}
)

// neverKept marks an answer that old caches must not keep either.
func (x *exchange) neverKept() {
	h := x.w.Header()
	h["Pragma"], h["Expires"] = pragma, expired
}
