package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

// heard is a request as the endpoint got it.
type heard struct {
	method, target, host, body string
	length                     int64
	header                     http.Header
}

// listen is an endpoint that says yes and keeps what it was asked.
func listen(t testing.TB, answer string) (address string, last func() heard) {
	requests := make(chan heard, 16)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- heard{r.Method, r.RequestURI, r.Host, string(body), r.ContentLength, r.Header}
		says(200, jsonType, answer)(w, r)
	})
	return server.URL, func() heard {
		select {
		case h := <-requests:
			return h
		default:
			t.Fatal("the endpoint was not asked")
			return heard{}
		}
	}
}

func TestSeedRequest(t *testing.T) {
	address, last := listen(t, `{"id":"1"}`)
	if _, err := authorize(t, connect(t, httpapi.Config{URL: address + "/your/endpoint?v=2"})); err != nil {
		t.Fatal(err)
	}
	got := last()
	if got.method != "POST" || got.target != "/your/endpoint?v=2" || got.header.Get("Content-Type") != jsonType {
		t.Errorf("got %+v", got)
	}
	if want := `{"username":"jsmith","password":"` + canary + `"}`; got.body != want || got.length != int64(len(want)) {
		t.Errorf("got body %s, want %s", got.body, want)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range got.header {
			if !yield(name) {
				return
			}
		}
	})
	if want := "Accept Content-Length Content-Type User-Agent"; strings.Join(names, " ") != want {
		t.Errorf("got headers %v, want %s", names, want)
	}
}

// TestByteForByte sends passwords that something on the way might improve.
func TestByteForByte(t *testing.T) {
	for _, password := range []string{
		" leading and trailing ", "&amp;<script>&lt;", "a+b%20c%zz", `quote " back \ slash \u0041`, "e\u0301 is not \u00e9",
		"\u2028\u2029\u00a0", "😀漢字", "＜ｆｕｌｌ＞", "\ufeff", "\ufffd", "{{id}}", "${HOME}", "null", strings.Repeat("x", 1024),
	} {
		for _, encoding := range []httpapi.Encoding{httpapi.JSON, httpapi.Form} {
			t.Run("PWD-1 HTC-1 "+string(encoding)+" "+password[:min(len(password), 12)], func(t *testing.T) {
				address, last := listen(t, `{"id":"1"}`)
				c := connect(t, httpapi.Config{URL: address + "/login", Encoding: encoding})
				if _, err := c.Authorize(context.Background(), credentials(t, "jsmith", password), nil); err != nil {
					t.Fatal(err)
				}
				request := last()
				if got := sent(t, encoding, request.body)["password"]; got != password {
					t.Errorf("got %q, want %q", got, password)
				}
				if request.target != "/login" || !strings.HasSuffix(address, request.host) {
					t.Errorf("the address is %s at %s", request.target, request.host)
				}
			})
		}
	}
}

// sent decodes a body as an ordinary endpoint does.
func sent(t *testing.T, encoding httpapi.Encoding, body string) map[string]string {
	t.Helper()
	fields := make(map[string]string)
	if encoding == httpapi.JSON {
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			t.Fatal(err)
		}
		return fields
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	for name := range values {
		fields[name] = values.Get(name)
	}
	return fields
}

func TestFieldsAndHeaders(t *testing.T) {
	address, last := listen(t, `{"id":"1"}`)
	c := connect(t, httpapi.Config{
		URL: address, Encoding: httpapi.Form,
		Fields:  map[string]string{"username": "j_username", "password": "p w"},
		Headers: map[string]ostiary.Secret{"authorization": ostiary.NewSecret("Bearer s3cret"), "Accept": ostiary.NewSecret("application/vnd.acme+json")},
	})
	if _, err := c.Authorize(context.Background(), credentials(t, "a&b=c", "x y"), nil); err != nil {
		t.Fatal(err)
	}
	got := last()
	if want := "j_username=a%26b%3Dc&p+w=x+y"; got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer s3cret", "Accept": "application/vnd.acme+json", "Content-Type": "application/x-www-form-urlencoded",
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFieldLeftOut(t *testing.T) {
	address, last := listen(t, `{"id":"1"}`)
	if _, err := authorize(t, connect(t, httpapi.Config{URL: address, Fields: map[string]string{"username": ""}})); err != nil {
		t.Fatal(err)
	}
	if got, want := last().body, `{"password":"`+canary+`"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFieldsThatMeet(t *testing.T) {
	address, _ := listen(t, `{"id":"1"}`)
	user, err := authorize(t, connect(t, httpapi.Config{URL: address, Fields: map[string]string{"username": "password"}}))
	if got := verdict(user, err); got != "unavailable" {
		t.Errorf("two fields under one name: got %s, want unavailable", got)
	}
	silent(t, err)
}
