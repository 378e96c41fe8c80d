package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/ostiary/ostiary/connector/httpapi"
)

const benchAnswer = `{"id":"1","name":"J Smith","email":"jsmith@example.com","image":"https://example.com/j.png","groups":["staff","ops"]}`

// BenchmarkFloor is what the seed does, in Go: post JSON with net/http's client
// and decode the answer. BenchmarkAuthorize asks the same server.
func BenchmarkFloor(b *testing.B) {
	address := serve(b, says(200, jsonType, benchAnswer)).URL
	values := credentials(b, "jsmith", canary)
	client := &http.Client{}
	b.ReportAllocs()
	for b.Loop() {
		body, _ := json.Marshal(values.Reveal())
		response, err := client.Post(address, jsonType, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		var user struct {
			ID, Name, Email, Image string
			Groups                 []string
		}
		if err := json.Unmarshal(text, &user); err != nil || user.ID != "1" {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	c := connect(b, httpapi.Config{URL: serve(b, says(200, jsonType, benchAnswer)).URL})
	values := credentials(b, "jsmith", canary)
	b.ReportAllocs()
	for b.Loop() {
		if user, err := c.Authorize(context.Background(), values, nil); err != nil || user.ID != "1" {
			b.Fatal(err)
		}
	}
}
