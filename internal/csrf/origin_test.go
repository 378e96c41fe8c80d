package csrf_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/ostiary/ostiary/internal/csrf"
)

func TestSameOrigin(t *testing.T) {
	const ours = "https://app.example.com"
	site := func(values ...string) http.Header { return http.Header{"Sec-Fetch-Site": values} }
	from := func(values ...string) http.Header { return http.Header{"Origin": values} }
	for _, c := range []struct {
		name   string
		header http.Header
		want   csrf.Reason // "" passes
	}{
		{"neither header: a program, or an old browser", nil, ""},
		{"CSR-2 same-origin", site("same-origin"), ""},
		{"CSR-2 none: typed into the address bar", site("none"), ""},
		{"CSR-2 same-site is a sibling host", site("same-site"), csrf.FetchSite},
		{"CSR-2 cross-site", site("cross-site"), csrf.FetchSite},
		{"CSR-2 unknown value", site("trust-me"), csrf.FetchSite},
		{"CSR-2 empty value", site(""), csrf.FetchSite},
		{"CSR-2 letter case", site("Same-Origin"), csrf.FetchSite},
		{"CSR-2 list in one line", site("same-origin, cross-site"), csrf.FetchSite},
		{"CSR-2 repeated", site("same-origin", "same-origin"), csrf.Repeated},
		{"CSR-3 our origin", from(ours), ""},
		{"CSR-3 other scheme", from("http://app.example.com"), csrf.Origin},
		{"CSR-3 other port", from("https://app.example.com:8443"), csrf.Origin},
		{"CSR-3 default port is never serialised", from("https://app.example.com:443"), csrf.Origin},
		{"CSR-3 null", from("null"), csrf.NullOrigin},
		{"CSR-3 empty", from(""), csrf.Origin},
		{"CSR-3 host that begins like ours", from("https://app.example.com.evil.example"), csrf.Origin},
		{"CSR-3 host that ends like ours", from("https://evilapp.example.com"), csrf.Origin},
		{"CSR-3 trailing dot", from("https://app.example.com."), csrf.Origin},
		{"CSR-3 trailing slash", from("https://app.example.com/"), csrf.Origin},
		{"CSR-3 capital letters", from("https://APP.example.com"), csrf.Origin},
		{"CSR-3 repeated", from(ours, ours), csrf.Repeated},
		{"CSR-3 list in one line", from(ours + " " + ours), csrf.Origin},
		{"both agree", http.Header{"Origin": {ours}, "Sec-Fetch-Site": {"same-origin"}}, ""},
		{"a good Origin does not outweigh the site", http.Header{"Origin": {ours}, "Sec-Fetch-Site": {"cross-site"}}, csrf.FetchSite},
		{"a good site does not outweigh the Origin", http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"same-origin"}}, csrf.Origin},
		{"CSR-3 Host has no say", http.Header{"Host": {"evil.example"}, "Origin": {"https://evil.example"}}, csrf.Origin},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := csrf.SameOrigin(ours, c.header)
			var got csrf.Reason
			if cross, ok := errors.AsType[*csrf.CrossSite](err); ok {
				got = cross.Reason
			}
			if got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestReasonsReadDifferently(t *testing.T) {
	seen := map[string]csrf.Reason{}
	for _, reason := range []csrf.Reason{csrf.FetchSite, csrf.Repeated, csrf.Origin, csrf.NullOrigin} {
		text := (&csrf.CrossSite{Reason: reason}).Error()
		if other, twice := seen[text]; twice {
			t.Errorf("%s and %s both read %q", reason, other, text)
		}
		seen[text] = reason
	}
}
