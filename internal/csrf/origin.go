package csrf

import "net/http"

// Reason is why a request counts as forged: a stable code for the log.
type Reason string

// The reasons of SameOrigin.
const (
	FetchSite  Reason = "fetch_site"  // Sec-Fetch-Site names another site, or nothing that we know
	Repeated   Reason = "repeated"    // Sec-Fetch-Site or Origin came more than once
	Origin     Reason = "origin"      // Origin is not ours
	NullOrigin Reason = "null_origin" // Origin is "null": a sandboxed frame, a file, a redirect across origins
)

// CrossSite is the error of a request that, by the browser's own word, comes
// from elsewhere.
type CrossSite struct{ Reason Reason }

// Error returns a sentence for the log. It holds nothing that the request said.
func (e *CrossSite) Error() string {
	switch e.Reason {
	case FetchSite:
		return "Sec-Fetch-Site is neither same-origin nor none"
	case Repeated:
		return "Sec-Fetch-Site or Origin came more than once"
	case NullOrigin:
		return "Origin is null"
	}
	return "Origin is not the configured one"
}

// SameOrigin returns a *CrossSite when a browser says that the request does not
// come from our own origin, given as browsers serialise it
// ("https://app.example.com"). Fetch Metadata may be same-origin or none, and an
// Origin header must equal our configured origin exactly, scheme and port
// included: the Host header has no say (CSR-2, CSR-3).
//
// A request with neither header passes: programs send none, and for browsers too
// old to send one the pair still stands.
func SameOrigin(origin string, h http.Header) error {
	site, from := h["Sec-Fetch-Site"], h["Origin"]
	switch {
	case len(site) > 1 || len(from) > 1:
		return &CrossSite{Repeated}
	case len(site) == 1 && site[0] != "same-origin" && site[0] != "none":
		return &CrossSite{FetchSite}
	case len(from) == 0 || from[0] == origin:
		return nil
	case from[0] == "null":
		return &CrossSite{NullOrigin}
	}
	return &CrossSite{Origin}
}
