package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzAnswer lets an endpoint answer anything. HTC-3, CON-1: exactly one of
// four outcomes comes of it, and a user only of a 2xx with JSON and an id.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"id":"1","name":"J Smith","email":"a@b","picture":"/x","groups":["a",1],"role":{"a":[1,null]},"ok":true}`,
		`{"id":1,"ok":true}`, `{"id":0,"ok":true}`, `{"id":1.0,"ok":true}`, `null`, `false`, `[]`, ``, `{`, `<html>`, `{"id":"1","id":"2"}`,
		`{"code":"locked","message":"Locked."}`, `{"next":{"code":"sms","fields":[{"name":"otp","label":"Code","pattern":"[0-9]{6}"}],"state":{"a":1}}}`,
		`{"next":{"fields":{"a":{"type":"select","options":[1,{"value":2,"label":"b"}]}}}}`, `{"next":1}`, `{"id":"\ud800","ok":true}`, `{"id":"` + "\x00" + `"}`,
	} {
		for _, status := range []int{200, 401, 500} {
			f.Add(status, "application/json", body)
		}
	}
	f.Add(204, "", ``)
	f.Add(302, "text/html", `x`)
	f.Add(429, "application/problem+json; charset=utf-8", `{}`)
	c, err := New(Config{URL: "https://acme.example", BreakAfter: -1, Map: Map{OK: "ok", Claims: map[string]string{"role": "role"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		c.transport = roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Header: http.Header{"Content-Type": {contentType}, "Retry-After": {body}},
				ContentLength: -1, Body: io.NopCloser(bytes.NewReader([]byte(body))),
			}, nil
		})
		user, err := c.Authorize(context.Background(), form.Values{}, nil)
		if user != nil {
			checkUser(t, user, err, status)
			return
		}
		checkError(t, err)
	})
}

func checkUser(t *testing.T, user *ostiary.User, err error, status int) {
	t.Helper()
	if err != nil || status < 200 || status > 299 || user.ID == "" {
		t.Errorf("status %d gave user %+v, %v", status, user, err)
	}
	for name := range user.Claims {
		if name != "role" || session.Reserved(name) {
			t.Errorf("HTC-4 claim %q", name)
		}
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var refusal *ostiary.Refusal
	var next *ostiary.NextStep
	kinds := []bool{err == nil, errors.As(err, &refusal), errors.As(err, &next), errors.Is(err, ostiary.ErrUnavailable)}
	if n := len(slices.DeleteFunc(kinds, func(is bool) bool { return !is })); n != 1 {
		t.Errorf("CON-1 %d outcomes at once: %v", n, err)
	}
	if next != nil {
		if _, err := form.Compile(next.Form); err != nil || len(next.State) > maxState {
			t.Errorf("a step that can't be shown: %v", err)
		}
	}
	if refusal != nil && (refusal.RetryAfter < 0 || refusal.RetryAfter > maxPatience) {
		t.Errorf("RetryAfter %v", refusal.RetryAfter)
	}
}

// FuzzDecode: what decode accepts, written again and read again, is the same.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{"a":[1,{"b":null}],"c":"\u00e9"}`, `1e5`, `""`, `{"a":1,"a":2}`, `[[[]]]`, `{"":{}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := decode(text)
		if err != nil {
			return
		}
		state, err := stepState(v)
		if err != nil || state == nil {
			return // too long, or null
		}
		again, err := decode(state)
		if err != nil {
			t.Fatalf("%s was read, %s was not: %v", text, state, err)
		}
		if twice, err := stepState(again); err != nil || !bytes.Equal(state, twice) {
			t.Errorf("got %s, want %s: %v", twice, state, err)
		}
	})
}
