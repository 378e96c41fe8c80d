package ostiary_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

func TestRevealTellsOnlyWhatIsListed(t *testing.T) {
	cause := errors.New("data 775")
	for _, row := range []struct {
		name   string
		reveal ostiary.Reveal
		state  ostiary.State
		code   string // "" for the plain refusal
	}{
		{"IDN-4 nothing by default", nil, ostiary.Locked, ""},
		{"IDN-4 not another state", ostiary.Reveal{ostiary.Expired}, ostiary.Locked, ""},
		{"listed", ostiary.Reveal{ostiary.Expired, ostiary.Locked}, ostiary.Locked, "account_locked"},
		{"must change", ostiary.Reveal{ostiary.MustChange}, ostiary.MustChange, "password_must_change"},
		{"no state at all", ostiary.Reveal{"nonsense"}, "nonsense", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.reveal.Refuse(row.state, cause)
			var refusal *ostiary.Refusal
			if got := errors.As(err, &refusal); got != (row.code != "") || got && refusal.Code != row.code {
				t.Fatalf("got %v, want code %q", err, row.code)
			}
			if row.code != "" && !errors.Is(err, cause) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestStateReadsKnownWordsOnly(t *testing.T) {
	var s ostiary.State
	if err := s.UnmarshalText([]byte("must_change")); err != nil || s != ostiary.MustChange {
		t.Errorf("got %q, %v", s, err)
	}
	if err := s.UnmarshalText([]byte("asleep")); err == nil || s != ostiary.MustChange {
		t.Errorf("an unknown state was read: %q, %v", s, err)
	}
}

func TestTraceReachesWhoListens(t *testing.T) {
	ostiary.Trace(t.Context(), "to nobody")
	if ostiary.Traced(t.Context()) {
		t.Error("somebody listens to a plain context")
	}
	var heard []string
	ctx := ostiary.WithTrace(context.Background(), func(what string, facts ...slog.Attr) {
		heard = append(heard, what+" "+facts[0].String())
	})
	if !ostiary.Traced(ctx) {
		t.Error("nobody listens")
	}
	ostiary.Trace(ctx, "rows found", slog.Int("rows", 1))
	if len(heard) != 1 || heard[0] != "rows found rows=1" {
		t.Errorf("heard %q", heard)
	}
}

// A revealed state is on the page in the person's language.
func TestRevealedStateIsOnThePage(t *testing.T) {
	for state, want := range map[ostiary.State]string{
		ostiary.Locked: "gesperrt", ostiary.Disabled: "abgeschaltet", ostiary.Expired: "abgelaufen", ostiary.MustChange: "Passwort ändern",
	} {
		h := open(t, authorizing(func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
			return nil, ostiary.Reveal{state}.Refuse(state, nil)
		}))
		b := h.browser()
		b.post("callback/credentials", "username", "jsmith", "password", "x")
		b.get("signin?lang=de").shows(want)
	}
}
