package httpapi_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

func TestMapping(t *testing.T) {
	for _, row := range []struct {
		name string
		take httpapi.Map
		body string
		want *ostiary.User // nil: unavailable
	}{
		{
			"defaults",
			httpapi.Map{},
			`{"id":1,"name":"J Smith","email":"jsmith@example.com","image":"https://example.com/j.png","groups":["staff","ops"]}`,
			&ostiary.User{ID: "1", Name: "J Smith", Email: "jsmith@example.com", Image: "https://example.com/j.png", Groups: []string{"staff", "ops"}},
		},
		{"picture stands in for image", httpapi.Map{}, `{"id":1,"picture":"/j.png"}`, &ostiary.User{ID: "1", Image: "/j.png"}},
		{"but not where image is named", httpapi.Map{Image: "image"}, `{"id":1,"picture":"/j.png"}`, &ostiary.User{ID: "1"}},
		{"an image that is no address", httpapi.Map{}, `{"id":1,"image":"data:image/png;base64,AAAA"}`, &ostiary.User{ID: "1"}},
		{"an image that is a script", httpapi.Map{}, `{"id":1,"image":"javascript:alert(1)"}`, &ostiary.User{ID: "1"}},
		{"HTC-4 other keys are not copied", httpapi.Map{}, `{"id":1,"sub":"2","role":"admin","exp":9,"__proto__":{}}`, &ostiary.User{ID: "1"}},
		{
			"nested",
			httpapi.Map{ID: "data.user.uid", Name: "data.user.names.0", Groups: "data.roles.*.name"},
			`{"data":{"user":{"uid":"7","names":["Ada","Lovelace"]},"roles":[{"name":"a"},{},{"name":"b"}]}}`,
			&ostiary.User{ID: "7", Name: "Ada", Groups: []string{"a", "b"}},
		},
		{
			"claims",
			httpapi.Map{Claims: map[string]string{"tenant": "org.id", "https://acme.example/n": `https://acme\.example/n`, "gone": "nothing"}},
			`{"id":1,"org":{"id":{"a":[1.50,null,true]}},"https://acme.example/n":12345678901234567890}`,
			&ostiary.User{ID: "1", Claims: map[string]any{
				"tenant": map[string]any{"a": []any{json.Number("1.50"), nil, true}}, "https://acme.example/n": json.Number("12345678901234567890"),
			}},
		},
		{"groups as numbers", httpapi.Map{}, `{"id":1,"groups":[1,"b"]}`, &ostiary.User{ID: "1", Groups: []string{"1", "b"}}},
		{"groups as one text", httpapi.Map{Groups: "role"}, `{"id":1,"role":"admin"}`, &ostiary.User{ID: "1", Groups: []string{"admin"}}},
		{"defaults of another type are unknown", httpapi.Map{}, `{"id":1,"name":5,"email":{},"image":[],"groups":[{"name":"x"}]}`, &ostiary.User{ID: "1"}},
		{"nulls are unknown", httpapi.Map{Name: "name", Groups: "groups"}, `{"id":1,"name":null,"groups":null}`, &ostiary.User{ID: "1"}},
		{"- takes nothing", httpapi.Map{Name: "-", Email: "-", Image: "-", Groups: "-"}, `{"id":1,"name":"a","email":"b","image":"/c","groups":["d"],"-":1}`, &ostiary.User{ID: "1"}},
		{"a named path of another type", httpapi.Map{Name: "name"}, `{"id":1,"name":5}`, nil},
		{"named groups of another type", httpapi.Map{Groups: "groups"}, `{"id":1,"groups":[{"name":"x"}]}`, nil},
		{"named groups with a fraction", httpapi.Map{Groups: "groups"}, `{"id":1,"groups":[1.5]}`, nil},
		{"CON-1 an id that is not where it should be", httpapi.Map{ID: "user.id"}, `{"id":1}`, nil},
		{"CON-1 several ids", httpapi.Map{ID: "users.*.id"}, `{"users":[{"id":1},{"id":2}]}`, nil},
		{"an index beyond the list", httpapi.Map{ID: "users.3.id"}, `{"users":[{"id":1}]}`, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, httpapi.Config{URL: serve(t, says(200, jsonType, row.body)).URL, Map: row.take})
			got, err := authorize(t, c)
			if row.want == nil {
				if v := verdict(got, err); v != "unavailable" {
					t.Fatalf("got %s, want unavailable", v)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, row.want)
			}
		})
	}
}

func TestRefusalMapping(t *testing.T) {
	endpoint := serve(t, says(403, "application/problem+json", `{"error":{"kind":"locked"},"detail":"Your account is locked."}`))
	take := httpapi.Map{Code: "error.kind", Message: "detail"}
	if got, want := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, Map: take}))), "refused locked Your account is locked."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	take = httpapi.Map{Code: "-", Message: "-"}
	if got, want := verdict(authorize(t, connect(t, httpapi.Config{URL: endpoint.URL, Map: take}))), "refused"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
