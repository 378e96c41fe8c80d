package webauthn_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/webauthn"
)

// TestSpecification runs the test vectors of Web Authentication, Level 3, section
// 16. Not accepted are those from other origins, of algorithms that we don't
// offer, of a key that Android keeps in software, and those whose maker exists in
// the specification only (tpm, apple).
func TestSpecification(t *testing.T) {
	text, err := os.ReadFile("testdata/specification.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name                         string
		Accepted                     bool
		ID                           string
		Registration, Authentication map[string]string
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	f := open(t, func(c *webauthn.Config) { c.RPID, c.Origins = "example.org", []string{"https://example.org"} })
	bytes := func(text string) string {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	answer := func(id string, from map[string]string, state map[string]any) ostiary.Answer {
		response := map[string]string{}
		for name, value := range from {
			if name != "challenge" {
				response[name] = bytes(value)
			}
		}
		state["challenge"], state["rpId"] = bytes(from["challenge"]), "example.org"
		kept, _ := json.Marshal(state)
		sent, _ := json.Marshal(map[string]any{"id": bytes(id), "rawId": bytes(id), "type": "public-key", "response": response})
		return ostiary.Answer{Person: ada, State: kept, Values: data(t, f, string(sent))}
	}
	offered := []map[string]any{{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -8}, {"type": "public-key", "alg": -257}}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			e, err := f.Finish(ctx, answer(v.ID, v.Registration, map[string]any{"credParams": offered}))
			if (err == nil) != v.Accepted {
				t.Fatalf("registered: %v, want %v: %s", err == nil, v.Accepted, reason(err))
			}
			if !v.Accepted {
				return
			}
			e.ID = "1"
			a := answer(v.ID, v.Authentication, map[string]any{})
			a.Enrolled = []ostiary.Enrolment{*e}
			if _, err := f.Verify(ctx, a); err != nil {
				t.Errorf("not signed in: %s", reason(err))
			}
		})
	}
}
