package csrf

import "net/http"

// CrossSite is the error of a request that the browser says comes from
// elsewhere. Its text is the reason, for the log.
type CrossSite struct{ reason string }

// Error returns the reason.
func (e *CrossSite) Error() string { return e.reason }

var (
	errSite       = &CrossSite{"Sec-Fetch-Site names another site"}
	errRepeated   = &CrossSite{"Sec-Fetch-Site or Origin came more than once"}
	errOrigin     = &CrossSite{"Origin is not our origin"}
	errNullOrigin = &CrossSite{"Origin is null"}
)

// SameOrigin returns a *CrossSite when a browser says that the request does not
// come from our own origin, given as browsers serialise it
// ("https://app.example.com"). Fetch Metadata may be same-origin or none, and an
// Origin header must equal our configured origin exactly, scheme and port
// included: the Host header has no say (CSR-2, CSR-3).
//
// A request with neither header passes. Programs send none; for browsers too old
// to send one, the pair has to do.
func SameOrigin(origin string, h http.Header) error {
	site, from := h["Sec-Fetch-Site"], h["Origin"]
	if len(site) > 1 || len(from) > 1 {
		return errRepeated
	}
	if len(site) == 1 && site[0] != "same-origin" && site[0] != "none" {
		return errSite
	}
	switch {
	case len(from) == 0, from[0] == origin:
		return nil
	case from[0] == "null":
		return errNullOrigin
	}
	return errOrigin
}
