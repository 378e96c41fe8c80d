package radius_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// browser is somebody at a service whose users sign in with the connector.
type browser struct {
	base   string
	client http.Client
}

func visit(t *testing.T, c *radius.Connector) *browser {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	service, err := ostiary.New(ostiary.Config{
		URL:     base,
		Secrets: []string{rand.Text() + rand.Text()},
		Providers: []ostiary.Provider{{
			Form:      form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: c.Authorize, HonorsContext: true,
		}},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = service
	server.Start()
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return &browser{base: base + "/api/auth", client: http.Client{Jar: jar}}
}

// call gets or, with fields, posts.
func (b *browser) call(t *testing.T, path string, fields map[string]string) (out map[string]any) {
	t.Helper()
	method, body := http.MethodGet, ""
	if fields != nil {
		text, _ := json.Marshal(fields)
		method, body = http.MethodPost, string(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	if fields != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %s: %v", path, text, err)
	}
	return out
}

func (b *browser) submit(t *testing.T, fields map[string]string) map[string]any {
	t.Helper()
	fields["csrfToken"], _ = b.call(t, "/csrf", nil)["csrfToken"].(string)
	fields["json"] = "true"
	return b.call(t, "/callback/credentials", fields)
}

// TestThroughTheService signs in as a browser does, in two steps.
func TestThroughTheService(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{})
	b := visit(t, connect(t, over(s.Addr())))
	if got := b.submit(t, map[string]string{"username": "otto", "password": "guess"}); got["code"] != "credentials" {
		t.Errorf("a wrong password: got %v", got)
	}
	if got := b.submit(t, map[string]string{"username": "otto", "password": right}); got["code"] != "challenge" {
		t.Fatalf("got %v, want the step", got)
	}
	if got := b.submit(t, map[string]string{"answer": "123456"}); got["code"] != nil {
		t.Fatalf("got %v, want a session", got)
	}
	if user, _ := b.call(t, "/session", nil)["user"].(map[string]any); user["name"] != "otto" {
		t.Errorf("got user %v", user)
	}
}

// TestCallingStation: the address is that of the browser, and sent when asked for.
func TestCallingStation(t *testing.T) {
	for _, want := range []string{"", "203.0.113.9"} {
		f := serve(t, always(draft{code: reject}))
		config := over(f.addr())
		config.CallingStation = want != ""
		visit(t, connect(t, config)).submit(t, map[string]string{"username": "ada", "password": right})
		got := ""
		for _, value := range f.requests()[0].values(callers) {
			got += string(value)
		}
		expect(t, "Calling-Station-Id", got, want)
	}
}
