//go:build unix

package command_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/form"
)

// site is a service whose users sign in with the program.
func site(t *testing.T, c *command.Connector, log *record) (base string, client *http.Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base = "http://" + server.Listener.Addr().String()
	service, err := ostiary.New(ostiary.Config{
		URL:     base,
		Secrets: []string{rand.Text() + rand.Text()},
		Providers: []ostiary.Provider{{
			Form:      form.Form{{Name: "username"}, {Name: "password", Type: "password"}},
			Authorize: c.Authorize, HonorsContext: true,
		}},
		Logger:         log.logger(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = service
	server.Start()
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return base + "/api/auth", &http.Client{Jar: jar}
}

// call gets or, with fields, posts.
func call(t *testing.T, client *http.Client, address string, fields map[string]string) (out map[string]any) {
	t.Helper()
	method, body := http.MethodGet, ""
	if fields != nil {
		text, _ := json.Marshal(fields)
		method, body = http.MethodPost, string(text)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	if fields != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %s: %v", address, text, err)
	}
	return out
}

func signIn(t *testing.T, client *http.Client, base string, fields map[string]string) map[string]any {
	t.Helper()
	fields["csrfToken"], _ = call(t, client, base+"/csrf", nil)["csrfToken"].(string)
	fields["json"] = "true"
	return call(t, client, base+"/callback/credentials", fields)
}

// TestThroughTheService signs in as a browser does, in two steps.
func TestThroughTheService(t *testing.T) {
	seen := filepath.Join(t.TempDir(), "seen")
	var log record
	c := connect(t, command.Config{Argv: script(t, `read -r request
echo "$request" >>`+seen+`
case $request in
*'"otp":"123456"},"state":{"who":"jsmith"}'*) echo '{"id":"7","name":"J Smith"}' ;;
*'"password":"open sesame"}'*) echo '{"next":{"code":"sms","fields":[{"name":"otp"}],"state":{"who":"jsmith"}}}'; exit 2 ;;
*) exit 1 ;;
esac`), Logger: log.logger()})
	base, client := site(t, c, &log)
	if got := signIn(t, client, base, map[string]string{"username": "jsmith", "password": "guess"}); got["code"] != "credentials" {
		t.Errorf("a wrong password: got %v", got)
	}
	if got := signIn(t, client, base, map[string]string{"username": "jsmith", "password": "open sesame"}); got["code"] != "sms" {
		t.Fatalf("got %v, want the step", got)
	}
	if got := signIn(t, client, base, map[string]string{"otp": "123456"}); got["code"] != nil {
		t.Fatalf("got %v, want a session", got)
	}
	if user, _ := call(t, client, base+"/session", nil)["user"].(map[string]any); user["name"] != "J Smith" {
		t.Errorf("got user %v", user)
	}
	text, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	end := regexp.MustCompile(`,"client":\{"address":"203\.0\.113\.9"\},"reference":"[^"]{8}"\}$`)
	for line := range strings.Lines(string(text)) {
		if !end.MatchString(strings.TrimSpace(line)) {
			t.Errorf("the program read %s", line)
		}
	}
}

// TestCanary has programs throw back what they read, and reads the whole log and
// every answer.
func TestCanary(t *testing.T) {
	for name, text := range map[string]string{
		"standard error":         `cat >&2; exit 1`,
		"and dies":               `cat >&2; kill -9 $$`,
		"the answer":             `cat`,
		"the answer of exit 2":   `cat; exit 2`,
		"the answer of exit 9":   `cat; exit 9`,
		"the answer of a no":     `cat; exit 1`,
		"an id of another type":  `printf '{"id":['; cat; printf ']}'`,
		"a member":               `printf '{"id":"7","more":'; cat; printf '}'`,
		"a field":                `printf '{"next":{"fields":['; cat; printf ']}}'; exit 2`,
		"too much":               `r=$(cat); while :; do echo "$r"; done`,
		"standard error, a flow": `r=$(cat); for i in $(seq 500); do echo "$i $r"; done >&2; exit 1`,
	} {
		t.Run("LOG-2 "+name, func(t *testing.T) {
			var log record
			c := connect(t, command.Config{Argv: script(t, text), Logger: log.logger()})
			base, client := site(t, c, &log)
			got := signIn(t, client, base, map[string]string{"username": "jsmith", "password": canary})
			answer, _ := json.Marshal(got)
			_ = c.Close()
			if strings.Contains(log.String()+string(answer), "c4n") {
				t.Errorf("the password is in %s or %s", log.String(), answer)
			}
			if got["code"] == nil {
				t.Errorf("signed in: %s", answer)
			}
		})
	}
}
