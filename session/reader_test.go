package session_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/session"
)

func newReader(t testing.TB, c session.ReaderConfig) *session.Reader {
	t.Helper()
	if c.Secrets == nil {
		c.Secrets = []string{secretA}
	}
	c.Now = func() time.Time { return start }
	r, err := session.NewReader(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sealedFor returns a token for a user, living for the seconds given.
func sealedFor(t testing.TB, c *session.Codec, user string, life int64) string {
	t.Helper()
	token, err := c.Seal(&session.Token{Subject: user, Expires: start.Unix() + life})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestReader(t *testing.T) {
	v4, v5 := newCodec(t, session.Config{}), newCodec(t, session.Config{Format: session.AuthJSV5})
	v5secure := newCodec(t, session.Config{Format: session.AuthJSV5, Secure: true})
	four, five := v4.CookieName(), v5.CookieName()
	ada4, ada5 := sealedFor(t, v4, "ada", 60), sealedFor(t, v5, "ada", 60)
	bob, old := sealedFor(t, v4, "bob", 60), sealedFor(t, v4, "old", -60)
	both := session.ReaderConfig{Also: []session.Format{session.AuthJSV5}}
	bearer := session.ReaderConfig{Bearer: true}
	for _, row := range []struct {
		name   string
		config session.ReaderConfig
		cookie string
		bearer []string
		want   string
		err    error
	}{
		{"nothing", session.ReaderConfig{}, "", nil, "", session.ErrNone},
		{"v4", session.ReaderConfig{}, four + "=" + ada4, nil, "ada", nil},
		{"v5", session.ReaderConfig{Format: session.AuthJSV5}, five + "=" + ada5, nil, "ada", nil},
		{"other format", session.ReaderConfig{}, five + "=" + ada5, nil, "", session.ErrNone},
		{"other format under this name", session.ReaderConfig{}, four + "=" + ada5, nil, "", session.ErrInvalid},
		{"expired", session.ReaderConfig{}, four + "=" + old, nil, "", session.ErrExpired},
		{"junk", session.ReaderConfig{}, four + "=junk", nil, "", session.ErrInvalid},
		{"own name", session.ReaderConfig{CookieName: "sid"}, "sid=" + ada4, nil, "ada", nil},
		{"own name and salt", session.ReaderConfig{Format: session.AuthJSV5, CookieName: "sid", Salt: five}, "sid=" + ada5, nil, "ada", nil},
		{"own name is the salt", session.ReaderConfig{Format: session.AuthJSV5, CookieName: "sid"}, "sid=" + ada5, nil, "", session.ErrInvalid},
		{"during a migration, old", both, four + "=" + ada4, nil, "ada", nil},
		{"during a migration, new", both, five + "=" + ada5, nil, "ada", nil},
		{"during a migration, one bad", both, four + "=junk; " + five + "=" + ada5, nil, "ada", nil},
		{"during a migration, own format first", both, five + "=" + ada5 + "; " + four + "=" + bob, nil, "bob", nil},
		{"COO-2 secure", session.ReaderConfig{Format: session.AuthJSV5, Secure: true}, v5secure.CookieName() + "=" + sealedFor(t, v5secure, "ada", 60), nil, "ada", nil},
		{"COO-2 insecure name in secure mode", session.ReaderConfig{Secure: true}, four + "=" + ada4, nil, "", session.ErrNone},
		{"COO-3 two of one name", session.ReaderConfig{}, four + "=" + ada4 + "; " + four + "=" + bob, nil, "", session.ErrInvalid},
		{"COO-6 too many cookies", session.ReaderConfig{}, strings.Repeat("a=b;", 1000) + four + "=" + ada4, nil, "", session.ErrInvalid},
		{"SES-9 bearer not asked for", session.ReaderConfig{}, "", []string{"Bearer " + ada4}, "", session.ErrNone},
		{"SES-9 bearer", bearer, "", []string{"Bearer " + ada4}, "ada", nil},
		{"SES-9 bearer percent-encoded", bearer, "", []string{"Bearer " + strings.ReplaceAll(url.PathEscape(ada4), ".", "%2E")}, "ada", nil},
		{"SES-9 bearer badly encoded", bearer, "", []string{"Bearer %E0%A4%A"}, "", session.ErrInvalid},
		{"SES-9 bearer in small letters", bearer, "", []string{"bearer " + ada4}, "", session.ErrNone},
		{"SES-9 basic", bearer, "", []string{"Basic YTpi"}, "", session.ErrNone},
		{"SES-9 bearer twice", bearer, "", []string{"Bearer " + ada4, "Bearer " + bob}, "", session.ErrInvalid},
		{"SES-9 bearer expired", bearer, "", []string{"Bearer " + old}, "", session.ErrExpired},
		{"SES-9 bearer empty", bearer, "", []string{"Bearer "}, "", session.ErrInvalid},
		{"SES-9 cookie before bearer", bearer, four + "=" + ada4, []string{"Bearer " + bob}, "ada", nil},
		{"SES-9 bad cookie doesn't fall back", bearer, four + "=junk", []string{"Bearer " + bob}, "", session.ErrInvalid},
		{"SES-9 conflict doesn't fall back", bearer, four + ".1=junk", []string{"Bearer " + bob}, "", session.ErrInvalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			req, _ := http.NewRequest("GET", "/", nil)
			if row.cookie != "" {
				req.Header.Set("Cookie", row.cookie)
			}
			for _, line := range row.bearer {
				req.Header.Add("Authorization", line)
			}
			got, err := newReader(t, row.config).Read(req)
			if err != row.err || got != nil && got.Subject != row.want || err == nil && got == nil || err != nil && got != nil {
				t.Errorf("got %+v, %v, want %q, %v", got, err, row.want, row.err)
			}
		})
	}
}

func TestReaderConfig(t *testing.T) {
	for name, c := range map[string]session.ReaderConfig{
		"no secret":          {},
		"unknown format":     {Secrets: []string{secretA}, Format: "v6"},
		"unknown also":       {Secrets: []string{secretA}, Also: []session.Format{"v6"}},
		"format twice":       {Secrets: []string{secretA}, Also: []session.Format{session.NextAuthV4}},
		"two under one name": {Secrets: []string{secretA}, CookieName: "authjs.session-token", Also: []session.Format{session.AuthJSV5}},
	} {
		if r, err := session.NewReader(c); err == nil || r != nil {
			t.Errorf("%s: no error", name)
		}
	}
}
