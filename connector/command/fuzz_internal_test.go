package command

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// FuzzAnswer lets a program answer anything. CON-1: exactly one of four outcomes
// comes of it, and a user only of exit status 0 with an id.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		`{"id":"1","name":"J Smith","email":"a@b","image":"/x","groups":["a"],"claims":{"a":[1,null,{"b":1e999}]}}`,
		`{"id":"1"}`, `{"id":1}`, `{"id":"1","id":"2"}`, `null`, `[]`, ``, ` `, `{`, `{"id":"\ud800"}`, `{"id":"` + "\x00" + `"}`, `{"id":"1"}{"id":"1"}`,
		`{"code":"locked","message":"Locked.","retry_after":10}`, `{"next":{"code":"sms","fields":[{"name":"otp","pattern":"[0-9]{6}"}],"state":{"a":1}}}`,
		`{"next":{"fields":{"a":{"type":"select","options":[1,{"value":2,"label":"b"}]},"b":null}}}`, `{"next":1}`, `{"next":{"state":null,"fields":[]}}`,
	} {
		for status := range 4 {
			f.Add(status, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		user, err := judge(status, text)
		checkUser(t, status, user, err)
		checkError(t, status, user, err)
		found, err := judgeLookup(status, text, "1")
		checkUser(t, status, found, err)
		if found != nil && found.ID != "1" {
			t.Errorf("IDN-2: a lookup found %q", found.ID)
		}
		if err == nil && found == nil && (status != statusRefused || !json.Valid(text)) {
			t.Errorf("status %d and %q sign somebody out", status, text)
		}
	})
}

func checkUser(t *testing.T, status int, user *ostiary.User, err error) {
	t.Helper()
	if user == nil {
		return
	}
	if err != nil || status != statusUser || strings.TrimSpace(user.ID) == "" || len(user.ID) > maxID {
		t.Errorf("status %d gave user %+v, %v", status, user, err)
	}
	for _, s := range append(slices.Clone(user.Groups), user.ID, user.Name, user.Email, user.Image) {
		if !utf8.ValidString(s) {
			t.Errorf("not text: %q", s)
		}
	}
	if _, err := json.Marshal(user.Claims); err != nil {
		t.Errorf("claims that no token can carry: %v", err)
	}
}

func checkError(t *testing.T, status int, user *ostiary.User, err error) {
	t.Helper()
	var refusal *ostiary.Refusal
	var step *ostiary.NextStep
	var fault *nonsense
	switch {
	case err == nil:
		if user == nil && status != statusRefused {
			t.Errorf("status %d refused", status)
		}
	case errors.As(err, &refusal):
		if status != statusRefused || refusal.RetryAfter < 0 || refusal.RetryAfter > maxPatience {
			t.Errorf("status %d refused with %+v", status, refusal)
		}
	case errors.As(err, &step):
		if _, err := form.Compile(step.Form); status != statusNext || err != nil || len(step.State) > maxState {
			t.Errorf("status %d gave step %+v: %v", status, step, err)
		}
		if len(step.State) > 0 && !json.Valid(step.State) {
			t.Errorf("the state is not JSON: %q", step.State)
		}
	case !errors.As(err, &fault):
		t.Errorf("an error of no kind: %v", err)
	}
}

// FuzzConceal looks for what must not be left over in a log.
func FuzzConceal(f *testing.F) {
	f.Add("password c4nary' was wrong", "c4nary'", false)
	f.Add("aaaaaaaaaaaaaaaaa", "aaaa", true)
	f.Add("the end is c4na", "c4nary", true)
	f.Fuzz(func(t *testing.T, text, secret string, cut bool) {
		if len(secret) < shortest || strings.Contains(secret, "*") || len(secret) > 1000 {
			return
		}
		got := conceal(text, []string{secret}, cut)
		if strings.Contains(got, secret) {
			t.Errorf("%q is in %q", secret, got)
		}
		if cut {
			for n := 1; n < len(secret); n++ {
				if strings.HasSuffix(got, secret[:n]) {
					t.Errorf("the beginning %q of %q ends %q", secret[:n], secret, got)
				}
			}
		}
	})
}
