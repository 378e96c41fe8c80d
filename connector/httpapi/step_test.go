package httpapi_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

func TestNextStep(t *testing.T) {
	body := `{"next":{"code":"sms","title":"Check your phone","message":"We sent a code to …42",
		"fields":[{"name":"otp","label":"Code","inputmode":"numeric","pattern":"[0-9]{6}"},{"name":"trust","type":"checkbox"}],
		"state":{"transaction":"8f14e4","n":12345678901234567890,"<":"&"}}}`
	for _, status := range []int{200, 401, 403} {
		_, err := authorize(t, connect(t, httpapi.Config{URL: serve(t, says(status, jsonType, body)).URL}))
		var step *ostiary.NextStep
		if !errors.As(err, &step) {
			t.Fatalf("%d: got %v, want a next step", status, err)
		}
		if step.Code != "sms" || step.Title != "Check your phone" || step.Sentence != "We sent a code to …42" {
			t.Errorf("%d: got %+v", status, step)
		}
		if len(step.Form) != 2 || step.Form[0].Name != "otp" || step.Form[0].Label != "Code" || step.Form[1].Type != "checkbox" {
			t.Errorf("%d: got form %+v", status, step.Form)
		}
		var state map[string]any
		if err := json.Unmarshal(step.State, &state); err != nil || state["transaction"] != "8f14e4" || !strings.Contains(string(step.State), "12345678901234567890") {
			t.Errorf("%d: got state %s, %v", status, step.State, err)
		}
	}
}

func TestNextStepRows(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"nothing but a button", 200, `{"next":{}}`, "next  0 "},
		{"fields by name, in their order", 200, `{"next":{"fields":{"z":{"label":"Z"},"a":{}}}}`, "next  2 "},
		{"a state that is a text", 401, `{"next":{"code":"c","state":"abc"}}`, `next c 0 "abc"`},
		{"null is no step", 200, `{"id":"1","next":null}`, "user 1"},
		{"a user with a step is not signed in", 200, `{"id":"1","next":{}}`, "next  0 "},
		{"a success with a step of another type", 200, `{"id":"1","next":"/home"}`, "unavailable"},
		{"a refusal with a step of another type", 401, `{"next":"/login","code":"no"}`, "refused no"},
		{"a server error with a step", 500, `{"next":{}}`, "unavailable"},
		{"a field without a name", 200, `{"next":{"fields":[{"label":"x"}]}}`, "unavailable"},
		{"a field that is no object", 200, `{"next":{"fields":["otp"]}}`, "unavailable"},
		{"a named field that is no object", 200, `{"next":{"fields":{"otp":"Code"}}}`, "unavailable"},
		{"fields of another type", 200, `{"next":{"fields":"otp"}}`, "unavailable"},
		{"PAG-3 a dangerous attribute", 200, `{"next":{"fields":[{"name":"a","onclick":"x()"}]}}`, "unavailable"},
		{"a name twice", 200, `{"next":{"fields":[{"name":"a"},{"name":"a"}]}}`, "unavailable"},
		{"a field named state", 200, `{"next":{"fields":[{"name":"state"}]}}`, "unavailable"},
		{"a protocol word", 200, `{"next":{"fields":[{"name":"csrfToken"}]}}`, "unavailable"},
		{"too many fields", 200, `{"next":{"fields":[` + strings.Repeat(`{"name":"a"},`, 64) + `{"name":"a"}]}}`, "unavailable"},
		{"a title of another type", 200, `{"next":{"title":1}}`, "unavailable"},
		{"a state too large", 200, `{"next":{"state":"` + strings.Repeat("x", 1023) + `"}}`, "unavailable"},
		{"a state as large as may be", 200, `{"next":{"state":"` + strings.Repeat("x", 1022) + `"}}`, `next  0 "` + strings.Repeat("x", 1022) + `"`},
		{"LOG-2 a field's value", 200, `{"next":{"fields":[{"name":"a","type":"` + canary + `"}]}}`, "unavailable"},
	} {
		t.Run(row.name, func(t *testing.T) {
			user, err := authorize(t, connect(t, httpapi.Config{URL: serve(t, says(row.status, jsonType, row.body)).URL}))
			if got := verdict(user, err); got != row.want {
				t.Errorf("got %s, want %s: %v", got, row.want, err)
			}
			silent(t, err)
		})
	}
}

func TestNextElsewhere(t *testing.T) {
	endpoint := serve(t, says(200, jsonType, `{"id":"1","next":"/home","challenge":null}`))
	for _, take := range []string{"challenge", "-"} {
		if got := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, Map: httpapi.Map{Next: take}}))); got != "user 1" {
			t.Errorf("next at %q: got %s, want user 1", take, got)
		}
	}
}

// smsEndpoint wants a code after the password, and remembers nothing.
func smsEndpoint(t *testing.T, encoding httpapi.Encoding) (address string, headers chan http.Header) {
	headers = make(chan http.Header, 4)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		body, _ := io.ReadAll(r.Body)
		got := string(body)
		if encoding == httpapi.Form {
			got, _ = url.QueryUnescape(got)
		}
		switch got {
		case `{"username":"jsmith","password":"open sesame"}`, `username=jsmith&password=open sesame`:
			says(200, jsonType, `{"next":{"code":"sms","fields":[{"name":"otp"}],"state":{"who":"jsmith","at":1}}}`)(w, r)
		case `{"otp":"123456","state":{"at":1,"who":"jsmith"}}`, `otp=123456&state={"at":1,"who":"jsmith"}`:
			says(200, jsonType, `{"id":"1","name":"J Smith"}`)(w, r)
		default:
			t.Errorf("the endpoint got %s", got)
			says(401, jsonType, `{}`)(w, r)
		}
	})
	return server.URL, headers
}

// TestThroughTheService signs in as a browser does, in two steps.
func TestThroughTheService(t *testing.T) {
	for _, encoding := range []httpapi.Encoding{httpapi.JSON, httpapi.Form} {
		t.Run(string(encoding), func(t *testing.T) {
			address, headers := smsEndpoint(t, encoding)
			c := connect(t, httpapi.Config{URL: address, Encoding: encoding, ClientIPHeader: "x-forwarded-for", ReferenceHeader: "X-Attempt"})
			server, client := site(t, c, nil)
			site := server.URL + basePath
			first := post(t, client, site, map[string]string{"username": "jsmith", "password": "open sesame"})
			if first["code"] != "sms" {
				t.Fatalf("got %v, want the step", first)
			}
			second := post(t, client, site, map[string]string{"otp": "123456"})
			if second["code"] != nil {
				t.Fatalf("got %v, want a session", second)
			}
			session := get(t, client, site+"/session")
			if user, _ := session["user"].(map[string]any); user["name"] != "J Smith" {
				t.Errorf("got session %v", session)
			}
			for range 2 {
				h := <-headers
				if h.Get("X-Forwarded-For") != "203.0.113.9" || len(h["X-Forwarded-For"]) != 1 || len(h.Get("X-Attempt")) != 8 {
					t.Errorf("the endpoint was told %v", h)
				}
				if h.Get("Cookie") != "" || h.Get("Origin") != "" {
					t.Errorf("headers of the browser came along: %v", h)
				}
			}
		})
	}
}

// TestCanary lets an endpoint throw everything back, and reads the whole log.
func TestCanary(t *testing.T) {
	const header = "canary-header-c2d1"
	for name, throwBack := range map[string]func(w http.ResponseWriter, text string){
		"a refusal":     func(w http.ResponseWriter, text string) { says(401, jsonType, `{"detail":`+text+`}`)(w, nil) },
		"a code":        func(w http.ResponseWriter, text string) { says(401, jsonType, `{"code":`+text+`}`)(w, nil) },
		"an error page": func(w http.ResponseWriter, text string) { says(500, "text/html", text)(w, nil) },
		"broken JSON":   func(w http.ResponseWriter, text string) { says(200, jsonType, `{"id":"1",`+text)(w, nil) },
		"an odd id":     func(w http.ResponseWriter, text string) { says(200, jsonType, `{"id":[`+text+`]}`)(w, nil) },
		"an odd type":   func(w http.ResponseWriter, text string) { says(200, strings.Trim(text, `"{}`), `{"id":"1"}`)(w, nil) },
		"odd fields": func(w http.ResponseWriter, text string) {
			says(200, jsonType, `{"next":{"fields":[`+text+`]}}`)(w, nil)
		},
		"a location": func(w http.ResponseWriter, text string) {
			w.Header().Set("Location", "/?"+url.QueryEscape(text))
			says(302, "", "")(w, nil)
		},
		"no HTTP": func(w http.ResponseWriter, text string) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, text+"\r\n\r\n")
				_ = conn.Close()
			}
		},
	} {
		t.Run("LOG-2 "+name, func(t *testing.T) {
			endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				throwBack(w, string(body)+r.Header.Get("Authorization"))
			})
			c := connect(t, httpapi.Config{URL: endpoint.URL, Headers: map[string]ostiary.Secret{"Authorization": ostiary.NewSecret(header)}})
			var out strings.Builder
			site, client := site(t, c, slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
			post(t, client, site.URL+basePath, map[string]string{"username": "jsmith", "password": canary})
			site.Close() // the log line comes after the answer
			if text := out.String(); strings.Contains(text, canary) || strings.Contains(text, header) || !strings.Contains(text, "cause") {
				t.Errorf("the log: %s", text)
			}
		})
	}
}

const basePath = "/api/auth"

func site(t *testing.T, c *httpapi.Connector, logger *slog.Logger) (server *httptest.Server, client *http.Client) {
	t.Helper()
	server = httptest.NewUnstartedServer(nil)
	service, err := ostiary.New(ostiary.Config{
		URL:     "http://" + server.Listener.Addr().String(),
		Secrets: []string{rand.Text() + rand.Text()},
		Providers: []ostiary.Provider{
			{Name: "Acme", Form: signInForm, Authorize: c.Authorize},
		},
		Logger:         logger,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = service
	server.Start()
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return server, &http.Client{Jar: jar}
}

func post(t *testing.T, client *http.Client, base string, fields map[string]string) map[string]any {
	t.Helper()
	fields["csrfToken"], _ = get(t, client, base+"/csrf")["csrfToken"].(string)
	fields["json"] = "true"
	body, _ := json.Marshal(fields)
	r, err := http.NewRequestWithContext(context.Background(), "POST", base+"/callback/credentials", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", jsonType)
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	return answer(t, client, r)
}

func get(t *testing.T, client *http.Client, address string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, client, r)
}

func answer(t *testing.T, client *http.Client, r *http.Request) map[string]any {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(fmt.Errorf("%s: %s: %w", r.URL, text, err))
	}
	return out
}
