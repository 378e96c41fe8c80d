package server

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The people of the sample user system.
const (
	samplePassword = "open sesame"
	sampleCode     = "246810"
)

// sampleUser is what the sample user system knows about a person.
type sampleUser struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Groups   []string `json:"groups"`
	withCode bool
}

var sampleUsers = map[string]sampleUser{
	"jsmith": {ID: "1", Name: "J Smith", Email: "jsmith@example.com", Groups: []string{"readers"}},
	"ada":    {ID: "2", Name: "Ada Lovelace", Email: "ada@example.com", Groups: []string{"readers", "engineers"}, withCode: true},
}

// sampleSystem stands for the user system that people already have: one
// endpoint that takes the fields as JSON and answers with the user.
type sampleSystem struct {
	url    string
	server *http.Server
	out    io.Writer // where codes "arrive"

	mu      sync.Mutex
	waiting map[string]waiting // by transaction
}

// waiting is a sign-in that lacks its code.
type waiting struct {
	name  string
	until time.Time
}

func startSampleSystem(ctx context.Context, out io.Writer) (*sampleSystem, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("no loopback port for the sample user system: %w", err)
	}
	s := &sampleSystem{url: "http://" + l.Addr().String() + "/login", out: out, waiting: make(map[string]waiting)}
	s.server = &http.Server{Handler: http.HandlerFunc(s.serveHTTP), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout}
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

// Close stops the sample user system.
func (s *sampleSystem) Close() error { return s.server.Close() }

// sampleRequest is what the endpoint is sent: the fields of the form, or of the
// next step with the state that was handed out.
type sampleRequest struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"code"`
	State    *struct {
		Transaction string `json:"transaction"`
	} `json:"state"`
}

func (s *sampleSystem) serveHTTP(w http.ResponseWriter, r *http.Request) {
	var in sampleRequest
	if id, found := strings.CutPrefix(r.URL.Path, "/people/"); found && r.Method == http.MethodGet {
		lookUpSample(w, id)
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/login" {
		http.NotFound(w, r)
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	status, answer := s.decide(in, time.Now())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // whoever asked may be gone
}

// lookUpSample answers who has an id, without a password: whoever signs in with a
// passkey alone is looked up each time.
func lookUpSample(w http.ResponseWriter, id string) {
	for _, user := range sampleUsers {
		if user.ID == id {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(user) // whoever asked may be gone
			return
		}
	}
	http.Error(w, "nobody has this id", http.StatusNotFound)
}

func (s *sampleSystem) decide(in sampleRequest, now time.Time) (status int, answer any) {
	if in.State != nil {
		return s.decideCode(in, now)
	}
	user, known := sampleUsers[in.Username]
	if subtle.ConstantTimeCompare([]byte(in.Password), []byte(samplePassword)) != 1 || !known {
		return http.StatusUnauthorized, struct{}{}
	}
	if user.withCode {
		return http.StatusOK, s.askForCode(in.Username, "", now)
	}
	return http.StatusOK, user
}

func (s *sampleSystem) decideCode(in sampleRequest, now time.Time) (status int, answer any) {
	s.mu.Lock()
	w, known := s.waiting[in.State.Transaction]
	delete(s.waiting, in.State.Transaction)
	s.mu.Unlock()
	switch {
	case !known || now.After(w.until):
		return http.StatusUnauthorized, struct{}{}
	case subtle.ConstantTimeCompare([]byte(in.Code), []byte(sampleCode)) != 1:
		return http.StatusOK, s.askForCode(w.name, "That was not the code. ", now)
	}
	return http.StatusOK, sampleUsers[w.name]
}

// askForCode "sends" the code to the terminal and answers with the next step.
func (s *sampleSystem) askForCode(name, before string, now time.Time) any {
	transaction := rand.Text()
	s.mu.Lock()
	for id, w := range s.waiting {
		if now.After(w.until) {
			delete(s.waiting, id)
		}
	}
	s.waiting[transaction] = waiting{name, now.Add(5 * time.Minute)}
	s.mu.Unlock()
	fmt.Fprintf(s.out, "  A message to %s: your code is %s\n", name, sampleCode)
	return map[string]any{"next": map[string]any{
		"code": "code_sent", "title": "Check your messages",
		"message": before + "We sent you a code. In this demonstration it is in the terminal, and always " + sampleCode + ".",
		"fields": []map[string]any{{
			"name": "code", "label": "Code", "inputmode": "numeric", "autocomplete": "one-time-code",
			"pattern": "[0-9]{6}", "maxlength": 6, "required": true,
		}},
		"state": map[string]string{"transaction": transaction},
	}}
}
