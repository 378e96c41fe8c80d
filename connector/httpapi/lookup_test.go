package httpapi_test

import (
	"context"
	"testing"

	"github.com/ostiary/ostiary/connector/httpapi"
)

func TestLookupRequests(t *testing.T) {
	for _, row := range []struct {
		path, id             string
		method, target, body string
	}{
		{"/users/{id}", "42", "GET", "/users/42", ""},
		{"/users/{id}/profile?full=1", "a b;c?d#e", "GET", "/users/a%20b%3Bc%3Fd%23e/profile?full=1", ""},
		{"/a%2Fb/{id}", "ü@x", "GET", "/a%2Fb/%C3%BC@x", ""},
		{"/lookup", "../a/b", "POST", "/lookup", `{"id":"../a/b"}`},
	} {
		t.Run("HTC-1 "+row.path+" "+row.id, func(t *testing.T) {
			address, last := listen(t, `{"id":"`+row.id+`"}`)
			c := connect(t, httpapi.Config{URL: address, LookupURL: address + row.path})
			user, err := c.Lookup(context.Background(), row.id)
			if got := verdict(user, err); got != "user "+row.id {
				t.Fatalf("got %s: %v", got, err)
			}
			if got := last(); got.method != row.method || got.target != row.target || got.body != row.body {
				t.Errorf("got %s %s %s", got.method, got.target, got.body)
			}
		})
	}
}

func TestLookupIDsThatAreNoSegment(t *testing.T) {
	address, _ := listen(t, `{"id":"1"}`)
	c := connect(t, httpapi.Config{URL: address, LookupURL: address + "/users/{id}"})
	for _, id := range []string{"", ".", "..", "a/b", `a\b`, "%2e%2e", "a\nb", "\xff"} {
		if got := verdict(c.Lookup(context.Background(), id)); got != "unavailable" {
			t.Errorf("HTC-1 id %q: got %s, want unavailable", id, got)
		}
	}
}

func TestLookupAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"there", 200, `{"id":"42"}`, "user 42"},
		{"as a number", 200, `{"id":42}`, "user 42"},
		{"null", 200, `null`, "refused"},
		{"false", 200, `false`, "refused"},
		{"no longer ok", 200, `{"id":"42","ok":false}`, "refused"},
		{"404", 404, `{}`, "refused"},
		{"410", 410, `{}`, "refused"},
		{"401 is about us", 401, `{}`, "unavailable"},
		{"403 is about us", 403, `{}`, "unavailable"},
		{"429", 429, `{}`, "unavailable"},
		{"500", 500, `{}`, "unavailable"},
		{"IDN-2 somebody else", 200, `{"id":"43"}`, "unavailable"},
		{"CON-1 no id", 200, `{}`, "unavailable"},
		{"CON-1 a list", 200, `[]`, "unavailable"},
		{"a next step makes no sense here", 200, `{"next":{}}`, "unavailable"},
	} {
		t.Run(row.name, func(t *testing.T) {
			body, take := row.body, httpapi.Map{}
			if row.name == "no longer ok" {
				take.OK = "ok"
			}
			address := serve(t, says(row.status, jsonType, body)).URL
			c := connect(t, httpapi.Config{URL: address, LookupURL: address + "/{id}", Map: take})
			user, err := c.Lookup(context.Background(), "42")
			if got := verdict(user, err); got != row.want {
				t.Errorf("got %s, want %s: %v", got, row.want, err)
			}
		})
	}
}

func TestNoLookup(t *testing.T) {
	address, _ := listen(t, `{"id":"1"}`)
	c := connect(t, httpapi.Config{URL: address})
	if c.CanLookup() {
		t.Error("CanLookup without a LookupURL")
	}
	if got := verdict(c.Lookup(context.Background(), "1")); got != "unavailable" {
		t.Errorf("got %s, want unavailable", got)
	}
}
