package returnto_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/ostiary/ostiary/internal/returnto"
)

// vector is one line of testdata/redirect.json: what the default redirect
// callback of next-auth 4.24.15 and 5.0.0-beta.32 makes of a URL.
type vector struct {
	ID      string
	BaseURL string `json:"base_url"`
	URL     string
	V4      answer `json:"default_redirect_v4"`
	V5      answer `json:"default_redirect_v5"`
}

type answer struct{ Result, Throws string }

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/redirect.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d vectors: %v", len(file.Cases), err)
	}
	return file.Cases
}

// departures are where our answer is another one, and why. An empty answer is
// the default page.
var departures = []struct {
	why  string
	urls []string
	want map[string]string // by base URL; none is the default page everywhere
}{
	{
		why:  "front ends strip our origin off and go to the rest, which is another site (RED-1)",
		urls: []string{"//evil.example/x", "//", `/\evil.example/x`},
	},
	{
		why:  "user names and back-slashes are read in different ways (RED-2; contract, section 13)",
		urls: []string{"http://user:pw@localhost:3000/x", `http:\\localhost:3000\x`, "http:localhost:3000/x"},
	},
	{
		why:  "browsers strip control bytes, and see another address than we checked (RED-1)",
		urls: []string{"/\n/x"},
	},
	{
		why:  "only http and https are places to return to (RED-1)",
		urls: []string{"blob:http://localhost:3000/x"},
	},
	{
		why:  "a malformed value leads to the default page, not to a 500 (RED-4)",
		urls: []string{"http://localhost:3000.evil.example/", "?x=1", "#x", " /lead", "\t/tab", "http://exa mple/"},
	},
	{
		why:  "an address is written anew from its parts, never echoed (RED-2)",
		urls: []string{"HTTP://LOCALHOST:3000/x"},
		want: map[string]string{"http://localhost:3000": "http://localhost:3000/x"},
	},
	{
		why:  "the same, for the default port",
		urls: []string{"https://app.example.test:443/x"},
		want: map[string]string{"https://app.example.test": "https://app.example.test/x"},
	},
}

func TestVectors(t *testing.T) {
	used := map[string]bool{}
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			want := v.V5.Result
			if v.V4 != v.V5 {
				t.Fatalf("the generations differ: %v, %v", v.V4, v.V5)
			}
			for _, d := range departures {
				if slices.Contains(d.urls, v.URL) {
					used[d.why] = true
					if want = d.want[v.BaseURL]; want == "" {
						want = v.BaseURL
					}
				}
			}
			policy, err := returnto.New(v.BaseURL, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := policy.Resolve(v.URL)
			if !ok {
				got = policy.Default()
			}
			if got != want {
				t.Errorf("%q leads to %q, want %q", v.URL, got, want)
			}
		})
	}
	for _, d := range departures {
		if !used[d.why] {
			t.Errorf("no vector needs the departure %q", d.why)
		}
	}
}
