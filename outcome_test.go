package ostiary_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// outcomes are the answers that an authorizer may give, and what each comes
// down to in every voice.
var outcomes = []struct {
	name     string
	user     *ostiary.User
	err      error
	status   int    // of the JSON answer
	v4, v5   string // where the answer leads, below the base
	code     string
	message  string
	retry    string
	recorded string // outcome of the audit line
}{
	{
		name: "nil, nil is the plain refusal", status: 401, code: "credentials", recorded: "refused",
		v4: "/error?error=CredentialsSignin&provider=credentials", v5: "/signin?error=CredentialsSignin&code=credentials",
	},
	{
		name: "an empty Refusal is the plain refusal", err: &ostiary.Refusal{}, status: 401, code: "credentials", recorded: "refused",
		v4: "/error?error=CredentialsSignin&provider=credentials", v5: "/signin?error=CredentialsSignin&code=credentials",
	},
	{
		name: "a Refusal with a code", err: &ostiary.Refusal{Code: "account_locked"}, status: 401, code: "account_locked", recorded: "refused",
		v4: "/error?error=account_locked&code=account_locked", v5: "/signin?error=CredentialsSignin&code=account_locked",
	},
	{
		name: "a Refusal with code and sentence", err: &ostiary.Refusal{Code: "locked", Sentence: "Ring 4711 & ask."},
		status: 401, code: "locked", message: "Ring 4711 & ask.", recorded: "refused",
		v4: "/error?error=Ring%204711%20%26%20ask.&code=locked", v5: "/signin?error=CredentialsSignin&code=locked",
	},
	{
		name: "a wrapped Refusal", err: fmt.Errorf("asking: %w", &ostiary.Refusal{Code: "disabled"}), status: 401, code: "disabled", recorded: "refused",
		v4: "/error?error=disabled&code=disabled", v5: "/signin?error=CredentialsSignin&code=disabled",
	},
	{
		name: "a Refusal whose code is no code counts as plain", err: &ostiary.Refusal{Code: "a\r\nb"}, status: 401, code: "credentials", recorded: "refused",
		v4: "/error?error=CredentialsSignin&provider=credentials", v5: "/signin?error=CredentialsSignin&code=credentials",
	},
	{
		name: "a Refusal with a time is 429", err: &ostiary.Refusal{Code: "slow_down", RetryAfter: 1500 * time.Millisecond},
		status: 429, code: "slow_down", retry: "2", recorded: "throttled",
		v4: "/error?error=slow_down&code=slow_down", v5: "/signin?error=CredentialsSignin&code=slow_down",
	},
	{
		name: "I3 any other error is unavailable", err: errors.New("connection refused"), status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "Unavailable on purpose", err: ostiary.Unavailable(errors.New("down")), status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "I3 a user beside an error is not signed in", user: jsmith(), err: errors.New("half done"), status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "I3 a user beside a Refusal is not signed in", user: jsmith(), err: &ostiary.Refusal{}, status: 401, code: "credentials", recorded: "refused",
		v4: "/error?error=CredentialsSignin&provider=credentials", v5: "/signin?error=CredentialsSignin&code=credentials",
	},
	{
		name: "CON-1 IDN-2 a user without id is unavailable", user: &ostiary.User{Name: "Nobody"}, status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "IDN-2 an id that is not printable is unavailable", user: &ostiary.User{ID: "a\nb"}, status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "SES-10 a reserved claim is unavailable", user: &ostiary.User{ID: "1", Claims: map[string]any{"amr": []string{"otp"}}},
		status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "a claim that is not JSON is unavailable", user: &ostiary.User{ID: "1", Claims: map[string]any{"f": func() {}}},
		status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
	{
		name: "COO-5 a session too large for cookies fails at sign-in", user: &ostiary.User{ID: "1", Claims: map[string]any{"all": strings.Repeat("x", 40<<10)}},
		status: 503, code: "unavailable", retry: "2", recorded: "unavailable",
		v4: "/error?error=Configuration", v5: "/error?error=Configuration",
	},
}

func TestOutcomesThatAreNotASession(t *testing.T) {
	for _, o := range outcomes {
		t.Run(o.name, func(t *testing.T) {
			voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
				h := open(t, wire, answering(o.user, o.err))
				b := meet(h)
				r := b.login()
				status, at := o.status, o.v4
				if !b.json {
					status = http.StatusFound
				}
				if h.v5 {
					at = o.v5
				}
				if r.is(status); r.leads() != h.base+at {
					t.Errorf("leads to %q, want %q", r.leads(), h.base+at)
				}
				if r.sets(h) || b.session() != nil {
					t.Error("a session was made")
				}
				if got := r.Header.Get("Retry-After"); got != o.retry {
					t.Errorf("Retry-After %q, want %q", got, o.retry)
				}
				lines := h.log.lines("sign-in")
				if len(lines) != 1 || lines[0]["outcome"] != o.recorded {
					t.Fatalf("LOG-3 audit lines %v, want one %q", lines, o.recorded)
				}
				if b.json {
					s := r.said()
					if s.Code != o.code || (o.status != 503 && s.Message != o.message) || len(s.Reference) != 8 {
						t.Errorf("said %+v, want code %q and message %q", s, o.code, o.message)
					}
					if s.Reference != lines[0]["reference"] {
						t.Errorf("reference %q in the answer, %q in the log", s.Reference, lines[0]["reference"])
					}
					return
				}
				page := b.follow(r)
				page.shows(lines[0]["reference"].(string), `role="alert"`)
				if o.message != "" {
					page.shows(strings.ReplaceAll(o.message, "&", "&amp;"))
				}
			})
		})
	}
}

func TestSignedIn(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := open(t, wire)
		b := meet(h)
		r := b.login("callbackUrl", "/inbox?x=1")
		if want := map[bool]int{true: 200, false: 302}[b.json]; r.is(want).leads() != external+"/inbox?x=1" {
			t.Errorf("leads to %q", r.leads())
		}
		if b.json && h.v5 != (r.Header.Get("Location") != "") {
			t.Errorf("Location %q", r.Header.Get("Location"))
		}
		view := b.session()
		user, _ := view["user"].(map[string]any)
		if user["name"] != "J Smith" || user["email"] != "jsmith@example.com" || len(user) != 2 {
			t.Errorf("user %v", user)
		}
		if want := "2026-03-31T09:00:00.000Z"; view["expires"] != want {
			t.Errorf("expires %v, want %v", view["expires"], want)
		}
		token := b.token()
		if token.Subject != "42" || token.Realm != "credentials" || token.AuthTime != dayOne.Unix() || len(token.Methods) != 1 || token.Methods[0] != "pwd" {
			t.Errorf("SES-10 token %+v", token)
		}
		lines := h.log.lines("sign-in")
		if len(lines) != 1 || lines[0]["outcome"] != "signed_in" || lines[0]["account"] != (ostiary.Account{Realm: "credentials", UserID: "42"}).String() {
			t.Errorf("LOG-3 audit lines %v", lines)
		}
	})
}

func TestBareUser(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, answering(&ostiary.User{ID: "7"}, nil))
		user := h.script().enter().session()["user"]
		if u, ok := user.(map[string]any); !ok || len(u) != 0 {
			t.Errorf("user %v, want an empty object", user)
		}
	})
}

func TestClaimsAndExpose(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		u := jsmith()
		u.Claims = map[string]any{"role": "admin", "secret": 1, "tenant": map[string]any{"id": 7}}
		h := open(t, wire, answering(u, nil), func(c *ostiary.Config) { c.Session.Expose = []string{"id", "groups", "role", "tenant", "none"} })
		got := mustJSON(h.script().enter().session()["user"])
		want := `{"email":"jsmith@example.com","groups":["staff"],"id":"42","name":"J Smith","role":"admin","tenant":{"id":7}}`
		if got != want {
			t.Errorf("SES-7 user %s, want %s", got, want)
		}
	})
}

// TestAuthorizerHears holds what reaches an authorizer: the declared fields as
// they were typed, and the request's facts.
func TestAuthorizerHears(t *testing.T) {
	const typed = " pâss\tword\u00a0<&>'\"%00 "
	heard := 0
	h := open(t, authorizing(func(ctx context.Context, c form.Values, r *http.Request) (*ostiary.User, error) {
		heard++
		if got := c.Get("password"); got != typed {
			t.Errorf("PWD-1 password %q, want %q", got, typed)
		}
		if names := c.Names(); len(names) != 2 {
			t.Errorf("PAG-8 names %q", names)
		}
		if addr := ostiary.ClientAddr(ctx).String(); addr != "192.0.2.1" {
			t.Errorf("ClientAddr %s", addr)
		}
		if ref := ostiary.Reference(ctx); len(ref) != 8 {
			t.Errorf("Reference %q", ref)
		}
		if _, ok := ostiary.StepState(ctx); ok {
			t.Error("StepState outside of a step")
		}
		if _, ok := ctx.Deadline(); !ok || r.Context().Err() != nil || ostiary.Reference(r.Context()) == "" {
			t.Error("the context has no deadline, or the request not the same facts")
		}
		return nil, nil
	}))
	b := h.script()
	b.header.Set("X-Forwarded-For", "203.0.113.9")
	b.post("callback/credentials", "username", "jsmith", "password", typed)
	b.postJSON("callback/credentials", map[string]any{"username": "jsmith", "password": typed})
	if heard != 2 {
		t.Errorf("heard %d times", heard)
	}
}

func TestFactsOutsideOfAnAttempt(t *testing.T) {
	ctx := t.Context()
	if _, ok := ostiary.StepState(ctx); ok || ostiary.ClientAddr(ctx).IsValid() || ostiary.Reference(ctx) != "" {
		t.Error("facts where there are none")
	}
}

// TestSeveralProviders holds that a provider gets its own form's fields, and
// that providers of one realm make one account.
func TestSeveralProviders(t *testing.T) {
	second := ostiary.Provider{
		ID: "staff-2", Name: "Staff", Realm: "acme", Form: form.Form{{Name: "badge"}},
		Authorize: func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
			return &ostiary.User{ID: c.Get("badge")}, nil
		},
	}
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, func(c *ostiary.Config) {
			c.Providers[0].Realm = "acme"
			c.Providers = append(c.Providers, second)
		})
		b := h.script()
		b.login()
		first := b.token()
		b.post("callback/staff-2", "badge", "42")
		other := b.token()
		if first.Realm != other.Realm || first.Subject != other.Subject || other.Provider != "staff-2" || first.SessionID == other.SessionID {
			t.Errorf("I2 accounts %s/%s and %s/%s", first.Realm, first.Subject, other.Realm, other.Subject)
		}
		if len(other.Methods) != 0 {
			t.Errorf("SES-10 methods %q without a password", other.Methods)
		}
		page := b.get("signin?again=true")
		page.shows("Sign in with Credentials", "Sign in with Staff", "/callback/staff-2")
		b.post("callback/staff-2", "username", "jsmith", "password", jsmiths).is(http.StatusBadRequest)
		if r := b.post("callback/nobody", "badge", "1"); r.StatusCode != http.StatusBadRequest || r.sets(h) {
			t.Errorf("unknown provider: %d", r.StatusCode)
		}
	})
}

// TestFieldNamedData holds that only an update has data: elsewhere it is a field
// like any other, in JSON and in forms.
func TestFieldNamedData(t *testing.T) {
	var heard []string
	h := open(t, authorizing(func(_ context.Context, c form.Values, _ *http.Request) (*ostiary.User, error) {
		heard = append(heard, c.Get("data"))
		return nil, nil
	}), func(c *ostiary.Config) { c.Providers[0].Form = form.Form{{Name: "data"}} })
	b := h.script()
	b.post("callback/credentials", "data", "as a form")
	b.postJSON("callback/credentials", map[string]any{"data": "as JSON"})
	b.postJSON("callback/credentials", map[string]any{"data": map[string]any{"x": 1}}).is(http.StatusBadRequest)
	if got := strings.Join(heard, ", "); got != "as a form, as JSON" {
		t.Errorf("heard %q", got)
	}
}

// TestLongSentences holds that what is shown is cut at 300 bytes, between two
// characters.
func TestLongSentences(t *testing.T) {
	voices(t, func(t *testing.T, wire func(*ostiary.Config), meet func(*house) *browser) {
		h := open(t, wire, answering(nil, &ostiary.Refusal{Code: strings.Repeat("c", 65), Sentence: "a" + strings.Repeat("ü", 400)}))
		b := meet(h)
		r := b.login()
		want := "a" + strings.Repeat("ü", 149)
		if b.json {
			if s := r.said(); s.Message != want || s.Code != "credentials" {
				t.Errorf("said %+v", s)
			}
			return
		}
		page := b.follow(r)
		page.shows(want)
		page.hides(want+"ü", "\ufffd")
	})
}

// TestOutcomesAsErrors is what the outcomes say of themselves in a log.
func TestOutcomesAsErrors(t *testing.T) {
	cause := errors.New("row is locked")
	for want, err := range map[string]error{
		"refused: locked: row is locked":         &ostiary.Refusal{Code: "locked", Cause: cause},
		"refused: credentials":                   &ostiary.Refusal{},
		"next step: sms":                         &ostiary.NextStep{Code: "sms"},
		"next step: next_step":                   &ostiary.NextStep{},
		"user system unavailable: row is locked": ostiary.Unavailable(cause),
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
	if !errors.Is(&ostiary.Refusal{Cause: cause}, cause) || !errors.Is(ostiary.Unavailable(cause), ostiary.ErrUnavailable) {
		t.Error("the cause is lost")
	}
}
