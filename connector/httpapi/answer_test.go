package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/httpapi"
)

const jsonType = "application/json"

// TestAnswers is the table of HTC-3 and CON-1: what each answer comes down to.
func TestAnswers(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for _, row := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        string
	}{
		{"seed: an object with an id", 200, jsonType, `{"id":"1","name":"J Smith"}`, "user 1"},
		{"a whole number as id", 200, jsonType, `{"id":1}`, "user 1"},
		{"a number keeps its digits", 200, jsonType, `{"id":12345678901234567890}`, "user 12345678901234567890"},
		{"any 2xx", 201, jsonType, `{"id":"1"}`, "user 1"},
		{"a parameter of the media type", 200, "Application/JSON; charset=UTF-8", `{"id":"1"}`, "user 1"},
		{"a +json type", 200, "application/hal+json", `{"id":"1"}`, "user 1"},
		{"unicode in an id", 200, jsonType, `{"id":"üñí-漢-😀"}`, "user üñí-漢-😀"},
		{"seed: null is a no", 200, jsonType, `null`, "refused"},
		{"seed: false is a no", 200, jsonType, ` false `, "refused"},

		{"HTC-3 no body", 200, jsonType, ``, "unavailable"},
		{"HTC-3 204", 204, "", ``, "unavailable"},
		{"HTC-3 array", 200, jsonType, `[{"id":"1"}]`, "unavailable"},
		{"HTC-3 true", 200, jsonType, `true`, "unavailable"},
		{"HTC-3 text", 200, jsonType, `"1"`, "unavailable"},
		{"HTC-3 number", 200, jsonType, `1`, "unavailable"},
		{"HTC-3 HTML", 200, "text/html", `<h1>Welcome</h1>`, "unavailable"},
		{"HTC-3 HTML that says it is JSON", 200, jsonType, `<h1>Welcome</h1>`, "unavailable"},
		{"HTC-3 JSON that says it is HTML", 200, "text/html", `{"id":"1"}`, "unavailable"},
		{"HTC-3 JSON that says it is text", 200, "text/json", `{"id":"1"}`, "unavailable"},
		{"HTC-3 no media type", 200, "", `{"id":"1"}`, "unavailable"},
		{"HTC-3 broken media type", 200, "application/json;;=", `{"id":"1"}`, "unavailable"},
		{"HTC-3 another charset", 200, "application/json; charset=utf-16", `{"id":"1"}`, "unavailable"},
		{"HTC-3 too large", 200, jsonType, `{"id":"1","x":"` + strings.Repeat("x", 64<<10) + `"}`, "unavailable"},
		{"HTC-3 as large as may be", 200, jsonType, pad(`{"id":"1"}`, 64<<10), "user 1"},
		{"HTC-3 one byte more", 200, jsonType, pad(`{"id":"1"}`, 64<<10+1), "unavailable"},
		{"HTC-3 something behind", 200, jsonType, `{"id":"1"}{"id":"2"}`, "unavailable"},
		{"HTC-3 cut off", 200, jsonType, `{"id":"1"`, "unavailable"},
		{"HTC-3 a name twice", 200, jsonType, `{"id":"1","id":"2"}`, "unavailable"},
		{"HTC-3 a name twice, spelled otherwise", 200, jsonType, `{"id":"1","\u0069d":"2"}`, "unavailable"},
		{"HTC-3 a name twice, further in", 200, jsonType, `{"id":"1","a":[{"b":1,"b":2}]}`, "unavailable"},
		{"HTC-3 too deep", 200, jsonType, deep, "unavailable"},
		{"HTC-3 not UTF-8", 200, jsonType, "{\"id\":\"\xff\"}", "unavailable"},
		{"HTC-3 a byte order mark", 200, jsonType, "\ufeff{\"id\":\"1\"}", "unavailable"},

		{"CON-1 no id", 200, jsonType, `{}`, "unavailable"},
		{"CON-1 another case is another name", 200, jsonType, `{"ID":"1"}`, "unavailable"},
		{"CON-1 null as id", 200, jsonType, `{"id":null}`, "unavailable"},
		{"CON-1 empty id", 200, jsonType, `{"id":""}`, "unavailable"},
		{"CON-1 blank id", 200, jsonType, `{"id":" \u00a0"}`, "unavailable"},
		{"CON-1 a fraction as id", 200, jsonType, `{"id":1.5}`, "unavailable"},
		{"CON-1 an exponent as id", 200, jsonType, `{"id":1e3}`, "unavailable"},
		{"CON-1 0, an empty record", 200, jsonType, `{"id":0,"name":""}`, "unavailable"},
		{"CON-1 -0", 200, jsonType, `{"id":-0}`, "unavailable"},
		{"CON-1 true as id", 200, jsonType, `{"id":true}`, "unavailable"},
		{"CON-1 an object as id", 200, jsonType, `{"id":{"$oid":"1"}}`, "unavailable"},
		{"CON-1 a list as id", 200, jsonType, `{"id":["1"]}`, "unavailable"},
		{"CON-1 half a character in an id", 200, jsonType, `{"id":"\ud800"}`, "unavailable"},
		{"CON-1 a line break in an id", 200, jsonType, `{"id":"a\nb"}`, "unavailable"},
		{"CON-1 a very long id", 200, jsonType, `{"id":"` + strings.Repeat("x", 513) + `"}`, "unavailable"},

		{"400", 400, jsonType, `{}`, "refused"},
		{"401 without a body", 401, "", ``, "refused"},
		{"401 with a user", 401, jsonType, `{"id":"1"}`, "refused"},
		{"401 with HTML", 401, "text/html", `<h1>No</h1>`, "refused"},
		{"401 with broken JSON", 401, jsonType, `{"code":`, "refused"},
		{"401 with null", 401, jsonType, `null`, "refused"},
		{"401 too large", 401, jsonType, pad(`{"code":"a"}`, 65<<10), "refused"},
		{"403 with code and sentence", 403, jsonType, `{"code":"locked","message":"Locked until Monday."}`, "refused locked Locked until Monday."},
		{"404", 404, "text/plain", `404 page not found`, "refused"},
		{"409", 409, jsonType, `{"code":"must_change"}`, "refused must_change"},
		{"410", 410, jsonType, `{}`, "refused"},
		{"422 with a problem document", 422, "application/problem+json", `{"code":"x"}`, "refused x"},
		{"423", 423, jsonType, `{}`, "refused"},
		{"another 4xx", 418, jsonType, `{}`, "refused"},
		{"a code of another type is none", 401, jsonType, `{"code":401,"message":["no"]}`, "refused"},
		{"LOG-1 control characters in code and sentence", 401, jsonType, `{"code":"a\nb","message":"two\u001b[31m\nlines"}`, "refused  two [31m lines"},
		{"a code too long is none", 401, jsonType, `{"code":"` + strings.Repeat("x", 65) + `"}`, "refused"},

		{"CON-1 500", 500, jsonType, `{"id":"1"}`, "unavailable"},
		{"CON-1 502", 502, "text/html", `Bad gateway`, "unavailable"},
		{"CON-1 503", 503, "", ``, "unavailable"},
		{"CON-1 599", 599, jsonType, `{}`, "unavailable"},
		{"CON-1 a status that nobody knows", 700, jsonType, `{"id":"1"}`, "unavailable"},
		{"CON-1 304", 304, "", ``, "unavailable"},
		{"405 is about the request", 405, jsonType, `{}`, "unavailable"},
		{"407 is about the request", 407, jsonType, `{}`, "unavailable"},
		{"408 is about the request", 408, jsonType, `{}`, "unavailable"},
		{"413 is about the request", 413, jsonType, `{}`, "unavailable"},
		{"415 is about the request", 415, jsonType, `{"code":"x"}`, "unavailable"},
		{"421 is about the request", 421, jsonType, `{}`, "unavailable"},
		{"425 is about the request", 425, jsonType, `{}`, "unavailable"},
		{"426 is about the request", 426, jsonType, `{}`, "unavailable"},
		{"431 is about the request", 431, jsonType, `{}`, "unavailable"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, httpapi.Config{URL: serve(t, says(row.status, row.contentType, row.body)).URL})
			user, err := authorize(t, c)
			if got := verdict(user, err); got != row.want {
				t.Errorf("got %s, want %s (%v)", got, row.want, err)
			}
			silent(t, err)
		})
	}
}

func pad(text string, size int) string { return text + strings.Repeat(" ", size-len(text)) }

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct{ header, want string }{
		{"", "refused slow 10s"},
		{"7", "refused slow 7s"},
		{"0", "refused slow 1s"},
		{"-5", "refused slow 10s"},
		{"99999999", "refused slow 24h0m0s"},
		{"99999999999999999999", "refused slow 10s"},
		{"soon", "refused slow 10s"},
		{now.Add(90 * time.Second).Format(http.TimeFormat), "refused slow 1m30s"},
		{now.Add(-time.Hour).Format(http.TimeFormat), "refused slow 1s"},
	} {
		t.Run("429 Retry-After "+row.header, func(t *testing.T) {
			endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", row.header)
				says(429, jsonType, `{"code":"slow"}`)(w, r)
			})
			user, err := authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, Now: func() time.Time { return now }}))
			if got := strings.ReplaceAll(verdict(user, err), "  ", " "); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestSuccessStatus(t *testing.T) {
	for status, want := range map[int]string{200: "user 1", 201: "unavailable", 401: "refused"} {
		endpoint := serve(t, says(status, jsonType, `{"id":"1"}`))
		got := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, SuccessStatus: []int{200}})))
		if got != want {
			t.Errorf("HTC-3 status %d where 200 is configured: got %s, want %s", status, got, want)
		}
	}
}

func TestExplicitYes(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"1","ok":true}`:  "user 1",
		`{"id":"1","ok":false}`: "refused",
		`{"id":"1","ok":false,"code":"locked","message":"Ask Ada."}`: "refused locked Ask Ada.",
		`{"id":"1"}`:             "unavailable",
		`{"id":"1","ok":null}`:   "unavailable",
		`{"id":"1","ok":"true"}`: "unavailable",
		`{"id":"1","ok":1}`:      "unavailable",
		`{"id":"1","ok":true,"next":{"fields":[{"name":"otp"}]}}`:      "next  1 ",
		`{"ok":false,"next":{"code":"sms","fields":[{"name":"otp"}]}}`: "next sms 1 ",
		`null`: "refused",
	} {
		endpoint := serve(t, says(200, jsonType, body))
		got := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, Map: httpapi.Map{OK: "ok"}})))
		if got != want {
			t.Errorf("HTC-3 explicit ok field: %s: got %s, want %s", body, got, want)
		}
	}
}
