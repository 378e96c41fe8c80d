package chain_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/chain"
	"github.com/ostiary/ostiary/form"
)

var (
	errDown = errors.New("connection refused")
	locked  = &ostiary.Refusal{Code: "account_locked"}
)

// says is a system that always gives the same answer and notes that it was asked.
func says(asked *[]string, name string, user *ostiary.User, err error) ostiary.Authorizer {
	return func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
		*asked = append(*asked, name)
		return user, err
	}
}

func request() *http.Request { return httptest.NewRequest(http.MethodPost, "/", nil) }

func TestWhoIsAsked(t *testing.T) {
	ada := &ostiary.User{ID: "42"}
	for _, row := range []struct {
		name      string
		user      *ostiary.User
		err       error
		onRefused bool
		onDown    bool
		asked     string
		wantID    string
		wantErr   error
	}{
		{"a user ends the chain", ada, nil, true, true, "old", "old:42", nil},
		{"CON-4 a refusal is not tried elsewhere unless declared", nil, nil, false, true, "old", "", nil},
		{"CON-4 a refusal goes on where declared", nil, nil, true, false, "old new", "new:42", nil},
		{"CON-4 an outage does not fall through unless declared", nil, errDown, true, false, "old", "", errDown},
		{"CON-4 an outage falls through where declared", nil, errDown, false, true, "old new", "new:42", nil},
		{"CON-4 a refusal with a code ends the chain", nil, locked, true, true, "old", "", locked},
		{"CON-4 a refusal with a wait ends the chain", nil, &ostiary.Refusal{RetryAfter: 1}, true, true, "old", "", nil},
		{"a plain refusal with its cause goes on", nil, &ostiary.Refusal{Cause: errDown}, true, false, "old new", "new:42", nil},
		{"CON-4 who is denied is not tried elsewhere", nil, ostiary.ErrAccessDenied, true, true, "old", "", ostiary.ErrAccessDenied},
		{"a user without id is not made one", &ostiary.User{}, nil, true, true, "old", "", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var asked []string
			c, err := chain.New(
				chain.Link{Name: "old", Authorize: says(&asked, "old", row.user, row.err), OnRefused: row.onRefused, OnUnavailable: row.onDown},
				chain.Link{Name: "new", Authorize: says(&asked, "new", ada, nil)},
			)
			if err != nil {
				t.Fatal(err)
			}
			user, err := c.Authorize(t.Context(), form.Values{}, request())
			if got := strings.Join(asked, " "); got != row.asked {
				t.Errorf("asked %q, want %q", got, row.asked)
			}
			if id := idOf(user); id != row.wantID {
				t.Errorf("user %q, want %q", id, row.wantID)
			}
			if row.wantErr != nil && !errors.Is(err, row.wantErr) {
				t.Errorf("error %v, want %v", err, row.wantErr)
			}
			if user != nil && err != nil {
				t.Error("CON-1: a user and an error")
			}
		})
	}
	if ada.ID != "42" {
		t.Error("the user of a link was changed")
	}
}

func idOf(u *ostiary.User) string {
	if u == nil {
		return ""
	}
	return u.ID
}

func TestOneIDIsOnePerson(t *testing.T) {
	var asked []string
	c, err := chain.New(
		chain.Link{Name: "new", RealmIDs: true, OnRefused: true, Authorize: says(&asked, "new", &ostiary.User{ID: "old:42"}, nil)},
		chain.Link{Name: "old", Authorize: says(&asked, "old", nil, nil)},
	)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := c.Authorize(t.Context(), form.Values{}, request()); user != nil || !errors.Is(err, ostiary.ErrUnavailable) {
		t.Errorf("I2: got %v, %v", user, err)
	}
}

func TestNobodyKnowsThePerson(t *testing.T) {
	var asked []string
	c, err := chain.New(
		chain.Link{Name: "a", Authorize: says(&asked, "a", nil, nil), OnRefused: true},
		chain.Link{Name: "b", Authorize: says(&asked, "b", nil, nil), OnRefused: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := c.Authorize(t.Context(), form.Values{}, request()); user != nil || err != nil {
		t.Errorf("got %v, %v", user, err)
	}
}

func TestTheLastOutageIsNoRefusal(t *testing.T) {
	var asked []string
	c, err := chain.New(
		chain.Link{Name: "a", Authorize: says(&asked, "a", nil, nil), OnRefused: true},
		chain.Link{Name: "b", Authorize: says(&asked, "b", nil, errDown), OnUnavailable: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := c.Authorize(t.Context(), form.Values{}, request()); user != nil || !errors.Is(err, errDown) {
		t.Errorf("got %v, %v", user, err)
	}
}

// A chain whose context is over asks nobody else.
func TestEndOfContextEndsTheChain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked []string
	c, err := chain.New(
		chain.Link{Name: "a", OnUnavailable: true, Authorize: func(ctx context.Context, _ form.Values, _ *http.Request) (*ostiary.User, error) {
			cancel()
			return nil, ctx.Err()
		}},
		chain.Link{Name: "b", Authorize: says(&asked, "b", &ostiary.User{ID: "1"}, nil)},
	)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := c.Authorize(ctx, form.Values{}, request()); user != nil || !errors.Is(err, context.Canceled) || len(asked) > 0 {
		t.Errorf("got %v, %v, asked %q", user, err, asked)
	}
}

func TestAStepReturnsToItsLink(t *testing.T) {
	var asked []string
	stepper := func(ctx context.Context, _ form.Values, r *http.Request) (*ostiary.User, error) {
		state, ok := ostiary.StepState(ctx)
		inRequest, _ := ostiary.StepState(r.Context())
		switch {
		case !ok:
			return nil, &ostiary.NextStep{State: []byte("sent"), Code: "otp"}
		case string(state) == "sent" && string(inRequest) == "sent":
			return &ostiary.User{ID: "7"}, nil
		}
		return nil, nil
	}
	c, err := chain.New(
		chain.Link{Name: "old", Authorize: says(&asked, "old", nil, nil), OnRefused: true},
		chain.Link{Name: "otp", Authorize: stepper, OnRefused: true},
		chain.Link{Name: "new", Authorize: says(&asked, "new", &ostiary.User{ID: "9"}, nil)},
	)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Authorize(t.Context(), form.Values{}, request())
	var step *ostiary.NextStep
	if !errors.As(err, &step) || step.Code != "otp" {
		t.Fatalf("no step but %v", err)
	}
	ctx := ostiary.WithStepState(t.Context(), step.State)
	user, err := c.Authorize(ctx, form.Values{}, request().WithContext(ctx))
	if idOf(user) != "otp:7" || err != nil {
		t.Errorf("got %q, %v", idOf(user), err)
	}
	if !slices.Equal(asked, []string{"old"}) {
		t.Errorf("asked %q", asked)
	}
	for _, state := range []string{"", "\x09x"} {
		ctx := ostiary.WithStepState(t.Context(), []byte(state))
		if user, err := c.Authorize(ctx, form.Values{}, request()); user != nil || !errors.Is(err, ostiary.ErrUnavailable) {
			t.Errorf("a step of nobody: %v, %v", user, err)
		}
	}
}

func TestLookup(t *testing.T) {
	has := func(ids ...string) func(context.Context, string) (*ostiary.User, error) {
		return func(_ context.Context, id string) (*ostiary.User, error) {
			if id == "down" {
				return nil, errDown
			}
			if slices.Contains(ids, id) {
				return &ostiary.User{ID: id}, nil
			}
			return nil, nil
		}
	}
	var asked []string
	no := says(&asked, "", nil, nil)
	c, err := chain.New(
		chain.Link{Name: "a", Authorize: no, Lookup: has("42"), OnRefused: true},
		chain.Link{Name: "b", Authorize: no, Lookup: has("42", "x"), OnRefused: true, RealmIDs: true},
		chain.Link{Name: "c", Authorize: no, Lookup: has("y"), RealmIDs: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	if !c.CanLookUp() {
		t.Error("it can look people up")
	}
	for _, row := range []struct {
		id, want string
		down     bool
	}{
		{"a:42", "a:42", false},
		{"a:x", "", false},
		{"42", "42", false},
		{"y", "y", false},
		{"I2 nobody", "", false},
		{"down", "", true},
	} {
		user, err := c.Lookup(t.Context(), row.id)
		if idOf(user) != row.want || (err != nil) != row.down {
			t.Errorf("%q: got %q, %v", row.id, idOf(user), err)
		}
	}
}

func TestNewNamesTheMend(t *testing.T) {
	var asked []string
	yes := says(&asked, "", nil, nil)
	for _, row := range []struct {
		want  string
		links []chain.Link
	}{
		{"there are no links", nil},
		{"link 1: Name", []chain.Link{{Name: "A b", Authorize: yes}}},
		{"link 2: Name", []chain.Link{{Name: "a", Authorize: yes, OnRefused: true}, {Name: "a", Authorize: yes}}},
		{"Authorize is missing", []chain.Link{{Name: "a"}}},
		{"set OnRefused or OnUnavailable", []chain.Link{{Name: "a", Authorize: yes}, {Name: "b", Authorize: yes}}},
	} {
		if _, err := chain.New(row.links...); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want %q", err, row.want)
		}
	}
}
