package ostiary_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

func TestCodeInForm(t *testing.T) {
	var seen []string
	oneForm := func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "token", Label: "2FA token", Type: "totp"})
		c.Providers[0].Authorize = func(ctx context.Context, v form.Values, r *http.Request) (*ostiary.User, error) {
			seen = append(seen, v.Get("token"))
			return directory(ctx, v, r)
		}
	}
	login := func(h *house, password, code string) *reply {
		return h.script().post("callback/credentials", "username", "jsmith", "password", password, "token", code)
	}
	t.Run("right", func(t *testing.T) {
		h := enrolled(t, oneForm)
		if r := login(h, jsmiths, h.code(appSecret)); !r.sets(h) {
			t.Fatalf("refused: %s", r.body)
		}
		if r := login(h, jsmiths, h.code(appSecret)).is(401); r.said().Code != "credentials" {
			t.Errorf("OTP-1 used twice: %s", r.body)
		}
		if slices.ContainsFunc(seen, func(s string) bool { return s != "" }) {
			t.Error("LOG-2 the code reaches the authorizer")
		}
	})
	t.Run("IDN-4 wrong code and wrong password look alike", func(t *testing.T) {
		h := enrolled(t, oneForm)
		bodies := map[string]bool{}
		for _, r := range []*reply{login(h, jsmiths, h.wrong(appSecret)), login(h, "wrong", h.code(appSecret)), login(h, "wrong", h.wrong(appSecret))} {
			s := r.is(401).said()
			s.Reference = ""
			bodies[mustJSON(s)] = true
		}
		if len(bodies) != 1 {
			t.Errorf("%v", bodies)
		}
	})
	t.Run("IDN-5 nor do they after many tries, where the code is required", func(t *testing.T) {
		for required, want := range map[bool][]string{true: {"credentials", "credentials"}, false: {"throttled", "credentials"}} {
			h := enrolled(t, oneForm, func(c *ostiary.Config) { c.Providers[0].Form[2].Required = required })
			for range 10 {
				login(h, jsmiths, h.wrong(appSecret)).is(401)
			}
			right, wrong := login(h, jsmiths, h.code(appSecret)), login(h, "wrong", h.code(appSecret))
			if got := []string{right.said().Code, wrong.said().Code}; !slices.Equal(got, want) || right.sets(h) {
				t.Errorf("required %v: %v, want %v", required, got, want)
			}
			if required && right.Header.Get("Retry-After") != "" {
				t.Error("a header tells")
			}
		}
	})
	t.Run("empty asks afterwards", func(t *testing.T) {
		h := enrolled(t, oneForm)
		if s := login(h, jsmiths, "").is(401).said(); s.Code != "second_factor" {
			t.Errorf("said %+v", s)
		}
	})
	t.Run("without a factor it is not looked at", func(t *testing.T) {
		h := guarded(t, oneForm)
		if r := login(h, jsmiths, "123456"); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
	})
	t.Run("MFA-12 a factor that does not count", func(t *testing.T) {
		h := enrolled(t, oneForm, func(c *ostiary.Config) {
			c.Factors.Kinds = append(c.Factors.Kinds, echo{})
			c.Providers[0].Factors = ostiary.FactorRule{Policy: "required", Kinds: []string{"webauthn"}}
		})
		b := h.script()
		b.waits(b.post("callback/credentials", "username", "jsmith", "password", jsmiths, "token", h.code(appSecret)), "enrolment_required")
		b.post("account/enrol", "kind", "totp")
		if r := b.post("callback/totp", "code", h.code(appSecret)); r.sets(h) {
			t.Error("in with an app")
		}
	})
	t.Run("behind the password", func(t *testing.T) {
		h := enrolled(t, func(c *ostiary.Config) { c.Providers[0].AppendedTOTP = true })
		b := h.script()
		if r := b.post("callback/credentials", "username", "jsmith", "password", jsmiths+h.code(appSecret)); !r.sets(h) {
			t.Errorf("refused: %s", r.body)
		}
		b = h.script()
		b.waits(b.login(), "second_factor")
	})
}

// TestSignInCallbackSeesNoCodes is LOG-2: the callback is asked once, at the end, and
// learns no code, however it was typed.
func TestSignInCallbackSeesNoCodes(t *testing.T) {
	var seen []string
	watch := func(c *ostiary.Config) {
		c.Providers[0].Form = append(loginForm(), form.Field{Name: "token", Type: "totp"})
		c.Providers[0].AppendedTOTP = true
		c.Callbacks.SignIn = func(_ context.Context, s ostiary.SignIn) (string, error) {
			v := s.Credentials
			seen = append(seen, s.Provider+"|"+v.Get("username")+"|"+v.Get("password")+"|"+v.Get("token")+v.Get("code"))
			return "", nil
		}
	}
	for name, c := range map[string]struct {
		fields []string
		second bool
		want   string
	}{
		"a step of its own":   {[]string{"password", jsmiths}, true, "credentials|||"},
		"a field of the form": {[]string{"password", jsmiths, "token", "CODE"}, false, "credentials|jsmith|" + jsmiths + "|"},
		"behind the password": {[]string{"password", jsmiths + "CODE"}, false, "credentials|jsmith|" + jsmiths + "|"},
	} {
		t.Run(name, func(t *testing.T) {
			seen = nil
			h := enrolled(t, watch)
			b := h.script()
			fields := append([]string{"username", "jsmith"}, c.fields...)
			for i := range fields {
				fields[i] = strings.Replace(fields[i], "CODE", h.code(appSecret), 1)
			}
			r := b.post("callback/credentials", fields...)
			if c.second {
				r = b.post("callback/totp", "code", h.code(appSecret))
			}
			if !r.sets(h) || !slices.Equal(seen, []string{c.want}) {
				t.Errorf("the callback saw %q, want %q once: %s", seen, c.want, r.body)
			}
		})
	}
}
